// Queries at a time and over a range: /query, /query_range.

import {
  type EvaluateOptions,
  type Evaluation,
  evaluateInstant,
  evaluateRange,
  PromqlError,
  parse,
  type Result,
  type Source,
} from '@stepwell/promql'
import type { Engine } from '../engine.ts'
import { formatGoDuration } from '../http/go.ts'
import type { Asked, Route } from '../http/router.ts'
import { invalidParameter, PrometheusError, successText, TRUNCATED } from './answers.ts'
import { readDuration, readLimit, readTime, requireTime } from './parameters.ts'
import { answerInPieces } from './pieces.ts'
import { QueryGate } from './query-gate.ts'
import { resultText } from './result.ts'
import { SampleBudget } from './sample-budget.ts'
import { MeasuredSource, type Steps, samplesJson } from './statistics.ts'

interface Asking {
  readonly engine: Engine
  readonly gate: QueryGate
  readonly budget: SampleBudget
}

export function queryRoutes(engine: Engine): Route[] {
  const { queryMaxConcurrency, queryMaxSamples } = engine.config
  const asking = {
    engine,
    gate: new QueryGate(queryMaxConcurrency),
    budget: new SampleBudget(SHARE * queryMaxSamples),
  }
  const methods = ['GET', 'POST'] as const
  return [
    { methods, path: '/api/v1/query', answer: (asked) => instant(asking, asked) },
    { methods, path: '/api/v1/query_range', answer: (asked) => range(asking, asked) },
  ]
}

/** All together may hold as much as so many large ones: a page of panels is answered, and memory has an end. */
const SHARE = 3
const MAX_POINTS = 11_000

async function instant(asking: Asking, asked: Asked): Promise<Response> {
  const { parameters } = asked
  const limit = readLimit(parameters)
  const time = readTime(parameters, 'time', asking.engine.now())
  const options = readOptions(asking.engine, asked)
  const steps = { start: time, step: 0 }
  return answer(asking, parameters, limit, steps, options, (source, query, options) =>
    evaluateInstant(source, query, time, options),
  )
}

async function range(asking: Asking, asked: Asked): Promise<Response> {
  const { parameters } = asked
  const limit = readLimit(parameters)
  const start = requireTime(parameters, 'start')
  const end = requireTime(parameters, 'end')
  if (end < start) throw invalidParameter('end', 'end timestamp must not be before start time')
  const step = Math.trunc(
    readDuration(parameters.get('step') ?? '', (why) => invalidParameter('step', why)),
  )
  if (step <= 0)
    throw invalidParameter(
      'step',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    )
  if (Math.floor((end - start) / step) > MAX_POINTS)
    throw new PrometheusError(
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    )
  const options = readOptions(asking.engine, asked)
  return answer(asking, parameters, limit, { start, step }, options, (source, query, options) =>
    evaluateRange(source, query, start, end, step, options),
  )
}

interface Options extends EvaluateOptions {
  readonly signal: AbortSignal
}

function readOptions({ config }: Engine, { parameters, request }: Asked): Options {
  const timeout = parameters.get('timeout')
  const { queryTimeoutMilliseconds, queryMaxSamples } = config
  const milliseconds = timeout ? readTimeout(timeout) : queryTimeoutMilliseconds
  const bound = Math.max(1, Math.min(milliseconds, queryTimeoutMilliseconds))
  const lookback = parameters.get('lookback_delta')
  const lookbackDelta = lookback
    ? readDuration(
        lookback,
        (why) => new PrometheusError('bad_data', `error parsing lookback delta duration: ${why}`),
      )
    : 0
  return {
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(Math.ceil(bound))]),
    maxSamples: queryMaxSamples,
    countsReads: Boolean(parameters.get('stats')),
    ...(lookbackDelta > 0 && { lookbackDelta }),
  }
}

function readTimeout(text: string): number {
  const milliseconds = readDuration(text, (why) => invalidParameter('timeout', why))
  if (milliseconds > 0) return milliseconds
  throw invalidParameter(
    'timeout',
    `timeout must be positive, got ${formatGoDuration(milliseconds)}`,
  )
}

async function answer(
  { engine, gate, budget }: Asking,
  parameters: URLSearchParams,
  limit: number,
  steps: Steps,
  options: Options,
  evaluate: (source: Source, query: string, options: Options) => Promise<Evaluation>,
): Promise<Response> {
  const query = parameters.get('query') ?? ''
  const source = new MeasuredSource(engine.derived)
  const { result, warnings, infos, counts } = await explained(() => {
    // What is no query doesn't wait for its turn.
    parse(query)
    return gate.within(options.signal, () => {
      source.start()
      return budget.within((onLoad) => evaluate(source, query, { ...options, onLoad }))
    })
  })
  const stats = parameters.get('stats') ?? ''
  const shown = limited(result, limit)
  const remarks = {
    warnings: [
      ...warnings,
      ...(shown === result ? [] : [TRUNCATED]),
      ...(['', 'true', 'all'].includes(stats) ? [] : [unknownStats(stats)]),
    ],
    infos,
  }
  const statistics = counts && {
    stats: {
      timings: source.timings(),
      samples: samplesJson(counts, steps, stats === 'all'),
    },
  }
  return answerInPieces(successText(resultText(shown), statistics ?? {}, remarks))
}

const unknownStats = (value: string) =>
  `value ${JSON.stringify(value)} for parameter "stats" is deprecated and will be rejected in the next major release, use "true" or "all"`

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
