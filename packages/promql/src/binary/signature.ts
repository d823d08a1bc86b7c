// Which labels of two series are compared to find out whether they belong together.

import { type LabelSet, METRIC_NAME } from '../labels/label-set.ts'
import type { Binary, VectorMatching } from '../parse/ast.ts'

/** The labels that `on` names, or all but those that `ignoring` names. */
export function signatureOf(matching: VectorMatching): (labels: LabelSet) => LabelSet {
  if (matching.on) {
    const names = new Set(matching.labels)
    return (labels) => labels.only(names)
  }
  const names = new Set([...matching.labels, METRIC_NAME])
  return (labels) => labels.without(names)
}

export function matchingOf(binary: Binary): VectorMatching {
  if (binary.matching === undefined) throw new Error('two vectors without a matching')
  return binary.matching
}
