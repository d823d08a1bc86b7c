// Parameters as the programs that we stand in for read them: they are written in Go, and so are their durations.

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

/** A decimal integer of 64 bits. */
export function parseGoInteger(text: string, parser = 'ParseInt'): bigint {
  const problem = (what: string) =>
    new SyntaxProblem(`strconv.${parser}: parsing ${JSON.stringify(text)}: ${what}`)
  if (!/^[+-]?\d+$/.test(text)) throw problem('invalid syntax')
  const value = BigInt(text)
  if (value !== BigInt.asIntN(64, value)) throw problem('value out of range')
  return value
}

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

export function parseGoBoolean(text: string): boolean {
  if (TRUE.has(text)) return true
  if (FALSE.has(text)) return false
  throw new SyntaxProblem(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`)
}

export function parseGoFloat(text: string): number {
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text)
  if (/^nan$/i.test(text)) return Number.NaN
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  throw new SyntaxProblem(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`)
}
