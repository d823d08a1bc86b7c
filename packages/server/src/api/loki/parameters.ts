// The parameters of the Loki API, read as Loki 3.8 reads them (pkg/loghttp/params.go).

import { parseDuration, parseFloatText } from '@stepwell/promql'
import { parseGoInteger, SyntaxProblem } from '../http/go.ts'
import { LokiError } from './answers.ts'

const SECOND = 1_000_000_000n
export const HOUR = 3600n * SECOND

/** Unix nanoseconds of seconds (ten digits or fewer, or with a fraction), nanoseconds, or RFC 3339. */
export function parseTime(text: string): bigint {
  if (/^\d+\.\d+$/.test(text)) {
    const [whole, fraction] = text.split('.') as [string, string]
    // Milliseconds are as far as Loki reads.
    return BigInt(whole) * SECOND + BigInt(Math.round(Number(`0.${fraction}`) * 1000)) * 1_000_000n
  }
  const date = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text)
  if (date) {
    const [, fraction = '', zone] = date
    const seconds = Date.parse(text.slice(0, 19) + zone!) / 1000
    if (!Number.isNaN(seconds))
      return BigInt(seconds) * SECOND + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  }
  const number = parseGoInteger(text)
  return text.length <= 10 ? number * SECOND : number
}

const complain = <T>(attempt: () => T, prefix = ''): T => {
  try {
    return attempt()
  } catch (error) {
    throw error instanceof SyntaxProblem ? new LokiError(prefix + error.message) : error
  }
}

/** The time of an instant query. */
export function readInstant(parameters: URLSearchParams, now: bigint): bigint {
  const text = parameters.get('time')
  return text ? complain(() => parseTime(text)) : now
}

export interface TimeRange {
  /** Unix nanoseconds. */
  readonly start: bigint
  readonly end: bigint
}

/** `end` is now unless given, `start` is `since` before it: `otherwise` nanoseconds unless given. */
export function readRange(
  parameters: URLSearchParams,
  now: bigint,
  otherwise: bigint = HOUR,
): TimeRange {
  const time = (name: string) => {
    const text = parameters.get(name)
    return text
      ? complain(() => parseTime(text), `could not parse '${name}' parameter: `)
      : undefined
  }
  const end = time('end') ?? now
  const since = parameters.get('since')
  const start = time('start') ?? (end < now ? end : now) - (since ? readSince(since) : otherwise)
  return { start, end }
}

function readSince(text: string): bigint {
  const milliseconds = parseDuration(text)
  if (milliseconds === undefined)
    throw new LokiError(
      `could not parse 'since' parameter: not a valid duration string: ${JSON.stringify(text)}`,
    )
  return BigInt(milliseconds) * 1_000_000n
}

/** A range that is not empty. */
export function requireRange(parameters: URLSearchParams, now: bigint): TimeRange {
  const range = readRange(parameters, now)
  if (range.end <= range.start)
    throw new LokiError('end timestamp must not be before or equal to start time')
  return range
}

const DEFAULT_LIMIT = 100
/** Of one answer. */
export const MAX_LINES = 5000

export const readLimit = (parameters: URLSearchParams): number =>
  readPositive(parameters, 'limit', DEFAULT_LIMIT)

/** A count. */
export function readPositive(parameters: URLSearchParams, name: string, otherwise: number): number {
  const text = parameters.get(name)
  if (!text) return otherwise
  const count = complain(() => Number(parseGoInteger(text, 'Atoi')))
  if (count <= 0) throw new LokiError(`${name} must be a positive value`)
  return count
}

const MAX_DELAY = 5

/** Seconds that a live tail waits for what comes late. */
export function readDelay(parameters: URLSearchParams): number {
  const text = parameters.get('delay_for')
  if (!text) return 0
  const seconds = complain(() => Number(parseGoInteger(text, 'Atoi')))
  if (seconds < 0 || seconds > MAX_DELAY)
    throw new LokiError(`delay_for must be between 0 and ${MAX_DELAY}`)
  return seconds
}

export function checkLineLimit(limit: number): number {
  if (limit <= MAX_LINES) return limit
  throw new LokiError(
    `max entries limit per query exceeded, limit > max_entries_limit_per_query (${limit} > ${MAX_LINES})`,
  )
}

export function readDirection(parameters: URLSearchParams): 'forward' | 'backward' {
  const text = parameters.get('direction') || 'backward'
  const direction = text.toLowerCase()
  if (direction !== 'forward' && direction !== 'backward')
    throw new LokiError(`invalid direction '${text}'`)
  return direction
}

const MAX_POINTS = 11_000

/** Milliseconds; a 250th of the range, at least a second, unless given. */
export function readStep(parameters: URLSearchParams, { start, end }: TimeRange): number {
  const milliseconds = Number((end - start) / 1_000_000n)
  const text = parameters.get('step')
  const step = text ? parseStep(text) : Math.max(1, Math.floor(milliseconds / 250_000)) * 1000
  if (step <= 0)
    throw new LokiError(
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    )
  if (milliseconds / step > MAX_POINTS)
    throw new LokiError(
      'exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter',
    )
  return step
}

/** Nanoseconds that are at least between two lines of an answer. */
export function readInterval(parameters: URLSearchParams): bigint {
  const text = parameters.get('interval')
  const milliseconds = text ? parseStep(text) : 0
  if (milliseconds < 0) throw new LokiError('interval must be >= 0')
  return BigInt(milliseconds) * 1_000_000n
}

function parseStep(text: string): number {
  const seconds = parseFloatText(text)
  const milliseconds = seconds === undefined ? parseDuration(text) : Math.round(seconds * 1000)
  if (milliseconds === undefined)
    throw new LokiError(`cannot parse ${JSON.stringify(text)} to a valid duration`)
  return milliseconds
}
