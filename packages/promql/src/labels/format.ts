// Labels as Prometheus prints them: `name{a="b"}`, names that are no identifiers in quotes.

import { quote } from '../text/quote.ts'
import { type LabelSet, METRIC_NAME } from './label-set.ts'

/** Labels within braces, the metric's name among them: `{__name__="up", job="a"}`. */
export function formatLabels(labels: LabelSet): string {
  const pairs = labels.entries().map(([name, value]) => `${formatName(name)}=${quote(value)}`)
  return `{${pairs.join(', ')}}`
}

/** A series as a selector would be written: `up{job="a"}`. */
export function formatSeries(labels: LabelSet): string {
  const name = labels.get(METRIC_NAME)
  if (name === '' || !/^[a-zA-Z_:][\w:]*$/.test(name)) return formatLabels(labels)
  const rest = labels.without(new Set([METRIC_NAME]))
  return rest.size === 0 ? name : `${name}${formatLabels(rest)}`
}

function formatName(name: string): string {
  return /^[a-zA-Z_]\w*$/.test(name) ? name : quote(name)
}
