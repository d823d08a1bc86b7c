// What both protocols make of a series.

import type { Labels } from '@stepwell/promql'
import type { MetricMetadata } from '../derive/types.ts'
import type { Sample, Translated } from '../store/metrics/translate.ts'
import { RemoteWriteError } from './error.ts'
import type { MessageReader } from './message-reader.ts'

export interface Decoded extends Translated {
  /** Why series were left out, a sentence each: what is wrong with one costs the others nothing. */
  readonly refused: string[]
}

/** In memory, about. */
export const SAMPLE_BYTES = 96

export const nothing = (): Decoded => ({
  samples: [],
  histograms: [],
  exemplars: [],
  metadata: [],
  refused: [],
})

/** Reads a series up to `end`, or notes why it is left out. */
export function orRefused(reader: MessageReader, end: number, to: Decoded, read: () => void): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof RemoteWriteError)) throw error
    reader.take(SAMPLE_BYTES + error.message.length)
    to.refused.push(error.message)
    reader.at = end
  }
}

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
