// Sums and means of several native histograms.

import type { Annotations } from '../evaluate/annotations.ts'
import { unsupported } from './arithmetic.ts'
import type { FloatHistogram } from './float-histogram.ts'

export function sumHistograms(
  _histograms: readonly FloatHistogram[],
  _annotations: Annotations,
  _place: { readonly start: number },
): FloatHistogram | undefined {
  return unsupported()
}

export const meanOfHistograms: typeof sumHistograms = () => unsupported()
