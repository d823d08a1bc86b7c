// The pack's scrape jobs, which stand in for OTLP: what Prometheus has by them is what the engine answers.

import { expect } from 'bun:test'
import { plainEnvironment, startEngine, stepwell, temporaryFolder } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { Collector } from './collector.ts'
import { beginnings, exemplarsOf, startPackPrometheus, values } from './prometheus.ts'

/** Neither what rules record nor what the engine alone knows. */
const DERIVED = '{__name__=~"agent_[^:]+",__name__!~"agent_steps_.+"}'

testWith(
  ['otelcol', 'prometheus'],
  'the Collector or the engine, scraped by the jobs of the pack, give the same series',
  async (otelcol, path) => {
    const engine = await startEngine()
    const collector = await Collector.start(otelcol, {
      traces: engine.urls.otlpGrpc,
      // An exemplar is on the page until the next flush: longer than from scrape to scrape.
      flush: '3s',
    })
    const scraped = await Promise.all([
      startPackPrometheus(path, {
        targets: { 'collector-targets.yaml': new URL(collector.metrics).host },
      }),
      startPackPrometheus(path, {
        targets: { 'engine-targets.yaml': new URL(engine.urls.metrics).host },
      }),
    ])
    for (const url of scraped) {
      await waitFor('the first scrape', async () => (await values(url, 'sum(up) == 1')).length > 0)
    }
    const env = {
      ...plainEnvironment(temporaryFolder('home')),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'none',
    }
    for (const end of ['true', 'false']) {
      await stepwell(['exec', '--agent', end, '--step', 'implement', '--', end], env)
    }
    await waitFor('the engine to count', async () => {
      const counted = await values(
        engine.urls.prometheus,
        'sum(agent_step_duration_seconds_count) == 2',
      )
      return counted.length === 1
    })
    const expected = await values(engine.urls.prometheus, DERIVED)
    expect(expected.length).toBeGreaterThan(50)
    for (const url of scraped) {
      // A counter of the Collector's shows the zero that it begins with first.
      await waitFor('Prometheus to have as much', async () =>
        Bun.deepEquals(await values(url, DERIVED), expected),
      ).catch(() => {})
      expect(await values(url, DERIVED)).toEqual(expected)
      const started = await beginnings(url, DERIVED)
      expect(started.filter((line) => line.endsWith(' 0'))).toEqual(started)
      const found = await exemplarsOf(url, 'agent_step_duration_seconds_bucket')
      expect(found.map(({ series }) => series.agent).sort()).toEqual(['false', 'true'])
      const firing = 'sum by (agent) (ALERTS{alertname="AgentStepFailureRate"})'
      await waitFor('the alert', async () => (await values(url, firing)).length > 0)
      expect(await values(url, firing)).toEqual(['[["agent","false"]] 1'])
    }
  },
)
