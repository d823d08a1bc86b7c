// The series of a run on a page of metrics: the Collector's `prometheus` exporter, or the engine's own.

import { QueryError } from '../query/backend.ts'
import { parseExposition } from './exposition.ts'
import { type Finding, found, ITS_LOG, missing, notLooked, withoutSteps } from './finding.ts'
import { type Limit, search } from './search.ts'
import type { Elsewhere } from './seen.ts'
import { matches, metricsOf, namesOf, WAITING, type WantedSeries, wantedSeries } from './series.ts'
import { askStore, type Store } from './stores.ts'
import type { Wanted } from './wanted.ts'

const OPEN_METRICS = 'application/openmetrics-text;version=1.0.0'

export async function checkPage(
  store: Store,
  wanted: Wanted,
  limit: Limit,
  elsewhere: Elsewhere,
): Promise<Finding[]> {
  const { traceId } = wanted
  const shown = addressOf(store)
  const series = wantedSeries(wanted.steps)
  if (series.length === 0) {
    elsewhere.saw('page', undefined)
    return [withoutSteps('page series')]
  }
  let absent: readonly WantedSeries[] = series
  let isOpenMetrics = false
  /** An exemplar is on the page until the next flush. */
  let named = 0
  const openMetrics: Store = {
    ...store,
    access: { ...store.access, headers: { ...store.access.headers, accept: OPEN_METRICS } },
  }
  const { value, seconds, problem } = await search(limit, async () => {
    const { status, text } = await askStore(openMetrics, '')
    if (status !== 200) throw new QueryError(`${shown} answers ${status}`)
    isOpenMetrics = text.trimEnd().endsWith('# EOF')
    const samples = samplesOf(text, series, store)
    absent = series.filter(
      (one) =>
        !samples.some(
          ({ name, labels, value }) => name === one.name && value > 0 && matches(one, labels),
        ),
    )
    const now = samples.filter(({ exemplar }) => exemplar?.labels.trace_id === traceId)
    named = Math.max(named, now.length)
    return absent.length === 0 ? named : undefined
  })
  elsewhere.saw('page', absent.length < series.length)
  if (value === undefined)
    return [
      missing(
        'page series',
        problem ?? `no ${namesOf(absent, series)}`,
        problem ? ITS_LOG : whyMissing(absent, series, await elsewhere.seen('traces')),
        seconds,
      ),
      notLooked('page exemplars', 'series are missing'),
    ]
  return [
    found('page series', `${metricsOf(series)}, at ${shown}`, seconds),
    value > 0
      ? found('page exemplars', `${value} of them name the trace`, seconds)
      : missing(
          'page exemplars',
          `no exemplar names the trace ${traceId}`,
          isOpenMetrics
            ? 'the connector has exemplars off, or they have gone with its next flush'
            : 'the page is no OpenMetrics: the exporter’s enable_open_metrics is off',
          seconds,
        ),
  ]
}

function whyMissing(
  absent: readonly WantedSeries[],
  series: readonly WantedSeries[],
  spansSeen: boolean | undefined,
): string {
  if (absent.length < series.length) return WAITING
  const derives =
    'derives no series of them (see otel-collector-config.yaml), or flushes less often than --limit'
  return spansSeen
    ? `the spans arrive, so the Collector ${derives}`
    : `the spans do not arrive there, or the Collector ${derives}`
}

/** Of its lines only those that matter: the page may be long, and another's names are not ours to judge. */
function samplesOf(text: string, series: readonly WantedSeries[], store: Store) {
  const names = [...new Set(series.map(({ metric }) => metric.prometheusName))]
  const lines = text.split('\n').filter((line) => names.some((name) => line.startsWith(name)))
  try {
    return parseExposition(lines.join('\n'))
  } catch (error) {
    throw new QueryError(`${addressOf(store)} is no page of metrics: ${(error as Error).message}`)
  }
}

/** For a sentence: without the password that may stand in it. */
const addressOf = ({ url }: Store) => `${url.origin}${url.pathname}`
