// A series of a script: `name{label="value"} points…`, the points in their shorthand.

import { add, subtract } from '../histogram/add.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { LabelSet, METRIC_NAME } from '../labels/label-set.ts'
import { parseDuration } from '../text/duration.ts'
import { parseFloatText } from '../text/number.ts'
import { unquote } from '../text/quote.ts'
import { parseHistogram } from './histogram-text.ts'

/** A point: nothing, a value, or the end of the series. */
export type ScriptPoint = number | FloatHistogram | 'stale' | undefined

export interface ScriptSeries {
  readonly labels: LabelSet
  readonly points: readonly ScriptPoint[]
  /** The points are start timestamps of the series, in ms from each sample's time. */
  readonly isStartTimes: boolean
}

const LABELS =
  /^([a-zA-Z_:][\w:]*)?\s*(?:\{(?!\{)((?:[^"'`}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)*)\})?(@st)?/
const LABEL =
  /\s*([a-zA-Z_]\w*|"(?:[^"\\]|\\.)*")\s*(?:=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`))?\s*(?:,|$)/y

/** Parses a line of `load` or of an expected result. */
export function parseSeries(line: string): ScriptSeries {
  const match = LABELS.exec(line)
  const head = match?.[0] ?? ''
  if (/^\{(?!\{)/.test(line.slice(head.length)))
    throw new Error(`labels without an end in "${line}"`)
  if (head.trim() === '') throw new Error(`neither name nor labels in "${line}"`)
  const labels = new Map<string, string>()
  if (match?.[1] !== undefined) labels.set(METRIC_NAME, match[1])
  const inner = match?.[2] ?? ''
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < inner.trimEnd().length) {
    const pair = LABEL.exec(inner)
    if (pair === null) throw new Error(`labels of "${line}"`)
    const name = pair[1] ?? ''
    const bare = name.startsWith('"') ? (unquote(name) ?? '') : name
    if (labels.has(pair[2] === undefined ? METRIC_NAME : bare))
      throw new Error(`label name "${bare}" is not unique`)
    if (pair[2] === undefined) labels.set(METRIC_NAME, bare)
    else labels.set(bare, unquote(pair[2]) ?? '')
  }
  const isStartTimes = match?.[3] !== undefined
  const points = parsePoints(line.slice(head.length), isStartTimes)
  return { labels: LabelSet.from(labels), points, isStartTimes }
}

/** Parses points such as `1+2x3 _x2 stale {{count:1}}x4`. */
export function parsePoints(text: string, areDurations = false): ScriptPoint[] {
  const words = text.match(/(?:\{\{.*?\}\}|[^\s{])+/g) ?? []
  return words.flatMap((word) => (areDurations ? durationPoints(word) : points(word)))
}

function points(word: string): ScriptPoint[] {
  const absent = /^_(?:x(\d+))?$/.exec(word)
  if (absent !== null) return new Array(Number(absent[1] ?? 1)).fill(undefined)
  if (word === 'stale') return ['stale']
  const histogram = /^(\{\{.*?\}\})(?:([+-])(\{\{.*?\}\}))?(?:x(\d+))?$/.exec(word)
  if (histogram !== null) {
    const [, first = '', sign, step, count = '0'] = histogram
    return histogramPoints(first, sign, step, Number(count))
  }
  const float = /^(.+?)(?:x(\d+))?$/.exec(word)
  const count = Number(float?.[2] ?? 0)
  const { start, step } = startAndStep(float?.[1] ?? '', float?.[2] !== undefined)
  const result: number[] = []
  let value = start
  for (let i = 0; i <= count; i++) {
    result.push(value)
    value += step
  }
  return result
}

function startAndStep(text: string, isRepeated: boolean): { start: number; step: number } {
  const whole = parseFloatText(text)
  if (whole !== undefined) return { start: whole, step: 0 }
  if (!isRepeated) throw new Error(`points "${text}"`)
  // The sign between start and step, not one of an exponent.
  const match = /^([+-]?(?:inf|nan|0x[\da-f]+|[\d.]+(?:e[+-]?\d+)?))([+-].*)$/i.exec(text)
  const start = parseFloatText(match?.[1] ?? '')
  const step = parseFloatText(match?.[2] ?? '')
  if (start === undefined || step === undefined) throw new Error(`points "${text}"`)
  return { start, step }
}

function histogramPoints(
  first: string,
  sign: string | undefined,
  step: string | undefined,
  count: number,
): FloatHistogram[] {
  const result: FloatHistogram[] = []
  let value = parseHistogram(first)
  const change = step === undefined ? undefined : parseHistogram(step)
  for (let i = 0; i <= count; i++) {
    result.push(value)
    if (change !== undefined) {
      const { counterReset } = value
      value = { ...(sign === '-' ? subtract : add)(value, change).histogram, counterReset }
    }
  }
  return result
}

/** Start timestamps: durations from the time of the sample, in the same shorthand. */
function durationPoints(word: string): ScriptPoint[] {
  const absent = /^_(?:x(\d+))?$/.exec(word)
  if (absent !== null) return new Array(Number(absent[1] ?? 1)).fill(undefined)
  const match = /^([+-]?)([\da-z]+?)(?:([+-])([\da-z]+?))?(?:x(\d+))?$/.exec(word)
  if (match === null) throw new Error(`start times "${word}"`)
  const signed = (sign: string | undefined, text: string | undefined) =>
    (sign === '-' ? -1 : 1) * (text === undefined ? 0 : (parseDuration(text) ?? 0))
  let value = signed(match[1], match[2])
  const step = signed(match[3], match[4])
  const result: number[] = []
  for (let i = 0; i <= Number(match[5] ?? 0); i++) {
    result.push(value)
    value += step
  }
  return result
}
