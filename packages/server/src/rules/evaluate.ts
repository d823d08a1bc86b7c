// What the rules of a group are evaluated with, and the instant query that each of them is.

import {
  type EvaluateOptions,
  evaluateInstant,
  type FloatHistogram,
  type Labels,
  type Source,
} from '@stepwell/promql'
import type { Sample } from './template/sample.ts'

export interface RuleSample {
  /** The metric's name is under `__name__`. */
  readonly labels: Labels
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  /** `stale`: the series ends here. */
  readonly value: number | FloatHistogram | 'stale'
}

/** Where samples go. What it took can be read from the source when it is done. */
export interface SampleSink {
  append(samples: readonly RuleSample[]): void | Promise<void>
}

export interface Setting {
  readonly source: Source
  readonly sink: SampleSink
  readonly options?: EvaluateOptions
  /** Of each evaluation. */
  readonly timeoutMilliseconds?: number
  /** Milliseconds by which groups ask the past that do not say it themselves. */
  readonly queryOffset?: number
  readonly externalLabels?: Readonly<Record<string, string>>
  readonly externalUrl?: string
}

/** @throws {PromqlError}, and an Error for a query whose result is no vector */
export async function instantVector(
  { source, options, timeoutMilliseconds }: Setting,
  query: string,
  time: number,
): Promise<readonly Sample[]> {
  const { result } = await evaluateInstant(source, query, time, {
    ...options,
    ...(timeoutMilliseconds && { signal: AbortSignal.timeout(timeoutMilliseconds) }),
  })
  if (result.type === 'vector') return result.samples
  if (result.type === 'scalar') return [{ labels: {}, value: result.value }]
  throw new Error('rule result is not a vector or scalar')
}

/** Labels without those that are empty; later ones win. */
export function merged(...sets: readonly Iterable<readonly [string, string]>[]): Labels {
  // No prototype: a label may be called `__proto__`.
  const labels: Record<string, string> = Object.create(null)
  for (const set of sets)
    for (const [name, value] of set) {
      if (value === '') delete labels[name]
      else labels[name] = value
    }
  return labels
}

/** Equal for equal sets. */
export const keyOf = (labels: Labels): string =>
  Object.keys(labels)
    .sort()
    .map((name) => `${name}\xff${labels[name]}`)
    .join('\xff')
