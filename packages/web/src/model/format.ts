// Numbers and times as people read them.

import type { Microseconds } from './telemetry.ts'

/** `850 µs`, `12 ms`, `1.24 s`, `12.3 s`, `2m 05s`, `1h 04m`, `3d 02h`. */
export function formatDuration(duration: Microseconds): string {
  const value = Math.max(0, duration)
  if (value < 1000) return `${Math.round(value)} µs`
  const milliseconds = value / 1000
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`
  const seconds = milliseconds / 1000
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`
  const hours = Math.round(minutes / 60)
  return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`
}

/** The same while it ticks: whole seconds, so that the text does not flicker. */
export function formatTicking(duration: Microseconds): string {
  const seconds = Math.max(0, Math.floor(duration / 1e6))
  if (seconds < 60) return `${seconds} s`
  return formatDuration((seconds * 1e6) as Microseconds)
}

/** An offset on the time axis: `0`, `500 ms`, `1.5 s`, `2:00`, `1:05:00`. */
export function formatOffset(offset: Microseconds): string {
  if (offset === 0) return '0'
  if (offset < 1000) return `${offset} µs`
  if (offset < 1e6) return `${offset / 1000} ms`
  const seconds = offset / 1e6
  if (seconds < 60) return `${seconds} s`
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60
  const rest = two(Math.round(seconds % 60))
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`
}

const two = (value: number) => String(value).padStart(2, '0')

/** `just now`, `12 s ago`, `5 min ago`, `3 h ago`, `yesterday`, `4 d ago`, then the date. */
export function formatAgo(time: Microseconds, now: Microseconds): string {
  const seconds = (now - time) / 1e6
  if (seconds < 5) return 'just now'
  if (seconds < 60) return `${Math.floor(seconds)} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  if (seconds < 7 * 86_400) return `${Math.floor(seconds / 86_400)} d ago`
  return DATE.format(time / 1000)
}

const DATE = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric' })
const EXACT = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
  timeZoneName: 'short',
})
const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
})

/** Date, time and zone of the user, to the millisecond. */
export const formatExact = (time: Microseconds) => EXACT.format(time / 1000)

/** Time of the day of the user, to the millisecond. `time` in nanoseconds. */
export const formatClock = (time: bigint) => CLOCK.format(Number(time / 1_000_000n))

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** `812 B`, `1.4 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(value < 10 ? 1 : 0)} ${BYTE_UNITS[unit]}`
}
