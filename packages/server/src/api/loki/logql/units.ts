// Quantities in LogQL: durations as Go and Prometheus write them, sizes in bytes.

import { parseGoDuration, parseGoFloat, SyntaxProblem } from '../../http/go.ts'

const DAY_UNITS: Readonly<Record<string, number>> = { d: 86_400, w: 604_800, y: 31_536_000 }

/** No quantity is longer; values of labels may be. */
const MAX_LENGTH = 100

/** Seconds; undefined for what is no duration. */
export function parseDurationSeconds(text: string): number | undefined {
  if (text.length > MAX_LENGTH) return undefined
  let days = 0
  const rest = text.replace(/([\d.]+)([dwy])/g, (_, amount: string, unit: string) => {
    days += Number(amount) * DAY_UNITS[unit]!
    return ''
  })
  if (rest === '' && text !== '') return days
  const seconds = parseGoSeconds(rest)
  return seconds === undefined ? undefined : days + seconds
}

/** Seconds of Go's durations, which know neither days nor weeks; undefined for what is none. */
export function parseGoSeconds(text: string): number | undefined {
  if (text.length > MAX_LENGTH) return undefined
  try {
    return Number(parseGoDuration(text)) / 1e9
  } catch (error) {
    if (error instanceof SyntaxProblem) return undefined
    throw error
  }
}

const SIZES: Readonly<Record<string, number>> = Object.fromEntries(
  ['', 'k', 'm', 'g', 't', 'p', 'e'].flatMap((prefix, power) => [
    [prefix, 1000 ** power],
    [`${prefix}b`, 1000 ** power],
    [`${prefix}i`, 1024 ** power],
    [`${prefix}ib`, 1024 ** power],
  ]),
)

/** Bytes; undefined for what is no size. */
export function parseBytes(text: string): number | undefined {
  if (text.length > MAX_LENGTH) return undefined
  const [, amount, unit] = /^([\d.,]+) *([a-z]*)$/i.exec(text) ?? []
  if (amount === undefined || !Object.hasOwn(SIZES, unit!.toLowerCase())) return undefined
  const bytes = parseNumber(amount.replaceAll(',', ''))
  return bytes === undefined ? undefined : Math.trunc(bytes * SIZES[unit!.toLowerCase()]!)
}

/** A plain number; undefined for anything else. */
export function parseNumber(text: string): number | undefined {
  if (text.length > MAX_LENGTH) return undefined
  try {
    return parseGoFloat(text)
  } catch (error) {
    if (error instanceof SyntaxProblem) return undefined
    throw error
  }
}
