// New runs wait behind a button while one is reading: scrolled down, pointing at the list, or with the focus in it.

import { type RefObject, useEffect, useState } from 'react'
import type { RunSummary } from '../../model/summary.ts'

const SCROLLED_PIXELS = 40

export function useHeldRuns(runs: readonly RunSummary[], list: RefObject<HTMLElement | null>) {
  const isReading = useIsReading(list)
  /** Start of the newest run that shows, since one began to read. */
  const [newest, setNewest] = useState<number>()
  const top = runs[0]?.start
  if (isReading && newest === undefined && top !== undefined) setNewest(top)
  if (!isReading && newest !== undefined) setNewest(undefined)

  const shown = newest === undefined ? runs : runs.filter(({ start }) => start <= newest)
  return {
    shown,
    waiting: runs.length - shown.length,
    show: () => {
      setNewest(top)
      window.scrollTo({ top: 0 })
    },
  }
}

function useIsReading(list: RefObject<HTMLElement | null>): boolean {
  const [isReading, setReading] = useState(false)
  useEffect(() => {
    const look = () => {
      const element = list.current
      setReading(
        window.scrollY > SCROLLED_PIXELS ||
          (element !== null &&
            (element.matches(':hover') || element.contains(document.activeElement))),
      )
    }
    const events = ['scroll', 'pointerover', 'focusin', 'focusout'] as const
    for (const event of events) window.addEventListener(event, look, { passive: true })
    return () => {
      for (const event of events) window.removeEventListener(event, look)
    }
  }, [list])
  return isReading
}
