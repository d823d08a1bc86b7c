// One fact about a run in a line of them: a small picture and its value.

import type { ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'

export function Fact({
  icon,
  label,
  children,
}: {
  icon: IconName
  label: string
  children: ReactNode
}) {
  return (
    <span className="fact" title={label}>
      <Icon name={icon} size={13} />
      <span className="visually-hidden">{label} </span>
      <span className="fact-value">{children}</span>
    </span>
  )
}
