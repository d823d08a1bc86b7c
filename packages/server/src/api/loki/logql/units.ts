// Quantities in LogQL: durations as Go and Prometheus write them, sizes in bytes.

import { parseGoDuration, SyntaxProblem } from '../../http/go.ts'

const DAY_UNITS: Readonly<Record<string, number>> = { d: 86_400, w: 604_800, y: 31_536_000 }

/** Seconds; undefined for what is no duration. */
export function parseDurationSeconds(text: string): number | undefined {
  let days = 0
  const rest = text.replace(/([\d.]+)([dwy])/g, (_, amount: string, unit: string) => {
    days += Number(amount) * DAY_UNITS[unit]!
    return ''
  })
  if (rest === '' && text !== '') return days
  try {
    return days + Number(parseGoDuration(rest)) / 1e9
  } catch (error) {
    if (error instanceof SyntaxProblem) return undefined
    throw error
  }
}

const SIZES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  pb: 1e15,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
  pib: 2 ** 50,
}

/** Bytes; undefined for what is no size. */
export function parseBytes(text: string): number | undefined {
  const [, amount, unit] = /^([\d.]+) *([a-z]*)$/i.exec(text) ?? []
  const size = unit === undefined ? undefined : SIZES[unit.toLowerCase()]
  return size === undefined || Number.isNaN(Number(amount)) ? undefined : Number(amount) * size
}

/** A plain number; undefined for anything else. */
export function parseNumber(text: string): number | undefined {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isNaN(number) ? undefined : number
}
