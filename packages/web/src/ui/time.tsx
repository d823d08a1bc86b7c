// Times and durations that keep themselves up to date, and say the exact moment on hover.

import { currentTime, useClock } from '../data/clock.ts'
import { formatAgo, formatDuration, formatExact, formatTicking } from '../model/format.ts'
import { fromMilliseconds, type Microseconds, microseconds } from '../model/telemetry.ts'

export function Ago({ time }: { time: Microseconds }) {
  // Seconds are counted below a minute; the slow clock may be a quarter of a minute behind.
  const isRecent = currentTime() - time < fromMilliseconds(120_000)
  const now = useClock(isRecent ? 1000 : 15_000)
  return (
    <time dateTime={new Date(time / 1000).toISOString()} title={formatExact(time)}>
      {formatAgo(time, now)}
    </time>
  )
}

/** A duration; that of something without an end ticks. */
export function Duration({ start, end }: { start: Microseconds; end: Microseconds | undefined }) {
  const now = useClock(1000, end === undefined)
  return (
    <span className="number">
      {end === undefined
        ? formatTicking(microseconds(now - start))
        : formatDuration(microseconds(end - start))}
    </span>
  )
}
