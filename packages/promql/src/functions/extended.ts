// `anchored` and `smoothed` ranges: the value at the edges of the window is that of the sample before, or
// lies on the line between the samples on either side. Nothing is extrapolated.

import type { Window } from '../evaluate/window.ts'
import { add, areCompatible, subtract } from '../histogram/add.ts'
import { divide, mapNumbers } from '../histogram/arithmetic.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { mixedSchemas, notACounter, notAGauge } from '../histogram/remarks.ts'
import { isReset } from '../histogram/reset.ts'
import type { RangeCall, RangeFunction } from './define.ts'
import { mixedWarning } from './mixed.ts'

type Value = number | FloatHistogram

export interface ExtendedSample {
  readonly time: number
  readonly value: Value
}

/**
 * The samples of an extended window: the one at or before its start, those within, and, of a smoothed one
 * that has none at its very end, the one after. Empty where the window has nothing to go by.
 */
export function extendedSamples(window: Window): ExtendedSample[] {
  const { start, end, lookaround } = window
  const samples = present(sampleBefore(window))
  const within: ExtendedSample[] = []
  for (let i = window.from; i < window.to; i++) within.push(...present(floatAt(window, i)))
  for (let i = window.histogramFrom; i < window.histogramTo; i++) {
    within.push(...present(histogramAt(window, i)))
  }
  within.sort((a, b) => a.time - b.time)
  samples.push(...within)
  if (samples.at(-1)?.time !== end && lookaround.after > 0) {
    samples.push(...present(sampleAfter(window)))
  }
  const isOnlyBefore = (samples.at(-1)?.time ?? start) <= start
  const isOnlyAfter = (samples[0]?.time ?? end) > end
  return isOnlyBefore || isOnlyAfter ? [] : samples
}

/** The last sample at or before the start of a window, if it is near enough. */
export function sampleBefore(window: Window): ExtendedSample | undefined {
  const float = floatAt(window, window.from - 1)
  const histogram = histogramAt(window, window.histogramFrom - 1)
  const isFloat = (float?.time ?? -Infinity) >= (histogram?.time ?? -Infinity)
  const before = isFloat ? float : histogram
  const earliest = window.start - window.lookaround.before
  return before !== undefined && before.time > earliest ? before : undefined
}

/** The first sample after the end of a window, if it is near enough. */
export function sampleAfter(window: Window): ExtendedSample | undefined {
  const float = floatAt(window, window.to)
  const histogram = histogramAt(window, window.histogramTo)
  const isFloat = (float?.time ?? Infinity) <= (histogram?.time ?? Infinity)
  const after = isFloat ? float : histogram
  const latest = window.end + window.lookaround.after
  return after !== undefined && after.time <= latest ? after : undefined
}

function floatAt(window: Window, index: number): ExtendedSample | undefined {
  const time = window.floats.timestamps[index]
  return time === undefined ? undefined : { time, value: window.value(index) }
}

function histogramAt({ histograms }: Window, index: number): ExtendedSample | undefined {
  const [time, value] = [histograms.timestamps[index], histograms.values[index]]
  return time === undefined || value === undefined ? undefined : { time, value }
}

function present(sample: ExtendedSample | undefined): ExtendedSample[] {
  return sample === undefined ? [] : [sample]
}

/** rate, increase and delta of an extended window. */
export function extendedRate(kind: { isCounter: boolean; isRate: boolean }): RangeFunction {
  return (window, call) => {
    const samples = extendedSamples(window)
    if (samples.length === 0 || !areOfOneKind(samples, window, call, kind.isCounter)) {
      return undefined
    }
    const grown = growth(samples, window, kind.isCounter)
    return kind.isRate ? by(grown, (window.end - window.start) / 1000) : grown
  }
}

function growth(
  samples: readonly ExtendedSample[],
  { start, end, lookaround }: Window,
  isCounter: boolean,
): Value {
  const [first] = samples as [ExtendedSample]
  const last = samples.at(-1) as ExtendedSample
  const second = samples[1]
  const beforeLast = samples.at(-2)
  // Before the first sample and after the last one their value holds; and so it does when anchored.
  const isSmoothed = lookaround.after > 0
  const isInterpolated = second !== undefined && first.time < start && isSmoothed
  const left = isInterpolated ? between(first, second, start, isCounter) : first.value
  const right =
    last.time > end && beforeLast !== undefined
      ? between(beforeLast, last, end, isCounter)
      : last.value
  if (typeof left === 'number' && typeof right === 'number') {
    const within = samples.filter(({ time }) => time > start && time < end)
    return right - left + (isCounter ? lostInResets(left, right, within) : 0)
  }
  let grown = minus(right, left)
  for (let i = 1; isCounter && i < samples.length; i++) {
    const [before, sample] = [samples[i - 1] as ExtendedSample, samples[i] as ExtendedSample]
    // An interpolated left edge counts from the reset on already.
    if (i === 1 && isInterpolated) continue
    if (fell(before.value, sample.value)) grown = plus(grown, before.value)
  }
  return typeof grown === 'number' ? grown : { ...grown, counterReset: 'gauge' }
}

/** What a counter had reached each time that it fell, from one edge to the other. */
function lostInResets(left: number, right: number, within: readonly ExtendedSample[]): number {
  let lost = 0
  let previous = left
  for (const value of [...within.map((sample) => Number(sample.value)), right]) {
    if (value < previous) lost += previous
    previous = value
  }
  return lost
}

/** The value between two samples. A counter that fell counts from zero at the first. */
export function between(
  before: ExtendedSample,
  after: ExtendedSample,
  time: number,
  isCounter: boolean,
): Value {
  const [elapsed, distance] = [time - before.time, after.time - before.time]
  if (typeof before.value === 'number' && typeof after.value === 'number') {
    const from = isCounter && after.value < before.value ? 0 : before.value
    return from + ((after.value - from) * elapsed) / distance
  }
  const share = elapsed / distance
  if (isCounter && fell(before.value, after.value)) return times(after.value, share)
  return plus(before.value, times(minus(after.value, before.value), share))
}

function fell(before: Value, after: Value): boolean {
  if (typeof before === 'number' && typeof after === 'number') return after < before
  return typeof before !== 'number' && typeof after !== 'number' && isReset(before, after)
}

function plus(a: Value, b: Value): Value {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) + Number(b)
  return add(a, b).histogram
}

function minus(a: Value, b: Value): Value {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b)
  return subtract(a, b).histogram
}

function times(value: Value, factor: number): Value {
  return typeof value === 'number' ? value * factor : mapNumbers(value, (count) => count * factor)
}

function by(value: Value, divisor: number): Value {
  return typeof value === 'number' ? value / divisor : divide(value, divisor)
}

/** Whether the samples can be reckoned with; if not, it is said why. */
function areOfOneKind(
  samples: readonly ExtendedSample[],
  window: Window,
  { remarks }: RangeCall,
  isCounter: boolean,
): boolean {
  const histograms = samples.flatMap(({ value }) => (typeof value === 'number' ? [] : [value]))
  if (histograms.length === 0) return true
  if (histograms.length < samples.length) {
    remarks.warn(mixedWarning(window))
    return false
  }
  const [first] = histograms as [FloatHistogram]
  if (histograms.some((histogram) => !areCompatible(histogram, first))) {
    mixedSchemas(remarks, window.metricName)
    return false
  }
  const isGauge = ({ counterReset }: FloatHistogram) => counterReset === 'gauge'
  const ends = [first, histograms.at(-1) ?? first]
  if (isCounter && histograms.some(isGauge)) notACounter(remarks, window.metricName)
  if (!isCounter && !ends.every(isGauge)) notAGauge(remarks, window.metricName)
  return true
}
