// Parameters as the programs that we stand in for read them: they are written in Go, and so are their durations.

import { parseFloatText } from '@stepwell/promql'

/** A value that could not be read; the message is Go's own, which clients and people know. */
export class SyntaxProblem extends Error {}

const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}

// No part of these can match in two ways: a long text that is none is told at once.
const DURATION = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)[^\d.]+)+$/
const DURATION_PART = /(\d+(?:\.\d*)?|\.\d+)([^\d.]+)/g

/** Nanoseconds of a duration such as `1h15m30.5s` (Go's time.ParseDuration). */
export function parseGoDuration(text: string): bigint {
  if (text === '0') return 0n
  if (!DURATION.test(text)) {
    const missing = /\d$/.test(text)
    throw new SyntaxProblem(
      `time: ${missing ? 'missing unit in' : 'invalid'} duration ${JSON.stringify(text)}`,
    )
  }
  let total = 0n
  for (const [, amount, unit] of text.matchAll(DURATION_PART)) {
    const size = NANOSECONDS[unit!]
    if (size === undefined)
      throw new SyntaxProblem(
        `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`,
      )
    const [whole = '', fraction = ''] = amount!.split('.')
    total += BigInt(whole || '0') * BigInt(size)
    if (fraction) total += BigInt(Math.round(Number(`0.${fraction}`) * size))
  }
  return text.startsWith('-') ? -total : total
}

/** A duration as Go writes it: `-1m30s`, `1.5s`, `500ms`. */
export function formatGoDuration(milliseconds: number): string {
  const size = Math.abs(milliseconds)
  const sign = milliseconds < 0 ? '-' : ''
  if (size === 0) return '0s'
  if (size < 1e-3) return `${sign}${Math.round(size * 1e6)}ns`
  if (size < 1) return `${sign}${rounded(size * 1e3)}µs`
  if (size < 1000) return `${sign}${rounded(size)}ms`
  const hours = Math.floor(size / 3_600_000)
  const minutes = Math.floor(size / 60_000)
  const seconds = `${rounded((size % 60_000) / 1000)}s`
  if (minutes === 0) return sign + seconds
  return `${sign}${hours > 0 ? `${hours}h` : ''}${minutes % 60}m${seconds}`
}

const rounded = (value: number) => Number(value.toPrecision(12))

/** A decimal integer of 64 bits, or fewer. */
export function parseGoInteger(text: string, parser = 'ParseInt', bits = 64): bigint {
  const problem = (what: string) =>
    new SyntaxProblem(`strconv.${parser}: parsing ${JSON.stringify(text)}: ${what}`)
  if (!/^[+-]?\d+$/.test(text)) throw problem('invalid syntax')
  const value = BigInt(text)
  if (value !== BigInt.asIntN(bits, value)) throw problem('value out of range')
  return value
}

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

export function parseGoBoolean(text: string): boolean {
  if (TRUE.has(text)) return true
  if (FALSE.has(text)) return false
  throw new SyntaxProblem(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`)
}

/** A float (strconv.ParseFloat). */
export function parseGoFloat(text: string): number {
  const problem = (what: string) =>
    new SyntaxProblem(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: ${what}`)
  // Hexadecimal digits want their exponent here; underscores stand between digits.
  const isBroken = /^[+-]?0x[^p]*$/i.test(text) || /(^|\D)_|_(\D|$)/.test(text)
  const value = isBroken ? undefined : parseFloatText(text.replaceAll('_', ''))
  if (value === undefined) throw problem('invalid syntax')
  if (!Number.isFinite(value) && /\d/.test(text)) throw problem('value out of range')
  return value
}
