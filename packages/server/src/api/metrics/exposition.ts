// Metric families as text: Prometheus text format 0.0.4 and OpenMetrics 1.0
// (https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md). The second has what the first
// cannot say: exemplars, units, and when a counter began.

import type { Labels } from '@stepwell/promql'
import type { Exemplar, HistogramMetric, MetricFamily, NumberMetric } from '../../derive/types.ts'
import { formatValue } from './number.ts'

export interface Format {
  readonly contentType: string
  write(families: readonly MetricFamily[]): string
}

export const PROMETHEUS_TEXT: Format = {
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  write: (families) => families.map((family) => writeFamily(family, false)).join(''),
}

export const OPEN_METRICS: Format = {
  contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  write: (families) => `${families.map((family) => writeFamily(family, true)).join('')}# EOF\n`,
}

function writeFamily(family: MetricFamily, open: boolean): string {
  const { type, unit } = family
  // OpenMetrics names the family of a counter without its suffix, the text format with it.
  const base = type === 'counter' ? family.name.replace(/_total$/, '') : family.name
  const shown = open ? base : family.name
  const lines = [
    ...(open && unit ? [`# UNIT ${shown} ${unit}`] : []),
    `# HELP ${shown} ${escapeHelp(family.help, open)}`,
    `# TYPE ${shown} ${type}`,
  ]
  if (open && unit && !base.endsWith(`_${unit}`)) lines.shift()
  if (family.type === 'histogram') {
    const bounds = family.metrics[0]?.buckets.map(({ le }) => boundText(le, open)) ?? []
    for (const metric of family.metrics) writeHistogram(lines, base, bounds, metric, open)
  } else for (const metric of family.metrics) writeNumber(lines, family.name, base, metric, open)
  return `${lines.join('\n')}\n`
}

function writeNumber(
  lines: string[],
  name: string,
  base: string,
  { labels, value, created, exemplar }: NumberMetric,
  open: boolean,
) {
  lines.push(sample(name, labels, value) + (open ? exemplarText(exemplar) : ''))
  if (open && created !== undefined) lines.push(createdText(base, labels, created))
}

/** `bounds`: the same of every metric of a family, and of each their text. */
function writeHistogram(
  lines: string[],
  name: string,
  bounds: readonly string[],
  { labels, buckets, sum, count, created }: HistogramMetric,
  open: boolean,
) {
  // Two of three lines of a page are buckets: what they have alike is made once.
  const pairs = labelPairs(labels)
  const bucketStart = `${name}_bucket{${pairs}${pairs && ','}le="`
  buckets.forEach(({ count: value, exemplar }, index) => {
    const line = `${bucketStart}${bounds[index]}"} ${formatValue(value)}`
    lines.push(open ? line + exemplarText(exemplar) : line)
  })
  lines.push(sample(`${name}_sum`, labels, sum), sample(`${name}_count`, labels, count))
  if (open && created !== undefined) lines.push(createdText(name, labels, created))
}

const sample = (name: string, labels: Labels, value: number) =>
  `${name}${labelText(labels)} ${formatValue(value)}`

const createdText = (name: string, labels: Labels, created: number) =>
  `${name}_created${labelText(labels)} ${seconds(created)}`

function exemplarText(exemplar: Exemplar | undefined): string {
  if (!exemplar) return ''
  const { labels, value, timestamp } = exemplar
  return ` # ${labelText({ ...labels }) || '{}'} ${formatValue(value)} ${seconds(timestamp)}`
}

/** OpenMetrics wants a bucket's bound to look like a float: `1.0`. */
function boundText(value: number, open: boolean): string {
  const text = formatValue(value)
  return open && /^-?\d+$/.test(text) ? `${text}.0` : text
}

/** Milliseconds as seconds, with three decimals and never an exponent. */
const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(3)

function labelText(labels: Labels): string {
  const pairs = labelPairs(labels)
  return pairs && `{${pairs}}`
}

const labelPairs = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeValue(value)}"`)
    .join(',')

const escapeValue = (value: string) =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

const escapeHelp = (help: string, open: boolean) => {
  const text = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return open ? text.replaceAll('"', '\\"') : text
}
