// Metrics requests as samples of Prometheus series: job and instance from the resource, the rest of it in
// target_info, nothing else promoted.

import {
  type Exemplar,
  type ExponentialHistogramDataPoint,
  type HistogramDataPoint,
  type KeyValue,
  type Metric,
  type MetricsRequest,
  type NumberDataPoint,
  type Resource,
  type SummaryDataPoint,
  valueText,
} from '@stepwell/otlp'
import type { FloatHistogram, Labels } from '@stepwell/promql'
import { jobOf } from '../../derive/own-span.ts'
import type { MetricMetadata } from '../../derive/types.ts'
import { labelName, metricName } from './names.ts'
import { nativeHistogram } from './native-histogram.ts'

export interface Sample<V = number> {
  /** `__name__` included, in order of their names. */
  readonly labels: Labels
  /** Milliseconds since the Unix epoch; `start` is 0 where the sender says none. */
  readonly time: number
  readonly start: number
  /** Undefined for a point that says that there is no value: the series ends. */
  readonly value: V | undefined
  /** What is added to the series' total; otherwise the value is the total. */
  readonly isDelta: boolean
  /** It starts at zero and only rises. */
  readonly isMonotonic: boolean
}

/** An example of what a series counted. */
export interface SentExemplar {
  /** Of the series, `__name__` included. */
  readonly series: Labels
  readonly labels: Labels
  readonly value: number
  /** Milliseconds since the Unix epoch. */
  readonly time: number
}

export interface Translated {
  readonly samples: Sample[]
  readonly histograms: Sample<FloatHistogram>[]
  readonly exemplars: SentExemplar[]
  readonly metadata: MetricMetadata[]
}

const DELTA = 1
const NO_RECORDED_VALUE = 1

export function translate(request: MetricsRequest): Translated {
  const translated: Translated = { samples: [], histograms: [], exemplars: [], metadata: [] }
  for (const { resource, scopeMetrics } of request.resourceMetrics) {
    const target = targetOf(resource)
    const { samples, histograms } = translated
    const [from, histogramsFrom] = [samples.length, histograms.length]
    for (const { metrics } of scopeMetrics) {
      for (const metric of metrics) translateMetric(metric, target, translated)
    }
    const newest = [...samples.slice(from), ...histograms.slice(histogramsFrom)].reduce(
      (time, one) => Math.max(time, one.time),
      0,
    )
    if (newest > 0) samples.push(...targetInfo(resource, target, newest))
  }
  return translated
}

function translateMetric(
  { name, unit, description, gauge, sum, histogram, exponentialHistogram, summary }: Metric,
  target: Labels,
  { samples, histograms, exemplars, metadata }: Translated,
): void {
  const describe = (exposed: string, type: MetricMetadata['type']) => {
    metadata.push({ name: exposed, type, help: description, unit: wordOf(exposed) })
    return exposed
  }
  if (gauge) {
    const exposed = describe(metricName(name, unit, 'gauge'), 'gauge')
    for (const point of gauge.dataPoints) {
      samples.push(numberSample(exposed, target, point, false, false))
    }
  } else if (sum) {
    const { isMonotonic, aggregationTemporality } = sum
    const type = isMonotonic ? 'counter' : 'gauge'
    const exposed = describe(metricName(name, unit, isMonotonic ? 'counter' : 'other'), type)
    for (const point of sum.dataPoints) {
      const isDelta = aggregationTemporality === DELTA
      const sample = numberSample(exposed, target, point, isDelta, isMonotonic)
      samples.push(sample)
      for (const one of point.exemplars) exemplars.push(exemplarOf(sample.labels, one))
    }
  } else if (histogram) {
    const exposed = describe(metricName(name, unit, 'other'), 'histogram')
    const isDelta = histogram.aggregationTemporality === DELTA
    for (const point of histogram.dataPoints) {
      samples.push(...histogramSamples(exposed, target, point, isDelta))
      exemplars.push(...bucketExemplars(exposed, target, point))
    }
  } else if (exponentialHistogram) {
    const exposed = describe(metricName(name, unit, 'other'), 'histogram')
    const isDelta = exponentialHistogram.aggregationTemporality === DELTA
    for (const point of exponentialHistogram.dataPoints) {
      const native = nativeSample(exposed, target, point, isDelta)
      if (native) {
        histograms.push(native)
        for (const one of point.exemplars) exemplars.push(exemplarOf(native.labels, one))
        continue
      }
      // Count and sum have a classic form in any case.
      const whole = { ...point, bucketCounts: [point.count], explicitBounds: [] }
      samples.push(...histogramSamples(exposed, target, whole, isDelta))
      exemplars.push(...bucketExemplars(exposed, target, whole))
    }
  } else if (summary) {
    const exposed = describe(metricName(name, unit, 'other'), 'summary')
    for (const point of summary.dataPoints) {
      samples.push(...summarySamples(exposed, target, point))
    }
  }
}

function numberSample(
  name: string,
  target: Labels,
  point: NumberDataPoint,
  isDelta: boolean,
  isMonotonic: boolean,
): Sample {
  const value = point.asInt === undefined ? point.asDouble : Number(point.asInt)
  return {
    ...timesOf(point),
    labels: labelsOf(name, target, point.attributes),
    value: hasValue(point) ? value : undefined,
    isDelta,
    isMonotonic,
  }
}

function histogramSamples(
  name: string,
  target: Labels,
  point: Pick<
    HistogramDataPoint,
    | 'attributes'
    | 'flags'
    | 'startTimeUnixNano'
    | 'timeUnixNano'
    | 'count'
    | 'sum'
    | 'bucketCounts'
    | 'explicitBounds'
  >,
  isDelta: boolean,
): Sample[] {
  const times = timesOf(point)
  const sample = (suffix: string, value: number, le?: string): Sample => ({
    ...times,
    labels: labelsOf(name + suffix, target, point.attributes, le === undefined ? {} : { le }),
    value: hasValue(point) ? value : undefined,
    isDelta,
    isMonotonic: true,
  })
  const samples: Sample[] = []
  let below = 0n
  point.explicitBounds.forEach((bound, index) => {
    below += point.bucketCounts[index] ?? 0n
    samples.push(sample('_bucket', Number(below), String(bound)))
  })
  samples.push(sample('_bucket', Number(point.count), '+Inf'))
  samples.push(sample('_count', Number(point.count)))
  if (point.sum !== undefined) samples.push(sample('_sum', point.sum))
  return samples
}

function nativeSample(
  name: string,
  target: Labels,
  point: ExponentialHistogramDataPoint,
  isDelta: boolean,
): Sample<FloatHistogram> | undefined {
  const value = nativeHistogram(point)
  return (
    value && {
      ...timesOf(point),
      labels: labelsOf(name, target, point.attributes),
      value: hasValue(point) ? value : undefined,
      isDelta,
      isMonotonic: true,
    }
  )
}

/** Each belongs to the narrowest bucket that it is in. */
function bucketExemplars(
  name: string,
  target: Labels,
  point: Pick<HistogramDataPoint, 'attributes' | 'explicitBounds' | 'exemplars'>,
): SentExemplar[] {
  return point.exemplars.map((exemplar) => {
    const bound = point.explicitBounds.find((le) => exemplarValue(exemplar) <= le)
    const le = bound === undefined ? '+Inf' : String(bound)
    return exemplarOf(labelsOf(`${name}_bucket`, target, point.attributes, { le }), exemplar)
  })
}

const exemplarValue = ({ asInt, asDouble }: Exemplar): number =>
  asInt === undefined ? (asDouble ?? 0) : Number(asInt)

/** Its attributes keep their names. */
function exemplarOf(series: Labels, exemplar: Exemplar): SentExemplar {
  const { timeUnixNano, traceId, spanId, filteredAttributes } = exemplar
  const labels = Object.fromEntries(
    filteredAttributes.map(({ key, value }) => [key, value ? valueText(value) : '']),
  )
  return {
    series,
    labels: {
      ...labels,
      ...(traceId && { trace_id: traceId }),
      ...(spanId && { span_id: spanId }),
    },
    value: exemplarValue(exemplar),
    time: Number(timeUnixNano / 1_000_000n),
  }
}

function summarySamples(name: string, target: Labels, point: SummaryDataPoint): Sample[] {
  const sample = (suffix: string, value: number, more: Labels = {}): Sample => ({
    ...timesOf(point),
    labels: labelsOf(name + suffix, target, point.attributes, more),
    value: hasValue(point) ? value : undefined,
    isDelta: false,
    isMonotonic: suffix !== '',
  })
  return [
    ...point.quantileValues.map(({ quantile, value }) =>
      sample('', value, { quantile: String(quantile) }),
    ),
    sample('_count', Number(point.count)),
    sample('_sum', point.sum),
  ]
}

const hasValue = ({ flags }: { readonly flags: number }): boolean =>
  (flags & NO_RECORDED_VALUE) === 0

const timesOf = (point: { readonly timeUnixNano: bigint; readonly startTimeUnixNano: bigint }) => ({
  time: Number(point.timeUnixNano / 1_000_000n),
  start: Number(point.startTimeUnixNano / 1_000_000n),
})

const wordOf = (name: string): MetricMetadata['unit'] =>
  /_seconds(_total)?$/.test(name) ? 'seconds' : /_bytes(_total)?$/.test(name) ? 'bytes' : ''

/** `job` and `instance`. */
function targetOf(resource: Resource | undefined): Labels {
  const job = jobOf(resource)
  const instance = resource?.attributes.find(({ key }) => key === 'service.instance.id')?.value
  return { ...(job && { job }), ...(instance && { instance: valueText(instance) }) }
}

const IN_TARGET: ReadonlySet<string> = new Set([
  'service.name',
  'service.namespace',
  'service.instance.id',
])

function targetInfo(resource: Resource | undefined, target: Labels, time: number): Sample[] {
  const rest = (resource?.attributes ?? []).filter(({ key }) => !IN_TARGET.has(key))
  if (rest.length === 0 || Object.keys(target).length === 0) return []
  const labels = labelsOf('target_info', target, rest)
  return [{ labels, time, start: 0, value: 1, isDelta: false, isMonotonic: false }]
}

/** Attributes whose names become one are joined by `;`, as the specification asks. */
function labelsOf(
  name: string,
  target: Labels,
  attributes: readonly KeyValue[],
  more: Labels = {},
): Labels {
  const labels = new Map<string, string>()
  for (const { key, value } of attributes) {
    const text = value ? valueText(value) : ''
    const label = labelName(key)
    const before = labels.get(label)
    labels.set(label, before === undefined ? text : `${before};${text}`)
  }
  for (const [label, text] of Object.entries({ ...target, ...more, __name__: name })) {
    labels.set(label, text)
  }
  return Object.fromEntries(
    [...labels].filter(([, text]) => text !== '').sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}
