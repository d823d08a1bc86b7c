// `stepwell validate` against the real Collector with the pack's gateway config and the real Prometheus; the engine is
// the trace store and the Loki. All there, and each part missing in turn: by the setting that people forget.

import { afterAll, beforeAll, expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '../../packages/cli/src/validate/finding.ts'
import {
  cleanUp,
  type Engine,
  plainEnvironment,
  startEngine,
  stepwell,
  temporaryFolder,
} from '../support/engine.ts'
import { freePort, startPeer, testWith } from '../support/peers.ts'
import { CollectorProcess, hurrying } from './collector-process.ts'
import { PACK_FOLDER } from './prometheus.ts'

let engine: Engine
beforeAll(async () => {
  engine = await startEngine()
})
afterAll(cleanUp)

/** With `flags` alone; gives its URL. */
async function startPrometheus(path: string, flags: readonly string[]): Promise<string> {
  const folder = temporaryFolder('prometheus')
  const config = join(folder, 'prometheus.yaml')
  writeFileSync(config, 'scrape_configs: []\n')
  const address = `127.0.0.1:${freePort()}`
  const own = [`--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${address}`]
  await startPeer([path, `--config.file=${config}`, ...own, ...flags], `http://${address}/-/ready`)
  return `http://${address}`
}

interface Changes {
  readonly exporters?: Readonly<Record<string, object>>
  readonly processors?: object
  /** Exporters of pipelines. */
  readonly pipelines?: Readonly<Record<string, readonly string[]>>
}

/** The gateway, which sends spans and lines to the engine and series to `prometheus`; but for the changes. */
async function startGateway(
  path: string,
  prometheus: string,
  { exporters = {}, processors = {}, pipelines = {} }: Changes = {},
): Promise<CollectorProcess> {
  const hurried = hurrying('otlp_http/metrics', 'otlp_grpc/traces', 'otlp_http/logs')
  const gateway = new CollectorProcess(path, 'otel-collector-config.yaml', {
    env: {
      FLUSH_INTERVAL: '1s',
      TRACES_ENDPOINT: new URL(engine.urls.otlpGrpc).host,
      PROMETHEUS_ENDPOINT: `${prometheus}/api/v1/otlp`,
      LOKI_ENDPOINT: engine.urls.otlpHttp,
    },
    changes: {
      processors,
      exporters: { ...(hurried as { exporters: object }).exporters, ...exporters },
      service: {
        pipelines: Object.fromEntries(
          Object.entries(pipelines).map(([name, exporters]) => [name, { exporters }]),
        ),
      },
    },
  })
  return await gateway.start()
}

async function validate(args: readonly string[], { otlpGrpc }: CollectorProcess) {
  const { code, stdout, stderr } = await stepwell(['validate', ...args, '--json'], {
    ...plainEnvironment(temporaryFolder('home')),
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpGrpc,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    STEPWELL_QUERY_URL: engine.urls.ui,
    STEPWELL_LOKI_URL: engine.urls.loki,
  })
  expect(stderr).toBe('')
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Finding[] }
  expect(code).toBe(ok ? 0 : 1)
  return {
    found: checks.filter(({ status }) => status === 'ok').map(({ name }) => name),
    /** `NAME: MESSAGE; REASON`. */
    missing: checks
      .filter(({ status }) => status === 'fail')
      .map(({ name, message, advice }) => `${name}: ${message}; ${advice}`),
  }
}

const SOON = ['--limit', '5s']

testWith(
  ['otelcol', 'prometheus'],
  'through the gateway all is found in the real Prometheus; each flag that is missing is named',
  async (otelcol, path) => {
    const [prometheus, bare, deaf] = await Promise.all([
      startPrometheus(path, [`@${join(PACK_FOLDER, 'flags.txt')}`]),
      startPrometheus(path, ['--web.enable-otlp-receiver']),
      startPrometheus(path, []),
    ])
    const gateway = await startGateway(otelcol, prometheus, {
      exporters: { 'otlp_http/bare': { endpoint: `${bare}/api/v1/otlp` } },
      pipelines: { 'metrics/derived': ['otlp_http/metrics', 'otlp_http/bare', 'prometheus'] },
    })
    const page = ['--metrics-url', gateway.metrics]
    const all = await validate(['all', '--prometheus', prometheus, ...page], gateway)
    expect(all.missing).toEqual([])
    expect(all.found).toHaveLength(16)

    // It takes them, and makes neither zeros nor exemplars of what it is told.
    const ofBare = await validate(['metrics', ...SOON, '--prometheus', bare], gateway)
    expect(ofBare.found).toContain('metrics series')
    expect(ofBare.missing).toEqual([
      expect.stringMatching(
        /^metrics increase: .*; Prometheus runs without --enable-feature=created-timestamp-zero-ingestion$/,
      ),
      expect.stringMatching(
        /^metrics exemplars: .*; Prometheus runs without --enable-feature=exemplar-storage$/,
      ),
    ])

    const ofDeaf = await validate(['metrics', ...SOON, '--prometheus', deaf, ...page], gateway)
    expect(ofDeaf.found).toContain('page exemplars')
    expect(ofDeaf.missing).toEqual([
      expect.stringMatching(
        /^metrics series: .*; the Collector’s page has them, .*--web.enable-otlp-receiver is missing.*it scrapes nothing; what it refuses/,
      ),
    ])
  },
)

testWith(
  ['otelcol', 'prometheus'],
  'a gateway that derives nothing, sends no traces, no logs, or whose page is no OpenMetrics',
  async (otelcol, path) => {
    const prometheus = await startPrometheus(path, [`@${join(PACK_FOLDER, 'flags.txt')}`])
    const of = async (changes: Changes, verb = 'all') => {
      const gateway = await startGateway(otelcol, prometheus, changes)
      const page = ['--prometheus', prometheus, '--metrics-url', gateway.metrics]
      const validated = await validate([verb, ...SOON, ...page], gateway)
      await gateway.end('SIGKILL')
      return validated
    }
    const deriving = await of({
      processors: { 'filter/derived': { trace_conditions: ['span.name != ""'] } },
    })
    expect(deriving.found).toContain('traces parents')
    expect(deriving.missing).toEqual([
      expect.stringMatching(
        /^metrics series: .*; the spans arrive, and the Collector’s page has none either: it derives no series/,
      ),
      expect.stringMatching(
        /^page series: .*; the spans arrive, so the Collector derives no series .*otel-collector-config.yaml/,
      ),
    ])

    const nowhere = await of({
      exporters: { debug: {} },
      pipelines: { traces: ['debug', 'forward/spans'], logs: ['debug'] },
    })
    expect(nowhere.found).toContain('metrics exemplars')
    expect(nowhere.missing).toEqual([
      expect.stringMatching(
        /^traces spans: nothing of the trace .*; its series are there, .*\(TRACES_ENDPOINT\)$/,
      ),
      expect.stringMatching(/^logs lines: no line of the trace .*\(LOKI_ENDPOINT/),
    ])

    const text = await of({ exporters: { prometheus: { enable_open_metrics: false } } }, 'metrics')
    expect(text.found).toContain('page series')
    expect(text.missing).toEqual([
      expect.stringMatching(
        /^page exemplars: .*; the page is no OpenMetrics: .*enable_open_metrics/,
      ),
    ])
  },
)
