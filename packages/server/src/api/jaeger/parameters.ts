// The parameters of Jaeger's v1 API, read as query_parser.go of Jaeger 2.20 reads them.

import {
  parseGoBoolean,
  parseGoDuration,
  parseGoFloat,
  parseGoInteger,
  SyntaxProblem,
} from '../http/go.ts'
import { JaegerError } from './answers.ts'

/** Reads a parameter that may be absent or empty. */
function read<T>(
  parameters: URLSearchParams,
  name: string,
  parse: (text: string) => T,
): T | undefined {
  const text = parameters.get(name)
  if (!text) return undefined
  return explain(`unable to parse param '${name}'`, () => parse(text))
}

function explain<T>(what: string, attempt: () => T): T {
  try {
    return attempt()
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    throw new JaegerError(400, what ? `${what}: ${error.message}` : error.message)
  }
}

/** Microseconds since the Unix epoch, as nanoseconds. */
export const readTime = (parameters: URLSearchParams, name: string): bigint | undefined =>
  read(parameters, name, (text) => parseGoInteger(text) * 1000n)

export const readMilliseconds = (parameters: URLSearchParams, name: string): bigint | undefined =>
  read(parameters, name, (text) => parseGoInteger(text))

/** Nanoseconds. */
export const readDuration = (parameters: URLSearchParams, name: string): bigint | undefined =>
  read(parameters, name, parseGoDuration)

export const readBoolean = (parameters: URLSearchParams, name: string): boolean =>
  read(parameters, name, parseGoBoolean) ?? false

/** Must be there. */
export const requireNumber = (parameters: URLSearchParams, name: string): number =>
  explain(`unable to parse param '${name}'`, () => parseGoFloat(parameters.get(name) ?? ''))

const DEFAULT_LIMIT = 100

export function readLimit(parameters: URLSearchParams): number {
  const text = parameters.get('limit')
  if (!text) return DEFAULT_LIMIT
  const limit = Number(explain('', () => parseGoInteger(text)))
  return limit > 0 ? limit : DEFAULT_LIMIT
}

export function requireService(parameters: URLSearchParams): string {
  const service = parameters.get('service')
  if (!service) throw new JaegerError(400, "parameter 'service' is required")
  return service
}

/** `tag=key:value`, repeated, and `tags={"key":"value"}`. */
export function readTags(parameters: URLSearchParams): ReadonlyMap<string, string> {
  const tags = new Map<string, string>()
  for (const tag of parameters.getAll('tag')) {
    const colon = tag.indexOf(':')
    if (colon < 0)
      throw new JaegerError(400, `malformed 'tag' parameter, expecting key:value, received: ${tag}`)
    tags.set(tag.slice(0, colon), tag.slice(colon + 1))
  }
  for (const json of parameters.getAll('tags')) {
    if (!json) continue
    for (const [key, value] of Object.entries(parseTags(json))) tags.set(key, value)
  }
  return tags
}

function parseTags(json: string): Record<string, string> {
  const malformed = (why: string) =>
    new JaegerError(400, `malformed 'tags' parameter, cannot unmarshal JSON: ${why}`)
  let tags: unknown
  try {
    tags = JSON.parse(json)
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error))
  }
  if (tags === null) return {}
  if (typeof tags !== 'object' || Array.isArray(tags)) throw malformed('an object was expected')
  const wrong = Object.entries(tags).find(([, value]) => typeof value !== 'string')
  if (wrong) throw malformed(`the value of ${JSON.stringify(wrong[0])} must be a string`)
  return tags as Record<string, string>
}

/**
 * A trace id as the store has it: 32 digits, lower case. Shorter ones are padded; undefined for what is no
 * hexadecimal number.
 */
export function readTraceId(text: string): string | undefined {
  if (text.length > 32)
    throw new JaegerError(400, `TraceID cannot be longer than 32 hex characters: ${text}`)
  return /^[0-9a-f]+$/i.test(text) ? text.toLowerCase().padStart(32, '0') : undefined
}
