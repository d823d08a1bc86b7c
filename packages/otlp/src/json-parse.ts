// JSON.parse, except that it keeps all digits of an integer that a double cannot hold: the times of OTLP in
// nanoseconds are such, and many senders write them as bare numbers, which ProtoJSON allows.
import { OtlpDecodeError } from './error.ts'

/** What stands for an integer literal of 16 digits or more: an object with its digits under a name that no field has. */
export const LONG_DIGITS = '\u0000digits'

/**
 * Such a literal may be there: cheap, and wrong only about text in strings that looks like one. (JSON.parse gives
 * a reviver the source text, but in Node only from 21 on, and it is many times slower.)
 */
const MAY_HAVE_LONG = /[:[,]\s*-?\d{16}/
const LONG = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The value of `json`, text or UTF-8, long integers as what `longDigits` takes. @throws {OtlpDecodeError} */
export function parseJson(json: string | Uint8Array): unknown {
  const text = typeof json === 'string' ? json : textOf(json)
  const value = parse(text)
  // Marked only now that it is known to be JSON: each quote that is not escaped begins or ends a string.
  return MAY_HAVE_LONG.test(text) ? parse(markLong(text)) : value
}

/** The digits of a long integer, undefined for any other value. */
export function longDigits(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const digits = (value as { readonly [LONG_DIGITS]?: unknown })[LONG_DIGITS]
  return typeof digits === 'string' ? digits : undefined
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new OtlpDecodeError('not UTF-8', WHOLE)
  }
}

const WHOLE = 'the request'

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new OtlpDecodeError(`not JSON: ${error instanceof Error ? error.message : error}`, WHOLE)
  }
}

/** `text` with each long integer outside of strings replaced by an object that holds its digits. */
function markLong(text: string): string {
  let marked = ''
  let at = 0
  while (at < text.length) {
    const quote = text.indexOf('"', at)
    const start = quote < 0 ? text.length : quote
    marked += text.slice(at, start).replace(LONG, '{"\\u0000digits":"$&"}')
    at = quote < 0 ? text.length : endOfString(text, quote)
    marked += text.slice(start, at)
  }
  return marked
}

/** The place after the quote that ends the string that begins at `quote`. */
function endOfString(text: string, quote: number): number {
  for (let end = text.indexOf('"', quote + 1); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === 92) backslashes++
    if (backslashes % 2 === 0) return end + 1
  }
}
