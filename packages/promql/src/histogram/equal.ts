// Equality of native histograms.

import { unsupported } from './arithmetic.ts'
import type { FloatHistogram } from './float-histogram.ts'

export function equalHistograms(_a: FloatHistogram, _b: FloatHistogram): boolean {
  return unsupported()
}
