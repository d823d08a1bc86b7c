// Why Prometheus has not what it should: asked of itself, by its flags and its targets.

import { DERIVED_METRICS } from '@stepwell/model/metrics'
import { object, objects } from '../query/json.ts'
import { instant } from './prometheus.ts'
import type { Elsewhere } from './seen.ts'
import { askStore, type Store } from './stores.ts'

/** What it was started with; undefined where it does not say. */
export interface Flags {
  readonly features: readonly string[]
  readonly takesOtlp: boolean
}

/** Others of the same API (Mimir, Thanos, the engine) have none of these flags. */
export async function flagsOf(store: Store): Promise<Flags | undefined> {
  const answer = await askStore(store, '/api/v1/status/flags').catch(() => undefined)
  const flags = object(object(answer?.json).data)
  const features = flags['enable-feature']
  if (typeof features !== 'string') return undefined
  return {
    features: features.split(',').filter(Boolean),
    takesOtlp: flags['web.enable-otlp-receiver'] === 'true',
  }
}

export async function whyNoSeries(
  store: Store,
  flags: Flags | undefined,
  elsewhere: Elsewhere,
): Promise<string> {
  const [spansSeen, pageSeen] = [await elsewhere.seen('traces'), await elsewhere.seen('page')]
  const [{ prometheusName }] = DERIVED_METRICS as readonly [(typeof DERIVED_METRICS)[number]]
  if (pageSeen === false && spansSeen)
    return 'the spans arrive, and the Collector’s page has none either: it derives no series of them (see otel-collector-config.yaml), or flushes less often than --limit'
  const others = await instant(store, `count(last_over_time(${prometheusName}_count[1d]))`).catch(
    () => [],
  )
  if (others.length > 0 && !pageSeen)
    return `it has such series of other steps: give a longer --limit, for a flush or a scrape may not have come yet; else ${spansSeen ? '' : 'the spans do not arrive, or '}this Collector derives no series of them`
  const ways = await waysIn(store, flags)
  if (pageSeen)
    return `the Collector’s page has them, and Prometheus does not: ${ways}; what it refuses is in the Collector’s log`
  const spans = spansSeen ? 'the spans arrive, so' : 'either'
  return `${spans} the Collector derives no series of them (see otel-collector-config.yaml), or Prometheus does not get them: ${ways}`
}

/** A sentence names no more. */
const MOST_TARGETS = 5

/** By which ways series could come to it. */
async function waysIn(store: Store, flags: Flags | undefined): Promise<string> {
  const answer = await askStore(store, '/api/v1/targets', { state: 'active' }).catch(
    () => undefined,
  )
  const targets = objects(object(object(answer?.json).data).activeTargets).slice(0, MOST_TARGETS)
  const down = targets
    .filter(({ health }) => health === 'down')
    .map(({ scrapeUrl, lastError }) => `${scrapeUrl} is down (${lastError})`)
  const otlp =
    flags === undefined
      ? 'it does not say whether it takes OTLP'
      : flags.takesOtlp
        ? 'it takes OTLP at /api/v1/otlp'
        : 'it takes no OTLP (--web.enable-otlp-receiver is missing)'
  const scraped =
    down.length > 0
      ? down.join(', ')
      : targets.length > 0
        ? `it scrapes ${targets.map(({ scrapeUrl }) => scrapeUrl).join(', ')}`
        : 'it scrapes nothing'
  return `${otlp}, and ${scraped}`
}

const ZEROS = 'created-timestamp-zero-ingestion'
const EXEMPLARS = 'exemplar-storage'

export function whyNoIncrease(flags: Flags | undefined): string {
  if (flags && !flags.features.includes(ZEROS))
    return `Prometheus runs without --enable-feature=${ZEROS}`
  return 'what it scrapes dates no start (the Collector’s own page does not): send it OTLP at /api/v1/otlp, which does'
}

export async function whyNoExemplars(store: Store, flags: Flags | undefined): Promise<string> {
  if (flags && !flags.features.includes(EXEMPLARS))
    return `Prometheus runs without --enable-feature=${EXEMPLARS}`
  return `the Collector’s connector has exemplars off; or ${await waysIn(store, flags)}, and a page that is scraped needs enable_open_metrics, and a scrape as often as it flushes`
}
