// rate, increase and delta of native histograms in `anchored` and `smoothed` ranges.

import type { Window } from '../evaluate/window.ts'
import { add, areCompatible, subtract } from '../histogram/add.ts'
import { divide } from '../histogram/arithmetic.ts'
import { compact } from '../histogram/compact.ts'
import { EMPTY_HISTOGRAM, type FloatHistogram } from '../histogram/float-histogram.ts'
import { mixedSchemas, notACounter, notAGauge, reconciledBounds } from '../histogram/remarks.ts'
import { isReset } from '../histogram/reset.ts'
import { goSeconds } from '../math/seconds.ts'
import { type HistogramPoint, histogramBetween } from './between.ts'
import type { RangeCall, Remarks } from './define.ts'
import { type RateKind, type Span, spanOf } from './extended.ts'

export function extendedHistogramRate(
  window: Window,
  { isCounter, isRate }: RateKind,
  { remarks }: RangeCall,
): FloatHistogram | undefined {
  const { timestamps } = window.histograms
  const span = spanOf(timestamps, window.histogramFrom, window.histogramTo, window)
  if (span === undefined) return undefined
  if (window.isSmoothed && (timestamps[span.first] ?? 0) > window.end) return undefined
  if (!areOfOneKind(window, span, isCounter, remarks)) return undefined
  const left = leftEdge(window, span, isCounter, remarks)
  const right = rightEdge(window, span, isCounter, remarks)
  const isGauge = left.counterReset === 'gauge' && right.counterReset === 'gauge'
  if (!isCounter && !isGauge) notAGauge(remarks, window.metricName)
  const difference = subtract(right, left)
  if (difference.reconciledBounds) reconciledBounds(remarks, 'subtraction')
  let grown = difference.histogram
  const lost = isCounter ? lostInResets(window, span, left, right, remarks) : undefined
  if (lost !== undefined) grown = sum(grown, lost, remarks)
  const all = isRate ? divide(grown, goSeconds(window.end - window.start)) : grown
  return compact({ ...all, counterReset: 'gauge' })
}

function pointAt({ histograms }: Window, index: number): HistogramPoint {
  return {
    time: histograms.timestamps[index] ?? 0,
    value: histograms.values[index] ?? EMPTY_HISTOGRAM,
  }
}

function sum(a: FloatHistogram, b: FloatHistogram, remarks: Remarks): FloatHistogram {
  const { histogram, reconciledBounds: isReconciled } = add(a, b)
  if (isReconciled) reconciledBounds(remarks, 'addition')
  return histogram
}

/** Whether the samples can be reckoned with; if not, it is said why. */
function areOfOneKind(
  window: Window,
  { first, last }: Span,
  isCounter: boolean,
  remarks: Remarks,
): boolean {
  const model = pointAt(window, first).value
  for (let i = first; i <= last; i++) {
    const { value } = pointAt(window, i)
    if (!areCompatible(value, model)) {
      mixedSchemas(remarks, window.metricName)
      return false
    }
    if (isCounter && value.counterReset === 'gauge') notACounter(remarks, window.metricName)
  }
  return true
}

function leftEdge(window: Window, { first }: Span, isCounter: boolean, remarks: Remarks) {
  const point = pointAt(window, first)
  if (!window.isSmoothed || point.time >= window.start) return point.value
  return histogramBetween(point, pointAt(window, first + 1), window.start, isCounter, remarks)
}

function rightEdge(window: Window, { last }: Span, isCounter: boolean, remarks: Remarks) {
  const point = pointAt(window, last)
  const isBeyond = point.time > window.end && last > window.histogramFrom
  if (!window.isSmoothed || !isBeyond) return point.value
  return histogramBetween(pointAt(window, last - 1), point, window.end, isCounter, remarks)
}

/** What a counter had reached each time that it was reset, from one edge to the other. */
function lostInResets(
  window: Window,
  { first, last }: Span,
  left: FloatHistogram,
  right: FloatHistogram,
  remarks: Remarks,
): FloatHistogram | undefined {
  let next = first + 1
  let previous = left
  const [one, two] = [pointAt(window, first), pointAt(window, next)]
  if (window.isSmoothed && one.time < window.start && isReset(one.value, two.value)) {
    // The left edge counts from that reset on.
    previous = two.value
    next++
  }
  // The right edge stands for the last.
  if (next > last) return undefined
  const within: FloatHistogram[] = []
  for (let i = next; i < last; i++) within.push(pointAt(window, i).value)
  let lost: FloatHistogram | undefined
  for (const histogram of [...within, right]) {
    if (isReset(previous, histogram)) {
      lost = lost === undefined ? previous : sum(lost, previous, remarks)
    }
    previous = histogram
  }
  return lost
}
