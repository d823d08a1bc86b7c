// Numbers as Prometheus reads and writes them.

import { parseDuration } from './duration.ts'

/** The value of a number or duration literal of PromQL (a duration in seconds), else undefined. */
export function parseNumberLiteral(text: string): number | undefined {
  const plain = text.replaceAll('_', '')
  const duration = /[a-z]$/.test(plain) ? parseDuration(plain) : undefined
  if (duration !== undefined) return duration / 1000
  return parseFloatText(plain)
}

/** A float as Go's `strconv.ParseFloat` reads it, or undefined. */
export function parseFloatText(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1
  const unsigned = /^[+-]/.test(text) ? text.slice(1) : text
  const word = unsigned.toLowerCase()
  if (word === 'inf' || word === 'infinity') return sign * Number.POSITIVE_INFINITY
  if (word === 'nan') return Number.NaN
  if (/^0x[0-9a-f]+$/.test(word)) return sign * Number(word)
  const hexadecimal = /^0x([0-9a-f]*)\.?([0-9a-f]*)p([+-]?\d+)$/.exec(word)
  if (hexadecimal !== null) {
    const digits = `${hexadecimal[1]}${hexadecimal[2]}`
    if (digits === '') return undefined
    const exponent = Number(hexadecimal[3]) - 4 * (hexadecimal[2] ?? '').length
    return sign * Number.parseInt(digits, 16) * 2 ** exponent
  }
  if (!/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(word)) return undefined
  return sign * Number(word)
}

/** A sample's value as the HTTP API prints it: Go's format 'f' with the fewest digits. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  if (Object.is(value, -0)) return '-0'
  const text = String(value)
  return text.includes('e') ? expandExponent(text) : text
}

/** A float as Go's `%v` and `%g` print it: exponents below 1e-4 and from 1e6 on. */
export function formatFloat(value: number): string {
  const plain = formatValue(value)
  const magnitude = Math.abs(value)
  if (!Number.isFinite(value) || value === 0 || (magnitude >= 1e-4 && magnitude < 1e6)) {
    return plain
  }
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
}

function expandExponent(text: string): string {
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (match === null) return text
  const [, sign = '', first = '', fraction = ''] = match
  const exponent = Number(match[4])
  const digits = first + fraction
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  return sign + digits.padEnd(exponent + 1, '0')
}
