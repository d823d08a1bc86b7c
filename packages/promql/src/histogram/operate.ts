// Binary operators where at least one side is a native histogram.

import type { Annotations } from '../evaluate/annotations.ts'
import type { Binary } from '../parse/ast.ts'
import { unsupported } from './arithmetic.ts'
import type { FloatHistogram } from './float-histogram.ts'

export function operateOnHistograms(
  _binary: Binary,
  _left: number | FloatHistogram,
  _right: number | FloatHistogram,
  _annotations: Annotations,
): number | FloatHistogram | undefined {
  return unsupported()
}
