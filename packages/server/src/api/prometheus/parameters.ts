// The parameters of the Prometheus API, read as Prometheus 3 reads them (web/api/v1/api.go).

import { type Matcher, PromqlError, parseDuration, parseSelector } from '@stepwell/promql'
import { parseGoFloat, parseGoInteger, SyntaxProblem } from '../http/go.ts'
import { invalidParameter, PrometheusError } from './answers.ts'

/** The least and the greatest time of Prometheus (ms), which clients send for "all", and how it writes them. */
export const MIN_TIME = -9_223_309_901_257_974
export const MAX_TIME = 9_223_309_901_257_974
const BOUNDS: Readonly<Record<string, number>> = {
  '-292273086-05-16T16:47:06Z': MIN_TIME,
  '292277025-08-18T07:12:54.999999999Z': MAX_TIME,
}

/** Milliseconds since the Unix epoch, of seconds with a fraction or RFC 3339; undefined for neither. */
export function parseTimestamp(text: string): number | undefined {
  const seconds = readFloat(text)
  if (seconds !== undefined) {
    if (!Number.isFinite(seconds)) return undefined
    return Math.min(MAX_TIME, Math.max(MIN_TIME, Math.round(seconds * 1000)))
  }
  return isDate(text) ? Date.parse(text) : BOUNDS[text]
}

/** Date.parse takes the 30th of February for a day in March. */
function isDate(text: string): boolean {
  if (!RFC_3339.test(text)) return false
  const clock = text.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)
  const time = new Date(`${clock}Z`)
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(clock)
}

function readFloat(text: string): number | undefined {
  try {
    return parseGoFloat(text)
  } catch (error) {
    if (error instanceof SyntaxProblem) return undefined
    throw error
  }
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** A time that may be absent. */
export function readTime(parameters: URLSearchParams, name: string, otherwise: number): number {
  const text = parameters.get(name)
  if (!text) return otherwise
  const time = parseTimestamp(text)
  if (time === undefined)
    throw invalidParameter(
      name,
      `invalid time value for '${name}': cannot parse ${JSON.stringify(text)} to a valid timestamp`,
    )
  return time
}

/** A time that must be there. */
export function requireTime(parameters: URLSearchParams, name: string): number {
  const text = parameters.get(name) ?? ''
  const time = parseTimestamp(text)
  if (time === undefined)
    throw invalidParameter(name, `cannot parse ${JSON.stringify(text)} to a valid timestamp`)
  return time
}

/** Milliseconds: as many nanoseconds as 64 bits hold. */
const MAX_DURATION = 2 ** 63 / 1e6

/** Milliseconds of seconds with a fraction, or of a duration such as `5m`. */
export function parseStep(text: string): number {
  const seconds = readFloat(text)
  const milliseconds = seconds === undefined ? parseDuration(text) : seconds * 1000
  if (milliseconds === undefined || (seconds === undefined && milliseconds > MAX_DURATION))
    throw new SyntaxProblem(`cannot parse ${JSON.stringify(text)} to a valid duration`)
  if (!(Math.abs(milliseconds) < MAX_DURATION))
    throw new SyntaxProblem(
      `cannot parse ${JSON.stringify(text)} to a valid duration. It overflows int64`,
    )
  return milliseconds
}

/** A duration; `complain` makes the error of what is wrong. */
export function readDuration(text: string, complain: (why: string) => PrometheusError): number {
  try {
    return parseStep(text)
  } catch (error) {
    throw error instanceof SyntaxProblem ? complain(error.message) : error
  }
}

/** How many results there may be; 0 for all. */
export function readLimit(parameters: URLSearchParams): number {
  const text = parameters.get('limit')
  if (!text) return 0
  let limit: bigint
  try {
    limit = parseGoInteger(text, 'Atoi')
  } catch (error) {
    throw error instanceof SyntaxProblem ? invalidParameter('limit', error.message) : error
  }
  if (limit < 0n) throw invalidParameter('limit', 'limit must be non-negative')
  return Number(limit)
}

/** Another count; negative or absent: no limit. */
export function readNumber(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name)
  if (!text) return undefined
  try {
    const number = parseGoInteger(text)
    return number < 0n ? undefined : Number(number)
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    throw new PrometheusError('bad_data', `${name} must be a number`)
  }
}

/** Selectors of `match[]`; `complain` makes the error of a wrong one. */
export function readSelectors(
  parameters: URLSearchParams,
  complain: (why: string) => PrometheusError,
): (readonly Matcher[])[] {
  return parameters.getAll('match[]').map((text) => readSelector(text, complain))
}

export function readSelector(
  text: string,
  complain: (why: string) => PrometheusError,
): readonly Matcher[] {
  try {
    return parseSelector(text)
  } catch (error) {
    if (!(error instanceof PromqlError)) throw error
    throw complain(
      error.message.includes('at least one non-empty matcher')
        ? 'match[] must contain at least one non-empty matcher'
        : error.message,
    )
  }
}
