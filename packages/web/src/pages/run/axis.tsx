// The time axis and the lines that it draws through the rows.

import { useEffect, useRef, useState } from 'react'
import { formatOffset } from '../../model/format.ts'
import { type TimeSpan, ticksOf } from '../../model/layout.ts'

const TICK_PIXELS = 84

export function Axis({ span }: { span: TimeSpan }) {
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
  return (
    <div className="axis" aria-hidden="true">
      <div className="axis-names">Span</div>
      <div className="axis-lane" ref={lane}>
        {ticksOf(span, Math.max(2, Math.floor(width / TICK_PIXELS))).map((tick) => (
          <span key={tick} className="tick number" style={{ left: `${(tick / length) * 100}%` }}>
            {formatOffset(tick)}
          </span>
        ))}
      </div>
    </div>
  )
}

/** Behind the rows: a few lines for the eye, whatever the width. */
export function GridLines({ span }: { span: TimeSpan }) {
  const length = span.end - span.start
  return (
    <div className="grid-lines" aria-hidden="true">
      <div className="grid-lane">
        {ticksOf(span, 8).map((tick) => (
          <span key={tick} style={{ left: `${(tick / length) * 100}%` }} />
        ))}
      </div>
    </div>
  )
}
