// The parameters of the Prometheus API, read as Prometheus 3 reads them (web/api/v1/api.go).

import { type Matcher, PromqlError, parse, parseDuration, parseFloatText } from '@stepwell/promql'
import { parseGoInteger, SyntaxProblem } from '../http/go.ts'
import { invalidParameter, type PrometheusError } from './answers.ts'

/** Milliseconds since the Unix epoch, of seconds with a fraction or RFC 3339; undefined for neither. */
export function parseTimestamp(text: string): number | undefined {
  const seconds = parseFloatText(text)
  if (seconds !== undefined)
    return Number.isFinite(seconds) ? Math.round(seconds * 1000) : undefined
  const milliseconds = RFC_3339.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(milliseconds) ? undefined : milliseconds
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

/** Milliseconds of seconds with a fraction, or of a duration such as `5m`. */
export function parseStep(text: string): number {
  const seconds = parseFloatText(text)
  const milliseconds = seconds === undefined ? parseDuration(text) : seconds * 1000
  if (milliseconds === undefined || !Number.isFinite(milliseconds))
    throw new SyntaxProblem(`cannot parse ${JSON.stringify(text)} to a valid duration`)
  return Math.trunc(milliseconds)
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

/** Selectors of `match[]`; `complain` makes the error of a wrong one. */
export function readSelectors(
  parameters: URLSearchParams,
  complain: (why: string) => PrometheusError,
): (readonly Matcher[])[] {
  return parameters.getAll('match[]').map((text) => {
    try {
      const expression = parse(text)
      if (expression.kind === 'vectorSelector') return expression.matchers
    } catch (error) {
      if (!(error instanceof PromqlError)) throw error
      throw complain(
        error.message.includes('at least one non-empty matcher')
          ? 'match[] must contain at least one non-empty matcher'
          : error.message,
      )
    }
    throw complain(`${JSON.stringify(text)} is not a series selector`)
  })
}
