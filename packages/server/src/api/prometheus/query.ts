// Queries at a time and over a range: /query, /query_range.

import {
  type EvaluateOptions,
  type Evaluation,
  evaluateInstant,
  evaluateRange,
  PromqlError,
  type Result,
  type Source,
} from '@stepwell/promql'
import type { Engine } from '../engine.ts'
import type { Asked, Route } from '../http/router.ts'
import { invalidParameter, PrometheusError, success, TRUNCATED } from './answers.ts'
import { readDuration, readLimit, readTime, requireTime } from './parameters.ts'
import { resultJson } from './result.ts'
import { SampleBudget } from './sample-budget.ts'
import { CountingSource } from './statistics.ts'

interface Asking {
  readonly engine: Engine
  readonly budget: SampleBudget
}

export function queryRoutes(engine: Engine): Route[] {
  const asking = { engine, budget: new SampleBudget() }
  const methods = ['GET', 'POST'] as const
  return [
    { methods, path: '/api/v1/query', answer: (asked) => instant(asking, asked) },
    { methods, path: '/api/v1/query_range', answer: (asked) => range(asking, asked) },
  ]
}

const TIMEOUT_MILLISECONDS = 120_000
const MAX_POINTS = 11_000

async function instant({ engine, budget }: Asking, asked: Asked): Promise<Response> {
  const { parameters } = asked
  const limit = readLimit(parameters)
  const time = readTime(parameters, 'time', engine.now())
  const options = readOptions(asked)
  return answer(engine, parameters, limit, (source, query) =>
    budget.within((onLoad) => evaluateInstant(source, query, time, { ...options, onLoad })),
  )
}

async function range({ engine, budget }: Asking, asked: Asked): Promise<Response> {
  const { parameters } = asked
  const limit = readLimit(parameters)
  const start = requireTime(parameters, 'start')
  const end = requireTime(parameters, 'end')
  if (end < start) throw invalidParameter('end', 'end timestamp must not be before start time')
  const step = readDuration(parameters.get('step') ?? '', (why) => invalidParameter('step', why))
  if (step <= 0)
    throw invalidParameter(
      'step',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    )
  if ((end - start) / step > MAX_POINTS)
    throw new PrometheusError(
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    )
  const options = readOptions(asked)
  return answer(engine, parameters, limit, (source, query) =>
    budget.within((onLoad) =>
      evaluateRange(source, query, start, end, step, { ...options, onLoad }),
    ),
  )
}

function readOptions({ parameters, request }: Asked): EvaluateOptions {
  const timeout = parameters.get('timeout')
  const milliseconds = timeout
    ? readDuration(timeout, (why) => invalidParameter('timeout', why))
    : TIMEOUT_MILLISECONDS
  const bound = Math.max(1, Math.min(milliseconds, TIMEOUT_MILLISECONDS))
  const lookback = parameters.get('lookback_delta')
  return {
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(bound)]),
    ...(lookback && {
      lookbackDelta: readDuration(
        lookback,
        (why) => new PrometheusError('bad_data', `error parsing lookback delta duration: ${why}`),
      ),
    }),
  }
}

async function answer(
  { derived }: Engine,
  parameters: URLSearchParams,
  limit: number,
  evaluate: (source: Source, query: string) => Promise<Evaluation>,
): Promise<Response> {
  const source = new CountingSource(derived)
  const { result, warnings, infos } = await explained(() =>
    evaluate(source, parameters.get('query') ?? ''),
  )
  const shown = limited(result, limit)
  return success(
    { ...resultJson(shown), ...(parameters.get('stats') && { stats: source.statistics() }) },
    { warnings: shown === result ? warnings : [...warnings, TRUNCATED], infos },
  )
}

/** Mistakes of the query are those of a parameter. */
async function explained(evaluate: () => Promise<Evaluation>): Promise<Evaluation> {
  try {
    return await evaluate()
  } catch (error) {
    if (!(error instanceof PromqlError) || error.kind !== 'parse') throw error
    throw invalidParameter('query', error.message)
  }
}

/** The same result, or one with the first `limit` series (0: all). */
function limited(result: Result, limit: number): Result {
  if (limit === 0) return result
  if (result.type === 'vector' && result.samples.length > limit)
    return { ...result, samples: result.samples.slice(0, limit) }
  if (result.type === 'matrix' && result.series.length > limit)
    return { ...result, series: result.series.slice(0, limit) }
  return result
}
