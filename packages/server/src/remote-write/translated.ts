// What both protocols make of a series.

import type { Labels } from '@stepwell/promql'
import type { MetricMetadata } from '../derive/types.ts'
import type { Sample, Translated } from '../store/metrics/translate.ts'

/** In memory, about. */
export const SAMPLE_BYTES = 96

export const nothing = (): Translated => ({
  samples: [],
  histograms: [],
  exemplars: [],
  metadata: [],
})

/** Only what counts from zero says when it started. */
export const sampleOf = <V>(
  labels: Labels,
  time: number,
  start: number,
  value: V | undefined,
): Sample<V> => ({ labels, time, start, value, isDelta: false, isMonotonic: start !== 0 })

/** By their numbers in both protocols. */
const TYPES: readonly MetricMetadata['type'][] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
]

export const metricType = (number: number): MetricMetadata['type'] => TYPES[number] ?? 'unknown'
