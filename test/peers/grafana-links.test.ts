// The links that Grafana makes of the data sources' settings lead on: each is followed to what is there.

import { expect } from 'bun:test'
import { type Nanoseconds, RESOURCE, SERVICE_NAME } from '@stepwell/model'
import { encodeProtobuf, keyValues } from '@stepwell/otlp'
import { UID } from '../../packages/deploy/src/grafana/sources.ts'
import { DASHBOARDS, interpolate } from '../../packages/deploy/src/grafana/testing/dashboards.ts'
import { SOURCE_FILES, withTags } from '../../packages/deploy/src/grafana/testing/datasources.ts'
import { type JaegerTrace, json } from '../support/ask.ts'
import {
  type Engine,
  plainEnvironment,
  startEngine,
  stepwell,
  temporaryFolder,
} from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { Collector } from './collector.ts'
import { labelsOf, linesOf, logQuestion, questionsOf } from './grafana.ts'
import { AGENT, REPO, STEP, work } from './night.ts'
import { exemplarsOf, startPackPrometheus, values } from './prometheus.ts'

testWith(
  ['otelcol', 'prometheus'],
  'an exemplar of Prometheus leads to its trace, that to its lines, and to metrics of its like',
  async (otelcol, prometheusPath) => {
    const engine = await startEngine()
    const prometheus = await startPackPrometheus(prometheusPath, {})
    const collector = await Collector.start(otelcol, {
      prometheus,
      traces: engine.urls.otlpGrpc,
      flush: '500ms',
    })
    await work({
      ...plainEnvironment(temporaryFolder('home')),
      OTEL_EXPORTER_OTLP_ENDPOINT: engine.urls.otlpHttp,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.endpoint}/v1/traces`,
    })
    await linksLeadOn(prometheus, engine)
  },
)

testWith([], 'and so does one of the embedded engine', async () => {
  const engine = await startEngine()
  await work({
    ...plainEnvironment(temporaryFolder('home')),
    OTEL_EXPORTER_OTLP_ENDPOINT: engine.urls.otlpHttp,
  })
  await linksLeadOn(engine.urls.prometheus, engine)
})

/** From an exemplar by the data sources' settings: to its trace, to the lines of that, and to metrics of its like. */
async function linksLeadOn(prometheus: string, { urls }: Engine): Promise<void> {
  const { traces, settingsOf } = SOURCE_FILES[0]!
  const { exemplarTraceIdDestinations } = settingsOf(UID.prometheus)
  const { tracesToLogsV2, tracesToMetrics } = settingsOf(traces)
  const step = `{agent="${AGENT}",outcome="failure"}`
  const [exemplar] = await waitFor('an exemplar', async () => {
    const found = await exemplarsOf(prometheus, `agent_step_duration_seconds_bucket${step}`)
    return found.length > 0 && found
  })
  const traceId = exemplar!.labels[exemplarTraceIdDestinations[0]!.name]!
  const url = `${urls.ui}/api/traces/${traceId}`
  const { data } = await json<{ data: JaegerTrace[] }>(url)
  const span = data[0]!.spans.find(({ spanID }) => spanID === exemplar!.labels.span_id)!

  const query = interpolate(tracesToLogsV2.query, { '__trace.traceId': traceId })
  const streams = await labelsOf(logQuestion('logs of the trace', query, urls.loki))
  expect(streams.length).toBeGreaterThan(1)
  const { matcherRegex } = settingsOf(UID.loki).derivedFields[0]!
  expect(new Set(streams.map((labels) => labels[matcherRegex]))).toEqual(new Set([traceId]))

  const attributes = Object.fromEntries(span.tags.map(({ key, value }) => [key, String(value)]))
  for (const { name, query } of tracesToMetrics.queries) {
    const asked = withTags(query, tracesToMetrics, attributes)
    expect(asked).toContain(`agent="${AGENT}"`)
    await waitFor(name, async () => (await values(prometheus, `${asked} > 0`)).length > 0)
  }
}

testWith(
  [],
  'announcements are found as OTLP has them, and as a container’s log does',
  async () => {
    const engine = await startEngine()
    const env = {
      ...plainEnvironment(temporaryFolder('home')),
      OTEL_EXPORTER_OTLP_ENDPOINT: engine.urls.otlpHttp,
    }
    const announcedBy = async (agent: string) => {
      const flags = ['--agent', agent, '--step', STEP, '--repo', REPO]
      return (await stepwell(['exec', ...flags, '--', 'true'], env)).stderr.trim().split('\n')
    }
    const [announced] = await Promise.all([announcedBy(AGENT), announcedBy('codex')])
    await sendLines(engine, announced)
    const lines = await waitFor('all lines', async () => {
      const found = await linesOf(announcementsIn(engine))
      return found.length > announced.length && found.sort()
    })
    expect(lines).toEqual([`${AGENT}/${STEP} started`, ...announced].sort())
  },
)

function announcementsIn({ urls: { prometheus, loki } }: Engine) {
  const pick = { all: true, values: { agent: [AGENT], step: [STEP] } }
  return DASHBOARDS.flatMap((dashboard) => questionsOf(dashboard, { prometheus, loki }, pick)).find(
    ({ name }) => name === 'One step: Starts and ends (A)',
  )!
}

/** Lines as they come from a container's log: text, and nothing beside it but the service. */
async function sendLines({ urls }: Engine, lines: readonly string[]): Promise<void> {
  const now = BigInt(Date.now()) * 1_000_000n
  const logRecords = lines.map((line) => ({
    timeUnixNano: now as Nanoseconds,
    body: { stringValue: line },
  }))
  const resource = { attributes: keyValues({ [RESOURCE.serviceName]: SERVICE_NAME }) }
  const response = await fetch(`${urls.otlpHttp}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: encodeProtobuf('logs', {
      resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }],
    }) as Uint8Array<ArrayBuffer>,
  })
  expect(response.status).toBe(200)
}
