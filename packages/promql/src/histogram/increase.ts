// How much a native histogram grew between samples.

import type { Window } from '../evaluate/window.ts'
import type { RangeCall } from '../functions/define.ts'
import { unsupported } from './arithmetic.ts'
import type { FloatHistogram } from './float-histogram.ts'

export function histogramIncrease(
  _window: Window,
  _isCounter: boolean,
  _call: RangeCall,
): FloatHistogram | undefined {
  return unsupported()
}

export function instantIncrease(
  _from: FloatHistogram,
  _to: FloatHistogram,
  _isCounter: boolean,
  _window: Window,
  _call: RangeCall,
): FloatHistogram | undefined {
  return unsupported()
}
