// double_exponential_smoothing: level and trend of a window (Holt's method).

import { executionError } from '../error.ts'
import type { Window } from '../evaluate/window.ts'
import { type CallEvaluator, rangeFunction } from './define.ts'
import { ofFloats } from './over-time.ts'

export const doubleExponentialSmoothing: CallEvaluator = rangeFunction((window, call) => {
  const [smoothing = Number.NaN, trend = Number.NaN] = call.parameters
  checkFactor('smoothing', 'sf', smoothing)
  checkFactor('trend', 'tf', trend)
  return ofFloats((floats) => (floats.count < 2 ? undefined : smooth(floats, smoothing, trend)))(
    window,
    call,
  )
})

function checkFactor(name: string, symbol: string, factor: number): void {
  if (factor > 0 && factor < 1) return
  throw executionError(
    `invalid ${name} factor. Expected: 0 < ${symbol} < 1, got: ${factor.toFixed(6)}`,
  )
}

function smooth(window: Window, smoothing: number, trend: number): number {
  let before = 0
  let level = window.value(window.from)
  let slope = window.value(window.from + 1) - level
  for (let i = window.from + 1; i < window.to; i++) {
    if (i > window.from + 1) slope = trend * (level - before) + (1 - trend) * slope
    const next = smoothing * window.value(i) + (1 - smoothing) * (level + slope)
    before = level
    level = next
  }
  return level
}
