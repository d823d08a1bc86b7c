// The series of a run in Prometheus: that they are there, begin with their zero, and name the trace.

import { QueryError } from '../query/backend.ts'
import { object, objects } from '../query/json.ts'
import { type Finding, found, ITS_LOG, missing, notLooked, withoutSteps } from './finding.ts'
import {
  type Flags,
  flagsOf,
  whyNoExemplars,
  whyNoIncrease,
  whyNoSeries,
} from './prometheus-reasons.ts'
import { clockReason } from './reach.ts'
import { type Found, type Limit, search } from './search.ts'
import type { Elsewhere } from './seen.ts'
import {
  metricsOf,
  namesOf,
  selectorOf,
  WAITING,
  type WantedSeries,
  wantedSeries,
} from './series.ts'
import { askStore, type Store } from './stores.ts'
import type { Wanted } from './wanted.ts'

export async function checkPrometheus(
  store: Store,
  wanted: Wanted,
  limit: Limit,
  elsewhere: Elsewhere,
): Promise<Finding[]> {
  const series = wantedSeries(wanted.steps)
  if (series.length === 0) {
    elsewhere.saw('prometheus', undefined)
    return [withoutSteps('metrics series')]
  }
  const [shown, risen, named] = await Promise.all([
    wait(store, series, limit, (name, selector) => `${name}${selector} > 0`),
    wait(store, series, limit, (name, selector) => {
      // From before the run, whenever it is asked.
      const seconds = Math.ceil((Date.now() - wanted.startedAt) / 1000) + MARGIN_SECONDS
      return `increase(${name}${selector}[${seconds}s]) > 0`
    }),
    search(limit, async () => {
      const count = await exemplars(store, wanted, series)
      return count > 0 ? count : undefined
    }),
  ])
  elsewhere.saw('prometheus', shown.absent.length < series.length)
  const flags = await flagsOf(store)
  if (shown.absent.length > 0) {
    const reason = await whyMissing(store, shown, series, flags, elsewhere)
    const what = shown.problem ?? `no ${namesOf(shown.absent, series)}`
    return [
      missing('metrics series', what, reason, shown.seconds),
      ...['metrics increase', 'metrics exemplars'].map((name) =>
        notLooked(name, 'series are missing'),
      ),
    ]
  }
  return [
    found('metrics series', `${metricsOf(series)}, at ${store.url.origin}`, shown.seconds),
    risen.absent.length > 0
      ? missing(
          'metrics increase',
          risen.problem ??
            `no zero came before the first sample, and so increase() is 0: ${namesOf(risen.absent, series)}`,
          risen.problem ? ITS_LOG : whyNoIncrease(flags),
          risen.seconds,
        )
      : found('metrics increase', 'each series began with its zero: increase() > 0', risen.seconds),
    named.value
      ? found('metrics exemplars', `${named.value} of them name the trace`, named.seconds)
      : missing(
          'metrics exemplars',
          named.problem ?? `no exemplar names the trace ${wanted.traceId}`,
          named.problem
            ? ITS_LOG
            : `${await clockReason(store)}${await whyNoExemplars(store, flags)}`,
          named.seconds,
        ),
  ]
}

async function whyMissing(
  store: Store,
  { absent, problem }: Shown,
  series: readonly WantedSeries[],
  flags: Flags | undefined,
  elsewhere: Elsewhere,
): Promise<string> {
  if (problem) return ITS_LOG
  if (absent.length < series.length) return WAITING
  return `${await clockReason(store)}${await whyNoSeries(store, flags, elsewhere)}`
}

/** Seconds: clocks differ a little, and a zero may be dated by the span's start. */
const MARGIN_SECONDS = 60

interface Shown extends Found<true> {
  /** Those that had no answer. */
  readonly absent: readonly WantedSeries[]
}

/** Waits until each query has an answer that is not empty. */
async function wait(
  store: Store,
  series: readonly WantedSeries[],
  limit: Limit,
  queryOf: (name: string, selector: string) => string,
): Promise<Shown> {
  let absent: readonly WantedSeries[] = series
  const found = await search(limit, async () => {
    const still: WantedSeries[] = []
    for (const one of absent)
      if ((await instant(store, queryOf(one.name, selectorOf(one)))).length === 0) still.push(one)
    absent = still
    return absent.length === 0 || undefined
  })
  return { ...found, absent }
}

/** @throws {QueryError} */
export async function instant(store: Store, query: string): Promise<unknown[]> {
  const { status, json } = await askStore(store, '/api/v1/query', { query })
  const { result } = object(object(json).data)
  if (Array.isArray(result)) return result
  const { error = 'no result' } = object(json)
  throw new QueryError(`${store.url.origin} answers ${status} to a query: ${error}`)
}

/** How many exemplars of the series name the trace. */
async function exemplars(
  store: Store,
  { traceId, startedAt }: Wanted,
  series: readonly WantedSeries[],
): Promise<number> {
  let count = 0
  for (const one of series) {
    if (one.metric.type !== 'histogram') continue
    const { status, json } = await askStore(store, '/api/v1/query_exemplars', {
      query: `${one.metric.prometheusName}_bucket${selectorOf(one)}`,
      start: String(startedAt / 1000 - MARGIN_SECONDS),
      end: String(Date.now() / 1000 + MARGIN_SECONDS),
    })
    const { data } = object(json)
    if (!Array.isArray(data))
      throw new QueryError(`${store.url.origin} answers ${status} when asked for exemplars`)
    for (const { exemplars } of objects(data))
      for (const { labels } of objects(exemplars)) if (object(labels).trace_id === traceId) count++
  }
  return count
}
