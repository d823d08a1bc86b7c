// Counter resets of native histograms.

import { unsupported } from './arithmetic.ts'
import type { FloatHistogram } from './float-histogram.ts'

export function isReset(_before: FloatHistogram, _after: FloatHistogram): boolean {
  return unsupported()
}
