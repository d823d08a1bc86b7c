// The data sources, joined in every direction: an exemplar opens its trace, a span its logs and its metrics, a log line
// its trace. One file with each trace store, of which a Grafana reads one.

import {
  ATTRIBUTE,
  DERIVED_METRICS,
  durationQuantile,
  failureRate,
  stepRate,
} from '@stepwell/model'
import { ADDRESS } from '../addresses.ts'
import { type PackFile, yamlFile } from '../pack-file.ts'
import { inserted, UID } from './sources.ts'

/** Grafana reads `$NAME` in these files from its environment: a dollar of ours is written twice. */
const escaped = (text: string) => text.replaceAll('$', '$$$$')

function source(name: string, type: keyof typeof UID, address: string, jsonData: object) {
  const url = `http://${address}`
  const common = { name, type, uid: UID[type], access: 'proxy', url, editable: false }
  return { ...common, ...(type === 'prometheus' && { isDefault: true }), jsonData }
}

type TraceStore = 'jaeger' | 'tempo'

const prometheus = (traces: TraceStore) =>
  source('Prometheus', 'prometheus', ADDRESS.prometheus, {
    httpMethod: 'POST',
    prometheusType: 'Prometheus',
    timeInterval: '15s',
    manageAlerts: true,
    alertmanagerUid: UID.alertmanager,
    exemplarTraceIdDestinations: [{ name: 'trace_id', datasourceUid: UID[traces] }],
  })

function loki(traces: TraceStore) {
  const opens = { datasourceUid: UID[traces], url: escaped(inserted('__value.raw')) }
  const inLine = '"trace_id"\\s*:\\s*"([0-9a-f]{32})"'
  return source('Loki', 'loki', ADDRESS.loki, {
    derivedFields: [
      { name: 'Trace', matcherType: 'label', matcherRegex: 'trace_id', ...opens },
      { name: 'Trace in the line', matcherType: 'regex', matcherRegex: inLine, ...opens },
    ],
  })
}

const alertmanager = source('Alertmanager', 'alertmanager', ADDRESS.alertmanager, {
  implementation: 'prometheus',
})

const STEP_LABELS = DERIVED_METRICS.find(({ name }) => name === 'agent.step.duration')!.labels

/** Labels that say whose step it is; those of one task would say no more than the trace does. */
const WHOSE = ['repo', 'agent', 'step_name'].map((label) => ({
  key: STEP_LABELS[label]!,
  value: label,
}))

const likeIt = { by: [], matchers: '$__tags', range: '15m' }

/** What a span of either store leads to. */
const JOINED = {
  tracesToLogsV2: {
    datasourceUid: UID.loki,
    // Lines arrive a moment after they were printed, and clocks differ.
    spanStartTimeShift: '-1m',
    spanEndTimeShift: '1m',
    filterByTraceID: false,
    filterBySpanID: false,
    customQuery: true,
    // Agents that send logs of their own do so in the same trace, under their own names.
    query: escaped(`{service_name=~".+"} | trace_id="${inserted('__trace.traceId')}"`),
  },
  tracesToMetrics: {
    datasourceUid: UID.prometheus,
    spanStartTimeShift: '-1h',
    spanEndTimeShift: '1h',
    tags: WHOSE,
    queries: [
      { name: 'Duration of such steps, p95', query: escaped(durationQuantile(0.95, likeIt)) },
      { name: 'Failure rate of such steps', query: escaped(failureRate(likeIt)) },
      { name: 'Such steps per second', query: escaped(stepRate(likeIt)) },
    ],
  },
  nodeGraph: { enabled: true },
  spanBar: { type: 'Tag', tag: ATTRIBUTE.outcome },
}

const STORES = {
  jaeger: source('Jaeger', 'jaeger', ADDRESS.jaeger, JOINED),
  tempo: source('Tempo', 'tempo', ADDRESS.tempo, JOINED),
}

const datasources = (path: string, traces: TraceStore, about: string): PackFile =>
  yamlFile(
    path,
    about,
    {
      apiVersion: 1,
      prune: true,
      datasources: [prometheus(traces), STORES[traces], loki(traces), alertmanager],
    },
    { prune: 'One that a later file leaves out goes: the other trace store, when you change.' },
  )

export const DATASOURCES: readonly PackFile[] = [
  datasources(
    'grafana/provisioning/datasources/stepwell.yaml',
    'jaeger',
    "Grafana's data sources, with Jaeger for traces: /etc/grafana/provisioning/datasources/stepwell.yaml.\nWith Tempo, take grafana/tempo/datasources/stepwell.yaml in its place.",
  ),
  datasources(
    'grafana/tempo/datasources/stepwell.yaml',
    'tempo',
    "Grafana's data sources, with Tempo for traces: in place of grafana/provisioning/datasources/stepwell.yaml.",
  ),
]
