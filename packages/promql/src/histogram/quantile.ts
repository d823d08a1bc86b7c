// Quantiles and fractions of native histograms.

import type { Remarks } from '../functions/define.ts'
import { unsupported } from './arithmetic.ts'
import type { FloatHistogram } from './float-histogram.ts'

export function quantileOf(
  _q: number,
  _h: FloatHistogram,
  _name: string,
  _remarks: Remarks,
): number {
  return unsupported()
}

export function fractionOf(
  _lower: number,
  _upper: number,
  _histogram: FloatHistogram,
  _name: string,
  _remarks: Remarks,
): number {
  return unsupported()
}
