// DuckDB's values as JSON: numbers where a double holds them whole, else text; times as ISO 8601 in UTC; bytes in
// base64; maps and structs as objects.

import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUnionValue,
  type DuckDBValue,
} from '@duckdb/node-api'

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

export function jsonOf(value: DuckDBValue): JsonValue {
  switch (typeof value) {
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'object':
      return value === null ? null : jsonOfObject(value)
    default:
      return value
  }
}

function jsonOfObject(value: DuckDBValue & object): JsonValue {
  if (value instanceof DuckDBTimestampTZValue) return isoText(value, `${value.micros}`, 6, 'Z')
  if (value instanceof DuckDBTimestampValue) return isoText(value, `${value.micros}`, 6)
  if (value instanceof DuckDBTimestampNanosecondsValue) return isoText(value, `${value.nanos}`, 9)
  if (value instanceof DuckDBTimestampMillisecondsValue) return isoText(value, `${value.millis}`, 3)
  if (value instanceof DuckDBTimestampSecondsValue) return isoText(value, `${value.seconds}`, 0)
  if (value instanceof DuckDBDecimalValue)
    return value.width <= 15 ? value.toDouble() : value.toString()
  if (value instanceof DuckDBBlobValue) return value.bytes.toBase64()
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue)
    return value.items.map(jsonOf)
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([key, one]) => [key, jsonOf(one)]))
  if (value instanceof DuckDBMapValue)
    return Object.fromEntries(
      value.entries.map(({ key, value: one }) => [keyText(key), jsonOf(one)]),
    )
  if (value instanceof DuckDBUnionValue) return jsonOf(value.value)
  return String(value)
}

function keyText(key: DuckDBValue): string {
  const json = jsonOf(key)
  return typeof json === 'string' ? json : JSON.stringify(json)
}

const NANOSECONDS_A_DAY = 86_400_000_000_000n

/** `count` of 10⁻ᵈⁱᵍⁱᵗˢ seconds since the Unix epoch. What no date of JavaScript's can be is as DuckDB writes it. */
function isoText(value: DuckDBValue, count: string, digits: number, zone = ''): string {
  const nanoseconds = BigInt(count) * 10n ** BigInt(9 - digits)
  const remainder = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  const days = nanoseconds / NANOSECONDS_A_DAY
  if (days > 100_000_000n || days < -100_000_000n) return String(value)
  const whole = new Date(Number((nanoseconds - remainder) / 1_000_000n)).toISOString().slice(0, -5)
  const fraction = remainder === 0n ? '' : `.${String(remainder).padStart(9, '0').slice(0, digits)}`
  return whole + fraction + zone
}

/** About how many bytes it takes: what an answer is bounded by. */
export function sizeOf(value: JsonValue): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return 8
  let size = 2
  for (const [key, one] of Object.entries(value)) size += key.length + sizeOf(one)
  return size
}
