// Functions of templates on times. Where no zone is given it is UTC.

import { define, type TemplateFunction } from '../../../../template/define.ts'
import { formatTime, knownZone, parseTime } from '../../../../template/time.ts'
import { TemplateProblem } from '../../../../template/token.ts'
import { Time, type Value } from '../../../../template/value.ts'

const MILLION = 1_000_000n
const BILLION = 1_000_000_000n

const now = () => new Time(BigInt(Date.now()) * MILLION)

/** Go's zero time, which a text that cannot be read gives. */
const ZERO = new Time(-62_135_596_800n * BILLION)

const dated = (layout: string, value: Value): string => {
  const time =
    typeof value === 'bigint' ? new Time(value * BILLION) : value instanceof Time ? value : now()
  return formatTime(time, layout)
}

/** By the number of its digits: days, seconds, milli-, micro- or nanoseconds. */
function fromEpoch(text: string): Time {
  const unit = { 5: 86_400n * BILLION, 10: BILLION, 13: MILLION, 16: 1000n, 19: 1n }[text.length]
  if (unit === undefined || !/^\d+$/.test(text))
    throw new TemplateProblem(`unable to parse time '${text.slice(0, 100)}'`)
  return new Time(BigInt(text) * unit)
}

/** Whole ones, those before 1970 rounded down. */
const whole = ({ nanoseconds }: Time, unit: bigint): string => {
  const rest = ((nanoseconds % unit) + unit) % unit
  return String((nanoseconds - rest) / unit)
}

export const TIMES: Readonly<Record<string, TemplateFunction>> = {
  now: define([], now),
  date: define(['string', 'any'], dated),
  toDate: define(['string', 'string'], (layout, text) => parseTime(text, layout, 'UTC') ?? ZERO),
  toDateInZone: define(
    ['string', 'string', 'string'],
    (layout, zone, text) => parseTime(text, layout, knownZone(zone)) ?? ZERO,
  ),
  unixEpoch: define(['time'], (time) => whole(time, BILLION)),
  unixEpochMillis: define(['time'], (time) => whole(time, MILLION)),
  unixEpochNanos: define(['time'], ({ nanoseconds }) => String(nanoseconds)),
  unixToTime: define(['string'], fromEpoch),
}
