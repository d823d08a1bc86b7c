// Values as Go's fmt prints them: print, println, and printf with the verbs that make sense of such values.

import { formatTime } from './time.ts'
import { TemplateProblem } from './token.ts'
import { isList, isMap, Time, typeOf, type Value } from './value.ts'

/** `%v` */
export function textOf(value: Value): string {
  if (value === undefined) return '<no value>'
  if (typeof value === 'string') return value
  if (typeof value === 'number') return floatText(value, 'g', -1)
  if (value instanceof Time) return formatTime(value, '2006-01-02 15:04:05.999999999 -0700 MST')
  if (isList(value)) return `[${value.map(innerText).join(' ')}]`
  if (isMap(value))
    return `map[${[...value]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => `${key}:${innerText(inner)}`)
      .join(' ')}]`
  return String(value)
}

const innerText = (value: Value) => (value === undefined ? '<nil>' : textOf(value))

/** A space between two of which neither is a string. */
export const print = (values: readonly Value[]): string =>
  values.reduce<string>((text, value, i) => {
    const spaced = i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string'
    return text + (spaced ? ' ' : '') + innerText(value)
  }, '')

export const println = (values: readonly Value[]): string => `${values.map(innerText).join(' ')}\n`

const VERB =
  /%(?<flags>[-+# 0]*)(?<width>\d+|\*)?(?:\.(?<precision>\d+|\*)?(?<=\.[\d*]*))?(?<verb>.|$)/gsu
const MAX_WIDTH = 10_000

export function printf(format: string, values: readonly Value[]): string {
  let next = 0
  const size = (written: string | undefined): number | undefined => {
    if (written === undefined) return undefined
    const amount = Number(written === '*' ? values[next++] : written)
    if (!(Math.abs(amount) <= MAX_WIDTH))
      throw new TemplateProblem(`printf: a width above ${MAX_WIDTH}`)
    return amount
  }
  const text = format.replace(VERB, (all, ...rest) => {
    const { flags, width, precision, verb } = rest.at(-1) as Record<string, string>
    if (verb === '%') return '%'
    if (verb === '') return '%!(NOVERB)'
    const wide = size(width) ?? 0
    const precise = precision === undefined && all.includes('.') ? 0 : size(precision)
    if (next >= values.length) return `%!${verb}(MISSING)`
    const value = values[next++]
    return pad(formatted(value, verb!, flags!, precise), wide, flags!, value)
  })
  if (next >= values.length) return text
  const extra = values.slice(next).map((value) => `${typeOf(value)}=${innerText(value)}`)
  return `${text}%!(EXTRA ${extra.join(', ')})`
}

function pad(text: string, width: number, flags: string, value: Value): string {
  const missing = Math.abs(width) - [...text].length
  if (missing <= 0) return text
  if (flags.includes('-') || width < 0) return text + ' '.repeat(missing)
  if (!flags.includes('0') || typeof value === 'string') return ' '.repeat(missing) + text
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  return sign + '0'.repeat(missing) + text.slice(sign.length)
}

function formatted(
  value: Value,
  verb: string,
  flags: string,
  precision: number | undefined,
): string {
  const wrong = () => `%!${verb}(${typeOf(value)}=${innerText(value)})`
  const signed = (text: string) =>
    flags.includes('+') && !text.startsWith('-')
      ? `+${text}`
      : flags.includes(' ') && !text.startsWith('-')
        ? ` ${text}`
        : text
  switch (verb) {
    case 'v':
      if (flags.includes('#') && typeof value === 'string') return JSON.stringify(value)
      return typeof value === 'bigint'
        ? signed(String(value))
        : cut(innerText(value), value, precision)
    case 's':
      return isNumeric(value) ? wrong() : cut(innerText(value), value, precision)
    case 'q':
      if (typeof value === 'bigint') return `'${String.fromCodePoint(codePoint(value))}'`
      return typeof value === 'string' ? JSON.stringify(cut(value, value, precision)) : wrong()
    case 't':
      return typeof value === 'boolean' ? String(value) : wrong()
    case 'T':
      return typeOf(value)
    case 'd':
      return typeof value === 'bigint' ? signed(String(value)) : wrong()
    case 'c':
      return typeof value === 'bigint' ? String.fromCodePoint(codePoint(value)) : wrong()
    case 'b':
      return typeof value === 'bigint' ? signed(value.toString(2)) : wrong()
    case 'o':
      return typeof value === 'bigint' ? signed(value.toString(8)) : wrong()
    case 'x':
    case 'X': {
      const text =
        typeof value === 'bigint'
          ? signed((flags.includes('#') ? '0x' : '') + value.toString(16))
          : typeof value === 'string'
            ? Buffer.from(value).toString('hex')
            : wrong()
      return verb === 'X' ? text.toUpperCase() : text
    }
    case 'e':
    case 'f':
    case 'F':
    case 'g':
      return typeof value === 'number'
        ? signed(
            floatText(
              value,
              verb.toLowerCase() as 'e' | 'f' | 'g',
              precision ?? (verb === 'g' ? -1 : 6),
            ),
          )
        : wrong()
    default:
      return wrong()
  }
}

const isNumeric = (value: Value) =>
  typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean'

const cut = (text: string, value: Value, precision: number | undefined) =>
  precision === undefined || typeof value !== 'string'
    ? text
    : [...text].slice(0, precision).join('')

const codePoint = (value: bigint) => (value >= 0n && value <= 0x10ffffn ? Number(value) : 0xfffd)

/** Precision -1 is the shortest text that is still this number. */
export function floatText(value: number, verb: 'e' | 'f' | 'g', precision: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  const twoDigits = (text: string) => text.replace(/e([+-])(\d)$/, 'e$10$2')
  const digits = Math.min(precision, 100)
  if (verb === 'f') return fixed(value, digits)
  if (verb === 'e') return twoDigits(exponential(value, digits))
  if (precision < 0) {
    const exponent = exponentOf(value.toExponential())
    return exponent < -4 || exponent >= 6 ? twoDigits(value.toExponential()) : plain(value)
  }
  // The exponent is that of the rounded number: 9999.9 with 4 digits is 1e+04.
  const rounded = exponential(value, Math.max(digits, 1) - 1)
  const exponent = exponentOf(rounded)
  return exponent < -4 || exponent >= (digits || 1)
    ? twoDigits(Number(rounded).toExponential())
    : plain(Number(rounded))
}

// A number halfway between two texts: JavaScript takes the larger, Go the even one.

function fixed(value: number, digits: number): string {
  // From there on there is no fraction, and JavaScript writes exponents.
  if (Math.abs(value) >= 1e21) return BigInt(value) + (digits > 0 ? `.${'0'.repeat(digits)}` : '')
  return evenOfTie(value.toFixed(100), digits) ?? value.toFixed(digits)
}

function exponential(value: number, digits: number): string {
  const [mantissa, exponent] = value.toExponential(100).split('e')
  const even = evenOfTie(mantissa!, digits)
  return even === undefined ? value.toExponential(digits) : `${even}e${exponent}`
}

/** Of a number of 100 decimals, which is exact enough to tell: its `digits` first, where the others are half of the last and that is even. */
function evenOfTie(exact: string, digits: number): string | undefined {
  const at = exact.length - 100 + digits
  const kept = exact.slice(0, at).replace(/\.$/, '')
  return /^50*$/.test(exact.slice(at)) && /[02468]$/.test(kept) ? kept : undefined
}

const exponentOf = (text: string) => Number(/e(.*)/.exec(text)![1])

/** Without an exponent, which JavaScript writes from 1e-7 downwards. */
const plain = (value: number) => (Object.is(value, -0) ? '-0' : String(value))
