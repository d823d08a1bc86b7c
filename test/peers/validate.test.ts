// `stepwell validate` against the real Collector and the real Prometheus; the engine is the trace store and the Loki.
// All there, and each part missing in turn: by the setting that people forget.

import { afterAll, beforeAll, expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { derivation } from '@stepwell/deploy'
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
import { PACK_FOLDER } from './prometheus.ts'

let engine: Engine
beforeAll(async () => {
  engine = await startEngine()
})
afterAll(cleanUp)

interface Way {
  readonly otlp: string
  readonly page: string
}

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

/** @param series of what a Collector derives, sent to these; undefined: it derives nothing. */
async function startCollector(
  path: string,
  series: { readonly prometheus: readonly string[]; readonly openMetrics: boolean } | undefined,
  logs = true,
): Promise<Way> {
  const [otlp, page] = [freePort(), freePort()]
  const senders = Object.fromEntries(
    (series?.prometheus ?? []).map((url, at) => [
      `otlp_http/prometheus${at}`,
      { endpoint: `${url}/api/v1/otlp` },
    ]),
  )
  const { pipelines, ...parts } = series
    ? derivation(['otlp'], ['prometheus', ...Object.keys(senders)], '1s')
    : { pipelines: { metrics: { receivers: ['otlp'], exporters: ['prometheus'] } } }
  const toEngine = { receivers: ['otlp'], exporters: ['otlp_http/engine'] }
  const config = join(temporaryFolder('collector'), 'config.json')
  writeFileSync(
    config,
    JSON.stringify({
      ...parts,
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlp}` } } } },
      exporters: {
        ...senders,
        prometheus: {
          endpoint: `127.0.0.1:${page}`,
          enable_open_metrics: series?.openMetrics ?? false,
          metric_expiration: '24h',
        },
        'otlp_http/engine': { endpoint: engine.urls.otlpHttp },
      },
      service: {
        telemetry: { metrics: { level: 'none' } },
        pipelines: { ...pipelines, traces: toEngine, ...(logs && { logs: toEngine }) },
      },
    }),
  )
  const url = `http://127.0.0.1:${page}/metrics`
  await startPeer([path, '--config', config], url)
  return { otlp: `http://127.0.0.1:${otlp}`, page: url }
}

/** Names of what was found, and `NAME: MESSAGE; REASON` of what is missing. */
async function validate(args: readonly string[], { otlp }: Way) {
  const { code, stdout, stderr } = await stepwell(['validate', ...args, '--json'], {
    ...plainEnvironment(temporaryFolder('home')),
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
    STEPWELL_QUERY_URL: engine.urls.ui,
    STEPWELL_LOKI_URL: engine.urls.loki,
  })
  expect(stderr).toBe('')
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Finding[] }
  expect(code).toBe(ok ? 0 : 1)
  return {
    found: checks.filter(({ status }) => status === 'ok').map(({ name }) => name),
    missing: checks
      .filter(({ status }) => status === 'fail')
      .map(({ name, message, advice }) => `${name}: ${message}; ${advice}`),
  }
}

const SOON = ['--limit', '5s']

testWith(
  ['otelcol', 'prometheus'],
  'through the real Collector all is found in the real Prometheus; each flag that is missing is named',
  async (otelcol, path) => {
    const [prometheus, bare, deaf] = await Promise.all([
      startPrometheus(path, [`@${join(PACK_FOLDER, 'flags.txt')}`]),
      startPrometheus(path, ['--web.enable-otlp-receiver']),
      startPrometheus(path, []),
    ])
    const way = await startCollector(otelcol, {
      prometheus: [prometheus, bare, deaf],
      openMetrics: true,
    })
    const all = await validate(['all', '--prometheus', prometheus, '--metrics-url', way.page], way)
    expect(all.missing).toEqual([])
    expect(all.found).toHaveLength(16)

    // It takes them, and makes neither zeros nor exemplars of what it is told.
    const ofBare = await validate(['metrics', ...SOON, '--prometheus', bare], way)
    expect(ofBare.found).toContain('metrics series')
    expect(ofBare.missing).toEqual([
      expect.stringMatching(
        /^metrics increase: .*; Prometheus runs without --enable-feature=created-timestamp-zero-ingestion$/,
      ),
      expect.stringMatching(
        /^metrics exemplars: .*; Prometheus runs without --enable-feature=exemplar-storage$/,
      ),
    ])

    const ofDeaf = await validate(
      ['metrics', ...SOON, '--prometheus', deaf, '--metrics-url', way.page],
      way,
    )
    expect(ofDeaf.found).toContain('page exemplars')
    expect(ofDeaf.missing).toEqual([
      expect.stringMatching(
        /^metrics series: .*; the Collector’s page has them, .*--web.enable-otlp-receiver is missing.*it scrapes nothing$/,
      ),
    ])
  },
)

testWith(
  ['otelcol'],
  'a Collector that derives nothing, that takes no logs, or whose page is no OpenMetrics',
  async (otelcol) => {
    const relay = await startCollector(otelcol, undefined, false)
    const { found, missing } = await validate(['all', ...SOON, '--metrics-url', relay.page], relay)
    expect(found).toContain('traces parents')
    expect(missing).toEqual([
      expect.stringMatching(
        /^steps sent: export logs: .* answered 404; it takes no OTLP at \/v1\/logs/,
      ),
      expect.stringMatching(
        /^page series: .*; the spans arrive, so the Collector derives no series .*otel-collector-config.yaml$/,
      ),
    ])
    const text = await startCollector(otelcol, { prometheus: [], openMetrics: false })
    const ofText = await validate(['metrics', ...SOON, '--metrics-url', text.page], text)
    expect(ofText.found).toContain('page series')
    expect(ofText.missing).toEqual([
      expect.stringMatching(
        /^page exemplars: .*; the page is no OpenMetrics: .*enable_open_metrics/,
      ),
    ])
  },
)
