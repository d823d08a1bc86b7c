// Evaluates metric queries: the range aggregations by their counters, all else by the evaluator of PromQL.

import {
  type Evaluation,
  evaluateInstant,
  evaluateRange,
  formatValue,
  PromqlError,
  type Result,
} from '@stepwell/promql'
import type { Engine } from '../engine.ts'
import { LokiError } from './answers.ts'
import type { MetricQuery } from './logql/ast.ts'
import { countRanges } from './metric.ts'
import type { TimeRange } from './parameters.ts'
import type { Reading } from './read.ts'

export interface Evaluated {
  readonly result: { readonly resultType: string; readonly result: unknown }
  readonly reading: Reading
}

/** A counter has a sample at each step where there is something: what lies a step back must not stand in for it. */
const OPTIONS = { lookbackDelta: 1 }

/** Loki moves `start` down and `end` up to a multiple of the step (milliseconds). */
export async function evaluateOver(
  engine: Engine,
  query: MetricQuery,
  { step, ...range }: TimeRange & { readonly step: number },
  signal: AbortSignal,
): Promise<Evaluated> {
  const start = Math.floor(milliseconds(range.start) / step) * step
  const end = Math.ceil(milliseconds(range.end + 999_999n) / step) * step
  const { source, reading } = await countRanges(engine, query, { start, end, step }, signal)
  const { result } = await explained(() =>
    evaluateRange(source, query.expression, start, end, step, OPTIONS),
  )
  return { result: resultJson(result), reading }
}

export async function evaluateAt(
  engine: Engine,
  query: MetricQuery,
  time: bigint,
  signal: AbortSignal,
): Promise<Evaluated> {
  const at = milliseconds(time)
  const { source, reading } = await countRanges(
    engine,
    query,
    { start: at, end: at, step: 1 },
    signal,
  )
  const { result } = await explained(() => evaluateInstant(source, query.expression, at, OPTIONS))
  return { result: resultJson(result), reading }
}

// Whole milliseconds: that is what metrics' times are.
const milliseconds = (nanoseconds: bigint): number => Number(nanoseconds / 1_000_000n)

async function explained(evaluate: () => Promise<Evaluation>): Promise<Evaluation> {
  try {
    return await evaluate()
  } catch (error) {
    if (!(error instanceof PromqlError)) throw error
    // What is named in the message may be a name that we put in.
    throw new LokiError(error.kind === 'parse' ? `parse error : ${error.message}` : error.message)
  }
}

function resultJson(result: Result): Evaluated['result'] {
  switch (result.type) {
    // Milliseconds, for once.
    case 'scalar':
      return { resultType: 'scalar', result: [result.time, text(result.value)] }
    case 'string':
      throw new LokiError('parse error : a string is no query')
    case 'vector':
      return {
        resultType: 'vector',
        result: result.samples.map(({ labels, time, value }) => ({
          metric: nameless(labels),
          value: [time / 1000, text(value)],
        })),
      }
    case 'matrix':
      return {
        resultType: 'matrix',
        result: result.series.map(({ labels, points }) => ({
          metric: nameless(labels),
          values: points.map(({ time, value }) => [time / 1000, text(value)]),
        })),
      }
  }
}

// There are no histograms in logs.
const text = (value: unknown) => formatValue(Number(value))

/** The names of the counters are ours alone. */
function nameless({ __name__, ...labels }: Readonly<Record<string, string>>) {
  return labels
}
