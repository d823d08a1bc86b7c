// OTLP values as text, the way that the Collector's pdata library writes them (Value.AsString): Jaeger and Loki
// both show attributes so, and searches by text compare with it.

import type { AnyValue, KeyValue } from '@stepwell/otlp'

export function textOfValue(value: AnyValue | undefined): string {
  if (!value) return ''
  if ('stringValue' in value) return value.stringValue
  if ('boolValue' in value) return String(value.boolValue)
  if ('intValue' in value) return String(value.intValue)
  if ('doubleValue' in value) return textOfDouble(value.doubleValue)
  if ('bytesValue' in value) return value.bytesValue.toBase64()
  if ('arrayValue' in value || 'kvlistValue' in value) return jsonOfValue(value)
  return ''
}

// Go's JSON and ECMAScript's agree on the shortest digits and on where the exponent begins.
function textOfDouble(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}

/** JSON with sorted keys; an int64 has all its digits. */
export function jsonOfValue(value: AnyValue | undefined): string {
  if (!value) return 'null'
  if ('stringValue' in value) return jsonOfString(value.stringValue)
  if ('boolValue' in value) return String(value.boolValue)
  if ('intValue' in value) return String(value.intValue)
  if ('doubleValue' in value) return jsonOfDouble(value.doubleValue)
  if ('bytesValue' in value) return jsonOfString(value.bytesValue.toBase64())
  if ('arrayValue' in value) return `[${value.arrayValue.values.map(jsonOfValue).join(',')}]`
  if ('kvlistValue' in value) return jsonOfMap(value.kvlistValue.values)
  return 'null'
}

// JSON has no NaN and no infinities.
const jsonOfDouble = (value: number) =>
  Number.isFinite(value) ? textOfDouble(value) : jsonOfString(textOfDouble(value))

function jsonOfMap(entries: readonly KeyValue[]): string {
  const last = new Map(entries.map(({ key, value }) => [key, value]))
  const keys = [...last.keys()].sort()
  return `{${keys.map((key) => `${jsonOfString(key)}:${jsonOfValue(last.get(key))}`).join(',')}}`
}

// Go's encoder makes its JSON safe inside HTML.
const UNSAFE = /[<>&\u2028\u2029]/g
function jsonOfString(text: string): string {
  return JSON.stringify(text).replace(
    UNSAFE,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
