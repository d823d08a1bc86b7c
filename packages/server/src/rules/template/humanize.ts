// Numbers as templates of rules show them to people: `humanize` and its kin.

import { parseFloatText } from '@stepwell/promql'
import { floatText, textOf } from '../../template/print.ts'
import { TemplateProblem } from '../../template/token.ts'
import { Time, typeOf, type Value } from '../../template/value.ts'

const four = (value: number) => floatText(value, 'g', 4)

const LARGE = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']
const SMALL = ['', 'm', 'u', 'n', 'p', 'f', 'a', 'z', 'y']
const BINARY = ['', 'ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi']

/** Numbers, and texts of numbers: a label's value may be one. @throws TemplateProblem */
export function floatOf(value: Value): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'string')
    throw new TemplateProblem(`can't convert ${typeOf(value)} to float`)
  const float = parseFloatText(value)
  if (float === undefined)
    throw new TemplateProblem(
      `strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`,
    )
  return float
}

export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return four(value)
  return Math.abs(value) >= 1 ? divided(value, 1000, LARGE) : multiplied(value)
}

export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return four(value)
  return divided(value, 1024, BINARY)
}

export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return four(seconds)
  if (seconds === 0) return `${four(seconds)}s`
  if (Math.abs(seconds) < 1) return `${multiplied(seconds)}s`
  const sign = seconds < 0 ? '-' : ''
  const size = Math.abs(seconds)
  const whole = Math.trunc(size)
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ] as const
  const first = parts.findIndex(([amount]) => amount !== 0)
  if (first === 3) return `${sign}${four(size)}s`
  const shown = parts.slice(first).map(([amount, unit]) => amount + unit)
  return sign + shown.join(' ')
}

export const humanizePercentage = (ratio: number): string => `${four(ratio * 100)}%`

export function humanizeTimestamp(seconds: number): string {
  return Number.isFinite(seconds) ? textOf(timeOf(seconds)) : four(seconds)
}

/** Exact to the millisecond. @throws TemplateProblem */
export function timeOf(seconds: number): Time {
  if (!Number.isFinite(seconds)) throw new TemplateProblem('value is NaN or Inf')
  if (Math.abs(seconds * 1e9) > 2 ** 63)
    throw new TemplateProblem(
      `${textOf(seconds)} cannot be represented as a nanoseconds timestamp since it overflows int64`,
    )
  return new Time(BigInt(Math.trunc(Math.trunc(seconds * 1e9) / 1e6)) * 1_000_000n)
}

function divided(value: number, by: number, units: readonly string[]): string {
  let rest = value
  let unit = 0
  while (Math.abs(rest) >= by && unit < units.length - 1) {
    rest /= by
    unit++
  }
  return four(rest) + units[unit]
}

function multiplied(value: number): string {
  let rest = value
  let unit = 0
  while (Math.abs(rest) < 1 && unit < SMALL.length - 1) {
    rest *= 1000
    unit++
  }
  return four(rest) + SMALL[unit]
}
