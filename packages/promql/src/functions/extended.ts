// `anchored` and `smoothed` ranges: the value at the edges of the window is that of the sample before, or
// lies on the line between the samples on either side. Nothing is extrapolated.

import { firstWhere } from '../evaluate/search.ts'
import type { Window } from '../evaluate/window.ts'
import { goSeconds } from '../math/seconds.ts'
import type { Point } from './between.ts'
import { pointBetween } from './between.ts'
import type { RangeFunction } from './define.ts'
import { extendedHistogramRate } from './extended-histograms.ts'
import { mixedWarning } from './mixed.ts'
import { beganAfter, restarted, type Stamp, startAt } from './start-times.ts'

export interface RateKind {
  /** Counters only grow: a fall is a reset, and none was ever below zero. */
  readonly isCounter: boolean
  readonly isRate: boolean
}

/** Places of samples: the one at or before the start of the window, or else the first; and the last. */
export interface Span {
  readonly first: number
  readonly last: number
}

/** rate, increase and delta of an extended window. */
export function extendedRate(kind: RateKind): RangeFunction {
  return (window, call) => {
    if (window.count === 0) return extendedHistogramRate(window, kind, call)
    if (window.histogramCount === 0) return extendedFloatRate(window, kind)
    call.remarks.warn(mixedWarning(window))
    return undefined
  }
}

/**
 * The span of the samples from one place to another: of a smoothed window it ends with the first sample at or
 * after the window's end. Undefined where none is behind its start.
 */
export function spanOf(
  times: Float64Array,
  from: number,
  to: number,
  window: Window,
): Span | undefined {
  if (from === to) return undefined
  const first = Math.max(from, firstWhere(times, from, to - 1, (time) => time > window.start) - 1)
  const last = window.isSmoothed
    ? firstWhere(times, from, to - 1, (time) => time >= window.end)
    : to - 1
  return (times[last] ?? 0) <= window.start ? undefined : { first, last }
}

function extendedFloatRate(window: Window, { isCounter, isRate }: RateKind): number | undefined {
  const span = spanOf(window.floats.timestamps, window.from, window.to, window)
  if (span === undefined) return undefined
  const first = pointAt(window, span.first)
  if (window.isSmoothed && first.time > window.end) {
    const isInLookback = beganAfter(window.earliest, first) && !beganAfter(window.end, first)
    if (!isCounter || !isInLookback) return undefined
  }
  const left = leftEdge(window, span, isCounter)
  const right = rightEdge(window, span, isCounter)
  const lost = isCounter ? lostInResets(window, span, left, right) : 0
  const grown = right.value - left.value + lost
  return isRate ? grown / goSeconds(window.end - window.start) : grown
}

/** The floats of an extended window, with what they are at its edges: what such a range gives by itself. */
export function extendedPoints(window: Window): Point[] {
  const span = spanOf(window.floats.timestamps, window.from, window.to, window)
  if (span === undefined) return []
  return [
    { time: window.start, value: leftEdge(window, span, false).value },
    ...pointsWithin(window, span),
    { time: window.end, value: rightEdge(window, span, false).value },
  ]
}

interface FloatPoint extends Point, Stamp {}

function pointAt({ floats }: Window, index: number): FloatPoint {
  return {
    time: floats.timestamps[index] ?? 0,
    value: floats.values[index] ?? Number.NaN,
    start: startAt(floats, index),
  }
}

function pointsWithin(window: Window, { first, last }: Span): FloatPoint[] {
  const points: FloatPoint[] = []
  for (let i = first; i <= last; i++) {
    const point = pointAt(window, i)
    if (point.time > window.start && point.time < window.end) points.push(point)
  }
  return points
}

/** What a counter is at an edge, and since when it counts, as far as that is known there. */
interface Edge {
  readonly value: number
  readonly start: number
}

function leftEdge(window: Window, { first }: Span, isCounter: boolean): Edge {
  const { start: edge, earliest, isSmoothed } = window
  const point = pointAt(window, first)
  const start = point.start > edge ? 0 : point.start
  if (point.time === edge) return { value: point.value, start: point.start }
  if (point.time > edge) {
    if (!isCounter || !beganAfter(earliest, point)) return { value: point.value, start }
    // It is known to have begun from zero.
    const isRising = isSmoothed && !beganAfter(edge, point)
    return { value: isRising ? pointBetween(zeroOf(point), point, edge, isCounter) : 0, start }
  }
  const next = pointAt(window, first + 1)
  const [before, after] = isCounter ? aroundReset(point, next, edge) : [point, next]
  return {
    value: isSmoothed ? pointBetween(before, after, edge, isCounter) : before.value,
    start: before === point ? start : next.start,
  }
}

function rightEdge(window: Window, { last }: Span, isCounter: boolean): Edge {
  const { end: edge, earliest, isSmoothed } = window
  const point = pointAt(window, last)
  const start = point.start > edge ? 0 : point.start
  if (point.time <= edge) return { value: point.value, start }
  if (last === window.from) {
    if (!isCounter || !beganAfter(earliest, point)) return { value: point.value, start }
    const isRising = isSmoothed && !beganAfter(edge, point)
    return { value: isRising ? pointBetween(zeroOf(point), point, edge, isCounter) : 0, start }
  }
  const previous = pointAt(window, last - 1)
  const [before, after] = isCounter ? aroundReset(previous, point, edge) : [previous, point]
  return {
    value: isSmoothed ? pointBetween(before, after, edge, isCounter) : before.value,
    start: after === point ? start : previous.start,
  }
}

/** Two neighbours, of which the one beyond a start in between gives way to the zero there. */
function aroundReset(before: FloatPoint, after: FloatPoint, edge: number): readonly [Point, Point] {
  if (beganAfter(edge, after)) return [before, zeroOf(after)]
  return restarted(before, after) ? [zeroOf(after), after] : [before, after]
}

const zeroOf = ({ start }: FloatPoint): Point => ({ time: start, value: 0 })

/** What a counter had reached each time that it fell, from one edge to the other. */
function lostInResets(window: Window, span: Span, left: Edge, right: Edge): number {
  let lost = 0
  let previous: FloatPoint = { ...left, time: window.start }
  for (const point of [...pointsWithin(window, span), { ...right, time: window.end }]) {
    if (point.value < previous.value || restarted(previous, point)) lost += previous.value
    previous = point
  }
  return lost
}
