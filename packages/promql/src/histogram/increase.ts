// How much a native histogram grew between samples.

import type { Window } from '../evaluate/window.ts'
import type { RangeCall } from '../functions/define.ts'
import { overlapsOf, startedAgain, warnOfOverlap } from '../functions/start-times.ts'
import { add, areCompatible, type Combination, subtract } from './add.ts'
import { histogramsOf } from './aggregate.ts'
import { usesCustomBounds } from './bounds.ts'
import { compact } from './compact.ts'
import { EMPTY_HISTOGRAM, type FloatHistogram } from './float-histogram.ts'
import { mixedSchemas, notACounter, notAGauge, reconciledBounds } from './remarks.ts'
import { isReset } from './reset.ts'

/**
 * The growth over a window: a reset means that the counter began again from zero. `fromZero`: it began
 * from zero just before the first sample.
 */
export function histogramIncrease(
  window: Window,
  isCounter: boolean,
  fromZero: boolean,
  { remarks }: RangeCall,
): FloatHistogram | undefined {
  const histograms = histogramsOf(window)
  const [first, second] = histograms
  const last = histograms.at(-1)
  if (first === undefined || last === undefined) return undefined
  if (second === undefined) return fromZero ? first : undefined
  const isResetAt = (i: number) => {
    const [before, after] = [histograms[i - 1], histograms[i]]
    if (before === undefined || after === undefined) return false
    return startedAgain(window.histograms, window.histogramFrom + i) || isReset(before, after)
  }
  // What the first one held does not matter, nor does its layout, if the counter began again.
  const isForgotten = isCounter && isResetAt(1)
  const from = isForgotten ? emptyLike(second) : first
  const mixed = histograms.findIndex(
    (histogram, i) => i > 0 && isCounter && !areCompatible(histogram, from),
  )
  const isMixedAtEnd = !areCompatible(last, from)
  if (isMixedAtEnd || mixed !== -1) {
    // Prometheus forgets what else there is to say, but where it looks at both ends.
    if (isMixedAtEnd && isCounter) remarkCounter(window, [first, last], remarks)
    mixedSchemas(remarks, window.metricName)
    return undefined
  }
  if (isCounter) {
    remarkCounter(window, histograms, remarks)
    const { histogramFrom, histogramTo, metricName } = window
    const overlaps = overlapsOf(window.histograms, histogramFrom, histogramTo)
    if (overlaps.length > 0) warnOfOverlap(metricName, remarks)
  } else remarkGauge(window, [first, last], remarks)
  const noted = (combination: Combination, doing: 'addition' | 'subtraction') => {
    if (combination.reconciledBounds) reconciledBounds(remarks, doing)
    return combination.histogram
  }
  let grown = noted(subtract(last, from), 'subtraction')
  for (let i = isForgotten ? 2 : 1; isCounter && i < histograms.length; i++) {
    const before = histograms[i - 1]
    if (before !== undefined && isResetAt(i)) grown = noted(add(grown, before), 'addition')
  }
  if (fromZero) {
    if (!areCompatible(grown, first)) {
      mixedSchemas(remarks, window.metricName)
      return undefined
    }
    grown = noted(add(grown, first), 'addition')
  }
  return compact({ ...grown, counterReset: 'gauge' })
}

const isGauge = ({ counterReset }: FloatHistogram): boolean => counterReset === 'gauge'

function remarkCounter(
  window: Window,
  histograms: readonly FloatHistogram[],
  remarks: RangeCall['remarks'],
): void {
  if (histograms.some(isGauge)) notACounter(remarks, window.metricName)
}

function remarkGauge(
  window: Window,
  ends: readonly FloatHistogram[],
  remarks: RangeCall['remarks'],
): void {
  if (!ends.every(isGauge)) notAGauge(remarks, window.metricName)
}

/** The growth between two neighbouring samples. */
export function instantIncrease(
  from: FloatHistogram,
  to: FloatHistogram,
  isCounter: boolean,
  /** The counter began again in between, whatever the two look like. */
  hasRestarted: boolean,
  window: Window,
  { remarks }: RangeCall,
): FloatHistogram | undefined {
  const remark = isCounter ? remarkCounter : remarkGauge
  remark(window, [from, to], remarks)
  if (isCounter && (hasRestarted || isReset(from, to)))
    return compact({ ...to, counterReset: 'gauge' })
  if (!areCompatible(from, to)) {
    mixedSchemas(remarks, window.metricName)
    return undefined
  }
  const difference = subtract(to, from)
  if (difference.reconciledBounds) reconciledBounds(remarks, 'subtraction')
  return { ...difference.histogram, counterReset: 'gauge' }
}

function emptyLike(histogram: FloatHistogram): FloatHistogram {
  const { schema, customBounds } = histogram
  const zeroThreshold = usesCustomBounds(histogram) ? 0 : histogram.zeroThreshold
  return { ...EMPTY_HISTOGRAM, schema, customBounds, zeroThreshold }
}
