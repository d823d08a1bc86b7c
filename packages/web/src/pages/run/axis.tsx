// The time axis and the lines that it draws through the rows.

import { type RefObject, useEffect, useRef, useState } from 'react'
import { formatOffset } from '../../model/format.ts'
import { type TimeSpan, ticksOf } from '../../model/layout.ts'
import type { Microseconds } from '../../model/telemetry.ts'

const TICK_PIXELS = 84

/** Ticks as many as fit into the element, which is measured. */
export function useTicks(span: TimeSpan) {
  const lane = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(600)
  useEffect(() => {
    const element = lane.current
    if (!element) return
    const observer = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const length = span.end - span.start
  const ticks = ticksOf(span, Math.max(2, Math.floor(width / TICK_PIXELS))).map((offset) => ({
    offset,
    left: `${(offset / length) * 100}%`,
  }))
  return { lane, ticks }
}

export interface Tick {
  readonly offset: Microseconds
  readonly left: string
}

export function Axis({
  lane,
  ticks,
}: {
  lane: RefObject<HTMLDivElement | null>
  ticks: readonly Tick[]
}) {
  return (
    <div className="axis" aria-hidden="true">
      <div className="axis-names">Span</div>
      <div className="axis-lane" ref={lane}>
        {ticks.map(({ offset, left }) => (
          <span key={offset} className="tick number" style={{ left }}>
            {formatOffset(offset)}
          </span>
        ))}
      </div>
    </div>
  )
}

export function GridLines({ ticks }: { ticks: readonly Tick[] }) {
  return (
    <div className="grid-lines" aria-hidden="true">
      <div className="grid-lane">
        {ticks.map(({ offset, left }) => (
          <span key={offset} style={{ left }} />
        ))}
      </div>
    </div>
  )
}
