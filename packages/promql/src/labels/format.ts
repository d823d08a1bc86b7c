// Labels as Prometheus prints them: `{a="b"}`, names that are no identifiers in quotes.

import { quote } from '../text/quote.ts'
import type { LabelSet } from './label-set.ts'

/** Labels within braces, the metric's name among them: `{__name__="up", job="a"}`. */
export function formatLabels(labels: LabelSet): string {
  const pairs = labels.entries().map(([name, value]) => `${formatName(name)}=${quote(value)}`)
  return `{${pairs.join(', ')}}`
}

function formatName(name: string): string {
  return /^[a-zA-Z_]\w*$/.test(name) ? name : quote(name)
}
