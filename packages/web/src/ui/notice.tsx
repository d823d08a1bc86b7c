// What stands where there is nothing else to show: empty, absent, or failed.

import type { ReactNode } from 'react'

export function Notice({
  title,
  tone = 'calm',
  children,
}: {
  title: string
  tone?: 'calm' | 'bad'
  children?: ReactNode
}) {
  return (
    <section className={`notice is-${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      <h2>{title}</h2>
      <div>{children}</div>
    </section>
  )
}
