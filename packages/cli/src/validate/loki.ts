// The lines of a run in Loki: under its trace, and by the labels that people select by.

import { RESOURCE } from '@stepwell/model/attributes'
import { QueryError } from '../query/backend.ts'
import { type Json, object, objects } from '../query/json.ts'
import { type Finding, found, ITS_LOG, missing, notLooked } from './finding.ts'
import { clockReason } from './reach.ts'
import { type Limit, search } from './search.ts'
import type { Elsewhere } from './seen.ts'
import { askStore, type Store } from './stores.ts'
import type { Wanted } from './wanted.ts'

interface Stream {
  readonly labels: Json
  readonly lines: number
}

/** Loki wants one matcher that is not empty, and gives every stream this label. */
const EVERYTHING = '{service_name=~".+"}'

export async function checkLoki(
  store: Store,
  wanted: Wanted,
  limit: Limit,
  elsewhere: Elsewhere,
): Promise<Finding[]> {
  const { traceId, mark } = wanted
  const { origin } = store.url
  const line = mark ? ` |= ${JSON.stringify(mark)}` : ''
  const { value, seconds, problem } = await search(limit, async () => {
    const streams = await select(store, wanted, `${EVERYTHING}${line} | trace_id="${traceId}"`)
    return streams.length > 0 ? streams : undefined
  })
  if (!value) {
    const [what, reason] = problem
      ? [problem, ITS_LOG]
      : await whyNot(store, wanted, await elsewhere.seen('traces'))
    return [
      missing('logs lines', what, reason, seconds),
      notLooked('logs labels', 'lines are missing'),
    ]
  }
  const lines = value.reduce((sum, stream) => sum + stream.lines, 0)
  return [
    found('logs lines', `${lines} lines with trace_id ${traceId}, at ${origin}`, seconds),
    labelsOf(value, wanted),
  ]
}

/** @throws {QueryError} */
async function select(store: Store, { startedAt }: Wanted, query: string): Promise<Stream[]> {
  const { status, json, text } = await askStore(store, '/loki/api/v1/query_range', {
    query,
    start: `${startedAt - AROUND_MILLISECONDS}000000`,
    end: `${Date.now() + AROUND_MILLISECONDS}000000`,
    limit: '1000',
  })
  const { result } = object(object(json).data)
  if (status === 200 && Array.isArray(result))
    return objects(result).map(({ stream, values }) => ({
      labels: object(stream),
      lines: Array.isArray(values) ? values.length : 0,
    }))
  throw new QueryError(`${store.url.origin} answers ${status}: ${text.trim().slice(0, 200)}`)
}

/** Clocks may differ. */
const AROUND_MILLISECONDS = 600_000

async function whyNot(
  store: Store,
  wanted: Wanted,
  spansSeen: boolean | undefined,
): Promise<[string, string]> {
  const { traceId, mark } = wanted
  const { origin } = store.url
  const text = JSON.stringify(mark ?? traceId)
  const anyhow = await select(store, wanted, `${EVERYTHING} |= ${text}`).catch(() => [])
  if (anyhow.length > 0)
    return [
      `the lines are at ${origin}, without trace_id`,
      (await refusesMetadata(store))
        ? 'its limits_config has allow_structured_metadata: false'
        : 'what sends them sets no trace_id: OTLP logs at /otlp have it, Fluent Bit needs structured_metadata: trace_id=$trace_id',
    ]
  const what = `no line of the trace ${traceId} is at ${origin}`
  const clock = await clockReason(store)
  if (clock) return [what, clock]
  if (await refusesMetadata(store))
    return [what, 'its limits_config has allow_structured_metadata: false, and so it refuses OTLP']
  return [
    what,
    spansSeen
      ? 'the spans arrive, so what takes OTLP does not send its logs here (LOKI_ENDPOINT, http://loki:3100/otlp), or refuses them: see its log'
      : 'see whether what takes OTLP sends its logs here (LOKI_ENDPOINT, http://loki:3100/otlp)',
  ]
}

/** Loki tells its own settings. */
async function refusesMetadata(store: Store): Promise<boolean> {
  const config = await askStore(store, '/config').catch(() => undefined)
  return config?.status === 200 && /^\s*allow_structured_metadata: false$/m.test(config.text)
}

/** Loki's names: the seed's, by Fluent Bit, and those of OTLP's resource attributes. */
const SERVICE = ['job', 'service_name']
const OF_PODS = [
  ['namespace', 'k8s_namespace_name'],
  ['pod', 'k8s_pod_name'],
]

function labelsOf(streams: readonly Stream[], { ofPods }: Wanted): Finding {
  const check = 'logs labels'
  const wanted = ofPods ? [SERVICE, ...OF_PODS] : [SERVICE]
  const absentOf = ({ labels }: Stream) =>
    wanted.filter((names) => !names.some((name) => labels[name]))
  // Lines of one step may come by two ways.
  const [best] = streams.toSorted((a, b) => absentOf(a).length - absentOf(b).length)
  const absent = absentOf(best!)
  const { labels } = best!
  if (absent.length > 0)
    return missing(
      check,
      `no label ${absent.map((names) => names.join(' or ')).join(', ')}`,
      `Fluent Bit sets them by its labels, OTLP by resource attributes: ${RESOURCE.serviceName}, k8s.namespace.name, k8s.pod.name`,
    )
  const seen = [...SERVICE, ...OF_PODS.flat()].filter((name) => labels[name])
  return found(check, seen.map((name) => `${name}=${labels[name]}`).join(' '))
}
