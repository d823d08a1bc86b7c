// Times as flags give them: when something began, when it ended, or how long it took.

import { type Nanoseconds, nanosecondsOfMilliseconds } from '@stepwell/model/ids'
import { type Flag, parseDuration, UsageError } from './flags.ts'

/** Clocks of two machines are not one: so far ahead of ours a time still is no mistake. */
const TOLERANCE_MILLISECONDS = 60_000

export const END_TIME_FLAG: Flag = { name: '--end', value: 'TIME', help: 'when it ended (now)' }

export const TIME_FLAGS: readonly Flag[] = [
  { name: '--start', value: 'TIME', help: 'when it began: RFC 3339, or Unix time in seconds' },
  END_TIME_FLAG,
  { name: '--duration', value: 'TIME', help: 'how long it took, in place of either: 90s, 30m' },
]

const RFC_3339 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:?\d\d)$/
/** From nine digits on, that is from 1973: fewer are a year, or a slip. */
const UNIX_SECONDS = /^(\d{9,13})(?:\.(\d{1,9})\d*)?$/

export const nowNano = (): Nanoseconds =>
  nanosecondsOfMilliseconds(performance.timeOrigin + performance.now())

/** Nanoseconds since the epoch of RFC 3339, of what Go prints, or of Unix seconds; undefined for anything else. */
export function timeOf(text: string): Nanoseconds | undefined {
  const unix = UNIX_SECONDS.exec(text)
  if (unix) return nanoseconds(BigInt(unix[1]!), unix[2])
  // Go prints a time of its own with the zone's name after the offset: `2026-11-22 10:00:00 +0000 UTC`.
  const match = RFC_3339.exec(text.replace(/ ([+-]\d{4}) [A-Z]{1,5}$/, '$1'))
  if (!match) return undefined
  const [, day, time, fraction, zone] = match
  const milliseconds = Date.parse(`${day}T${time}${zone!.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`)
  // OTLP's times begin with 1970; Go's zero time, of what has none, is 1,969 years earlier.
  return milliseconds >= 0 ? nanoseconds(BigInt(milliseconds / 1000), fraction) : undefined
}

const nanoseconds = (seconds: bigint, fraction = '') =>
  (seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'))) as Nanoseconds

/** A time that has been. Throws a `UsageError` that names the flag. */
export function parseTime(flag: string, text: string): Nanoseconds {
  const time = timeOf(text)
  if (time === undefined)
    throw new UsageError(
      `${flag} ${text} is no time: write 2026-11-22T10:00:00Z, or Unix time in seconds`,
    )
  if (isFuture(time))
    throw new UsageError(
      `${flag} ${text} is in the future: a time in the past is wanted, Unix time in seconds`,
    )
  return time
}

const isFuture = (time: Nanoseconds) =>
  time > nowNano() + nanosecondsOfMilliseconds(TOLERANCE_MILLISECONDS)

/** The end of what began at `start`: by clocks that are not one, it may have taken no time. */
export const later = (start: bigint, end: bigint): bigint => (end > start ? end : start)

export interface Times {
  readonly start: Nanoseconds
  readonly end: Nanoseconds
}

/** Of `--start`, `--end` and `--duration`; undefined where none of them is given. Without an end it is now. */
export function timesOf(flags: ReadonlyMap<string, string>): Times | undefined {
  const duration = flags.get('--duration')
  const [from, to] = [timeFlag(flags, '--start'), timeFlag(flags, '--end')]
  if (duration === undefined) {
    if (from === undefined && to === undefined) return undefined
    if (from === undefined)
      throw new UsageError('--end alone says not when it began: add --start or --duration')
    return inOrder({ start: from, end: to ?? nowNano() })
  }
  if (from !== undefined && to !== undefined)
    throw new UsageError('--start, --end and --duration: two of them are enough')
  const long = nanosecondsOfMilliseconds(parseDuration('--duration', duration))
  const end = to ?? (from === undefined ? nowNano() : ((from + long) as Nanoseconds))
  return inOrder({ start: from ?? ((end - long) as Nanoseconds), end })
}

export const timeFlag = (flags: ReadonlyMap<string, string>, name: string) => {
  const text = flags.get(name)
  return text === undefined ? undefined : parseTime(name, text)
}

function inOrder(times: Times): Times {
  if (isFuture(times.end))
    throw new UsageError('--start and --duration end in the future: what has ended is reported')
  if (times.end >= times.start) return times
  throw new UsageError('--end is before --start: it ends after it begins')
}
