// Attributes: from plain values to OTLP's, and back to what a reader wants of them.
import type { Attributes, AttributeValue } from '@stepwell/model'
import { base64 } from './base64.ts'
import type { AnyValue, KeyValue } from './types.ts'

/** OTLP's form of `attributes`, in their order. */
export function keyValues(attributes: Attributes): KeyValue[] {
  const list: KeyValue[] = []
  for (const key in attributes) list.push({ key, value: anyValue(attributes[key]!) })
  return list
}

/**
 * OTLP's form of a value: a whole number is an int64, any other a double, as the exporter of OpenTelemetry JS has
 * it. A whole number that an int64 cannot hold is a double.
 */
export function anyValue(value: AttributeValue): AnyValue {
  switch (typeof value) {
    case 'string':
      return { stringValue: value }
    case 'boolean':
      return { boolValue: value }
    case 'number':
      return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63
        ? { intValue: BigInt(value) }
        : { doubleValue: value }
    default:
      return { arrayValue: { values: value.map((stringValue) => ({ stringValue })) } }
  }
}

/** The value of the first attribute of that name; undefined where there is none, or it has no value. */
export function attribute(attributes: readonly KeyValue[], key: string): AnyValue | undefined {
  for (const each of attributes) if (each.key === key) return each.value
  return undefined
}

/** The text of the attribute of that name, as `valueText` has it; undefined where there is none. */
export function attributeText(attributes: readonly KeyValue[], key: string): string | undefined {
  const value = attribute(attributes, key)
  return value && valueText(value)
}

/**
 * A value as text: strings as they are, numbers and booleans as one writes them, bytes in base64, lists and maps
 * as JSON, nothing as ''. What backends show as a tag, a label or a log line.
 */
export function valueText(value: AnyValue): string {
  if ('stringValue' in value) return value.stringValue
  if ('intValue' in value) return String(value.intValue)
  if ('boolValue' in value) return String(value.boolValue)
  if ('doubleValue' in value) return String(value.doubleValue)
  if ('bytesValue' in value) return base64(value.bytesValue)
  return 'arrayValue' in value || 'kvlistValue' in value ? valueJson(value) : ''
}

/** The number that a value is or, as text, looks like; undefined where it is none. */
export function valueNumber(value: AnyValue): number | undefined {
  if ('intValue' in value) return Number(value.intValue)
  if ('doubleValue' in value) return value.doubleValue
  if (!('stringValue' in value) || value.stringValue.trim() === '') return undefined
  const number = Number(value.stringValue)
  return Number.isNaN(number) ? undefined : number
}

/** A value as JSON: integers with all their digits, bytes as base64, what JSON cannot say as null or text. */
function valueJson(value: AnyValue | undefined): string {
  if (value === undefined) return 'null'
  if ('intValue' in value) return String(value.intValue)
  if ('doubleValue' in value && Number.isFinite(value.doubleValue)) return String(value.doubleValue)
  if ('boolValue' in value) return String(value.boolValue)
  if ('arrayValue' in value) return `[${value.arrayValue.values.map(valueJson).join(',')}]`
  if ('kvlistValue' in value) {
    const members = value.kvlistValue.values.map(
      (each) => `${JSON.stringify(each.key)}:${valueJson(each.value)}`,
    )
    return `{${members.join(',')}}`
  }
  return Object.keys(value).length === 0 ? 'null' : JSON.stringify(valueText(value))
}
