// The parameters of Jaeger's v3 API: `query.serviceName`, and the snake_case names of before.

import type { TraceQuery } from '../../../store/types.ts'
import { parseGoDuration, SyntaxProblem } from '../../http/go.ts'
import { spanNameOf } from '../model.ts'
import { JaegerV3Error } from './answers.ts'

/** The first of these parameters that has a value. */
export const first = (parameters: URLSearchParams, ...names: string[]): string | undefined =>
  names.map((name) => parameters.get(name)).find((value) => value) ?? undefined

const query = (parameters: URLSearchParams, name: string, ...older: string[]) =>
  first(parameters, `query.${name}`, `query.${snakeCase(name)}`, ...older)

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const DEFAULT_DEPTH = 100

export function readSearch(parameters: URLSearchParams): TraceQuery {
  const start = readTime(parameters, 'startTimeMin')
  const end = readTime(parameters, 'startTimeMax')
  if (start === undefined || end === undefined)
    throw new JaegerV3Error(400, 'query.startTimeMin and query.startTimeMax are required')
  const operation = query(parameters, 'operationName')
  return {
    service: query(parameters, 'serviceName'),
    operation: operation === undefined ? undefined : spanNameOf(operation),
    tags: readAttributes(query(parameters, 'attributes')),
    start,
    end,
    minDuration: readDuration(parameters, 'durationMin'),
    maxDuration: readDuration(parameters, 'durationMax'),
    limit: readDepth(query(parameters, 'searchDepth', 'query.num_traces')),
  }
}

const malformed = (name: string, why: string) =>
  new JaegerV3Error(400, `malformed parameter query.${name}: ${why}`)

const RFC_3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/

/** Unix nanoseconds. */
function readTime(parameters: URLSearchParams, name: string): bigint | undefined {
  // Some clients leave the plus of a time zone unencoded, and it arrives as a space.
  const text = query(parameters, name)?.replace(' ', '+')
  if (text === undefined) return undefined
  const [, date, fraction = '', zone] = RFC_3339.exec(text) ?? []
  const milliseconds = date === undefined ? Number.NaN : Date.parse(`${date}${zone}`)
  if (Number.isNaN(milliseconds))
    throw malformed(name, `${JSON.stringify(text)} is no time of RFC 3339`)
  return BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

function readDuration(parameters: URLSearchParams, name: string): bigint | undefined {
  const text = query(parameters, name)
  if (text === undefined) return undefined
  try {
    return parseGoDuration(text) || undefined
  } catch (error) {
    throw error instanceof SyntaxProblem ? malformed(name, error.message) : error
  }
}

function readDepth(text: string | undefined): number {
  const depth = Number(text ?? DEFAULT_DEPTH)
  if (!Number.isInteger(depth))
    throw malformed('searchDepth', `${JSON.stringify(text)} is no integer`)
  return depth > 0 ? depth : DEFAULT_DEPTH
}

/** A JSON object of texts. */
function readAttributes(json: string | undefined): ReadonlyMap<string, string> {
  if (json === undefined) return new Map()
  let attributes: unknown
  try {
    attributes = JSON.parse(json)
  } catch (error) {
    throw malformed('attributes', error instanceof Error ? error.message : String(error))
  }
  const isObject = typeof attributes === 'object' && attributes !== null
  if (!isObject || Object.values(attributes as object).some((value) => typeof value !== 'string'))
    throw malformed('attributes', 'an object of strings was expected')
  return new Map(Object.entries(attributes as Record<string, string>))
}
