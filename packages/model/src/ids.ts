// Identifiers and times as the rest of the code passes them: checked once at the edge, branded after.

/** A W3C trace id: 32 lower-case hexadecimal digits, not all zero. */
export type TraceId = string & { readonly __brand: 'TraceId' }

/** A W3C span id: 16 lower-case hexadecimal digits, not all zero. */
export type SpanId = string & { readonly __brand: 'SpanId' }

/** Nanoseconds, since the Unix epoch or as a duration: a double would lose them. */
export type Nanoseconds = bigint & { readonly __brand: 'Nanoseconds' }

const TRACE_ID = /^[0-9a-f]{32}$/
const SPAN_ID = /^[0-9a-f]{16}$/
const ZEROS = /^0+$/

/** The trace id that `text` is, or undefined where it is none. Upper-case digits are accepted. */
export function parseTraceId(text: string): TraceId | undefined {
  const id = text.toLowerCase()
  return TRACE_ID.test(id) && !ZEROS.test(id) ? (id as TraceId) : undefined
}

/** The span id that `text` is, or undefined where it is none. Upper-case digits are accepted. */
export function parseSpanId(text: string): SpanId | undefined {
  const id = text.toLowerCase()
  return SPAN_ID.test(id) && !ZEROS.test(id) ? (id as SpanId) : undefined
}

const DIGITS = '0123456789abcdef'

/** Whether an id, whole as OTLP carries it or empty, names nothing: all zeros are no id (W3C Trace Context). */
export const isNoId = (id: string): boolean => /^0*$/.test(id)

/** Lower-case hexadecimal of `bytes`. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at++)
    text += DIGITS[bytes[at]! >> 4]! + DIGITS[bytes[at]! & 15]!
  return text
}

function randomId(bytes: number): string {
  const id = crypto.getRandomValues(new Uint8Array(bytes))
  const text = toHex(id)
  // All zeros is the one id that W3C Trace Context forbids.
  return Number.parseInt(text, 16) === 0 ? text.replace(/0$/, '1') : text
}

export const randomTraceId = (): TraceId => randomId(16) as TraceId
export const randomSpanId = (): SpanId => randomId(8) as SpanId

/** Milliseconds (as of `Date.now()` or `performance.timeOrigin + performance.now()`) as nanoseconds. */
export function nanosecondsOfMilliseconds(milliseconds: number): Nanoseconds {
  const whole = Math.floor(milliseconds)
  return (BigInt(whole) * 1_000_000n +
    BigInt(Math.round((milliseconds - whole) * 1e6))) as Nanoseconds
}
