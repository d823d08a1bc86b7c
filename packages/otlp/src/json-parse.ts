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
const LONG_LENGTH = 16
const LONG = /(?<![\d.eE+-])-?[1-9]\d{15,}(?![\d.eE])/g

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The value of `json`, text or UTF-8, long integers as what `longDigits` takes. @throws {OtlpDecodeError} */
export function parseJson(json: string | Uint8Array): unknown {
  const text = typeof json === 'string' ? json : textOf(json)
  // One value in place of another: what was no JSON before is none after.
  return parse(MAY_HAVE_LONG.test(text) ? markLong(text) : text)
}

/** Of an object or a list, and of one member more, in memory, about. */
const OBJECT_BYTES = 48
const MEMBER_BYTES = 16

/** What the values of `json` take in memory when parsed, but for the text in them, about. */
export function parsedBytes(json: Uint8Array): number {
  let bytes = 0
  let isString = false
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]
    if (isString) {
      if (byte === CODE['\\']) at++
      else if (byte === CODE['"']) isString = false
    } else if (byte === CODE['"']) isString = true
    else if (byte === CODE['{'] || byte === CODE['[']) bytes += OBJECT_BYTES
    else if (byte === CODE[',']) bytes += MEMBER_BYTES
  }
  return bytes
}

const CODE = { '"': 0x22, ',': 0x2c, '[': 0x5b, '\\': 0x5c, '{': 0x7b } as const

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
  let copied = 0
  let at = 0
  while (at < text.length) {
    const quote = text.indexOf('"', at)
    const start = quote < 0 ? text.length : quote
    // Between most strings there is no more than a colon or a comma.
    if (start - at >= LONG_LENGTH) {
      marked += text.slice(copied, at)
      marked += text.slice(at, start).replace(LONG, '{"\\u0000digits":"$&"}')
      copied = start
    }
    at = quote < 0 ? text.length : endOfString(text, quote)
  }
  return marked + text.slice(copied)
}

/** The place after the quote that ends the string that begins at `quote`; the end of the text where none does. */
function endOfString(text: string, quote: number): number {
  for (let end = text.indexOf('"', quote + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === 92) backslashes++
    if (backslashes % 2 === 0) return end + 1
  }
  return text.length
}
