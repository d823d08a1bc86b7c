// Go's way to write and read times: a layout is the moment 2006-01-02 15:04:05 -0700, written as one likes it.

import { Time } from './value.ts'

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
]
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

const PIECE =
  /2006|January|Monday|Jan|Mon|MST|002|__2|_2006|_2|01|02|03|04|05|06|15|PM|pm|Z07:00:00|Z07:00|Z0700|Z07|-07:00:00|-07:00|-0700|-07|[.,]0+(?!\d)|[.,]9+(?!\d)|1|2|3|4|5/g

interface Clock {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  /** Seconds east of UTC. */
  readonly offset: number
  readonly weekday: number
  readonly dayOfYear: number
}

const two = (number: number) => String(number).padStart(2, '0')

export function formatTime(time: Time, layout: string): string {
  const clock = clockOf(time)
  return layout.replace(PIECE, (piece) => formatPiece(piece, clock, time.zone))
}

function formatPiece(piece: string, clock: Clock, zone: string): string {
  const hour = clock.hour % 12 || 12
  switch (piece) {
    case '2006':
      return String(clock.year).padStart(4, '0')
    case '_2006':
      return `_${String(clock.year).padStart(4, '0')}`
    case '06':
      return two(clock.year % 100)
    case '01':
      return two(clock.month)
    case '1':
      return String(clock.month)
    case 'Jan':
      return MONTHS[clock.month - 1]!.slice(0, 3)
    case 'January':
      return MONTHS[clock.month - 1]!
    case '02':
      return two(clock.day)
    case '_2':
      return String(clock.day).padStart(2, ' ')
    case '2':
      return String(clock.day)
    case '002':
      return String(clock.dayOfYear).padStart(3, '0')
    case '__2':
      return String(clock.dayOfYear).padStart(3, ' ')
    case 'Mon':
      return DAYS[clock.weekday]!.slice(0, 3)
    case 'Monday':
      return DAYS[clock.weekday]!
    case '15':
      return two(clock.hour)
    case '03':
      return two(hour)
    case '3':
      return String(hour)
    case '04':
      return two(clock.minute)
    case '4':
      return String(clock.minute)
    case '05':
      return two(clock.second)
    case '5':
      return String(clock.second)
    case 'PM':
      return clock.hour < 12 ? 'AM' : 'PM'
    case 'pm':
      return clock.hour < 12 ? 'am' : 'pm'
    case 'MST':
      return zone === 'UTC' ? 'UTC' : zoneName(clock, zone)
  }
  if (/^[.,]/.test(piece)) {
    const digits = String(clock.nanosecond)
      .padStart(9, '0')
      .slice(0, piece.length - 1)
    const kept = piece[1] === '9' ? digits.replace(/0+$/, '') : digits
    return kept && piece[0] + kept
  }
  return piece.startsWith('Z') && clock.offset === 0 ? 'Z' : offsetText(clock.offset, piece)
}

function offsetText(offset: number, piece: string): string {
  const total = Math.abs(offset)
  const parts = [two(Math.floor(total / 3600)), two(Math.floor(total / 60) % 60), two(total % 60)]
  const length = piece.replace(/[^0]/g, '').length >= 3 ? (piece.match(/00/g)?.length ?? 0) + 1 : 1
  return (offset < 0 ? '-' : '+') + parts.slice(0, length).join(piece.includes(':') ? ':' : '')
}

function zoneName(clock: Clock, zone: string): string {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'short' })
  const at = new Date(Date.UTC(clock.year, clock.month - 1, clock.day, clock.hour, clock.minute))
  return format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? zone
}

/** A year beyond what a Date can hold is shown as its nearest. */
const LAST = 8_640_000_000_000_000

function clockOf({ nanoseconds, zone }: Time): Clock {
  const milliseconds = Number((nanoseconds - floorMod(nanoseconds, 1_000_000n)) / 1_000_000n)
  const bounded = Math.max(-LAST, Math.min(LAST, milliseconds))
  const offset = offsetAt(bounded, zone)
  const date = new Date(bounded + offset * 1000)
  const january = Date.UTC(date.getUTCFullYear(), 0, 1)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond: Number(floorMod(nanoseconds, 1_000_000_000n)),
    offset,
    weekday: date.getUTCDay(),
    dayOfYear: Math.floor((date.getTime() - january) / 86_400_000) + 1,
  }
}

const floorMod = (number: bigint, by: bigint) => ((number % by) + by) % by

const formats = new Map<string, Intl.DateTimeFormat>()

/** Seconds east of UTC. */
function offsetAt(milliseconds: number, zone: string): number {
  if (zone === 'UTC') return 0
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    if (formats.size < 1000) formats.set(zone, format)
  }
  const name = format.formatToParts(milliseconds).find(({ type }) => type === 'timeZoneName')
  const [, sign, hours, minutes, seconds = '0'] =
    /([+-])(\d+):(\d+)(?::(\d+))?/.exec(name?.value ?? '') ?? []
  if (!sign) return 0
  return Number(`${sign}1`) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds))
}

/** The zone, or UTC where nobody knows it. */
export function knownZone(zone: string): string {
  if (zone === '' || zone === 'Local' || zone === 'UTC') return 'UTC'
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    return 'UTC'
  }
}

/** Each further piece may double the ways in which a text could follow the layout. */
const MAX_LAYOUT = 64

/** Undefined where the text does not follow the layout. Without an offset it is the zone's own time. */
export function parseTime(text: string, layout: string, zone: string): Time | undefined {
  if (layout.length > MAX_LAYOUT) return undefined
  const names: string[] = []
  let from = 0
  let pattern = ''
  for (const match of layout.matchAll(PIECE)) {
    pattern += escaped(layout.slice(from, match.index)) + patternOf(match[0])
    names.push(match[0])
    from = match.index + match[0].length
    // A fraction may follow the seconds even where the layout has none.
    if (/^0?5$/.test(match[0]) && !/^[.,][09]/.test(layout.slice(from))) {
      pattern += '(?:[.,](\\d+))?'
      names.push('.9')
    }
  }
  const values = new RegExp(`^${pattern}${escaped(layout.slice(from))}$`).exec(text)?.slice(1)
  return values && assembled(names, values, zone)
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')

function patternOf(piece: string): string {
  if (/^[.,]/.test(piece))
    return piece[1] === '9' ? '(?:[.,](\\d+))?' : `[.,](\\d{${piece.length - 1}})`
  if (piece === '2006') return '(\\d{4})'
  if (/^(Jan|Mon)/.test(piece)) return '([A-Za-z]+)'
  if (piece === 'MST') return '([A-Z]{3,5}|[+-]\\d\\d(?:\\d\\d)?)'
  if (/^pm$/i.test(piece)) return '([AaPp][Mm])'
  if (piece.startsWith('Z')) return '(Z|[+-]\\d\\d(?::?\\d\\d)*)'
  if (piece.startsWith('-')) return '([+-]\\d\\d(?::?\\d\\d)*)'
  if (piece === '002' || piece === '__2') return ' *(\\d{1,3})'
  return piece.length === 2 && piece[0] === '0' ? '(\\d\\d)' : ' *(\\d{1,2})'
}

function assembled(
  names: readonly string[],
  values: readonly (string | undefined)[],
  zone: string,
): Time | undefined {
  let [year, month, day, hour, minute, second] = [1, 1, 1, 0, 0, 0]
  let nanosecond = 0n
  let afternoon: boolean | undefined
  let offset: number | undefined
  for (const [i, name] of names.entries()) {
    const value = values[i] ?? ''
    const number = Number(value)
    if (name === '2006') year = number
    else if (name === '06') year = number + (number < 69 ? 2000 : 1900)
    else if (name === '01' || name === '1') month = number
    else if (name === 'Jan' || name === 'January')
      month = MONTHS.findIndex((one) => one.slice(0, name === 'Jan' ? 3 : 20) === value) + 1
    else if (name === '02' || name === '2' || name === '_2') day = number
    else if (name === '002' || name === '__2') [month, day] = [1, number]
    else if (name === '15' || name === '03' || name === '3') hour = number
    else if (name === '04' || name === '4') minute = number
    else if (name === '05' || name === '5') second = number
    else if (/^pm$/i.test(name)) afternoon = /^p/i.test(value)
    else if (/^[.,]/.test(name)) nanosecond = BigInt(value.slice(0, 9).padEnd(9, '0'))
    else if (/^(Z0|-0)/.test(name)) offset = offsetOf(value)
    else if (name === 'MST' && value === 'UTC') offset = 0
  }
  if (afternoon !== undefined) hour = (hour % 12) + (afternoon ? 12 : 0)
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59)
    return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second)
  const local = date.getTime()
  const shift = offset ?? offsetAt(local - offsetAt(local, zone) * 1000, zone)
  return new Time(BigInt(local - shift * 1000) * 1_000_000n + nanosecond, zone)
}

function offsetOf(text: string): number {
  if (text === 'Z') return 0
  const [hours = 0, minutes = 0, seconds = 0] = (text.match(/\d\d/g) ?? []).map(Number)
  return Number(`${text[0]}1`) * (hours * 3600 + minutes * 60 + seconds)
}
