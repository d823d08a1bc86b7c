// Native histograms as text.

import { unsupported } from './arithmetic.ts'
import type { FloatHistogram } from './float-histogram.ts'

export function formatHistogram(_histogram: FloatHistogram | undefined): string {
  return unsupported()
}
