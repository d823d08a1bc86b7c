// A real Collector that sends metrics to the port of the engine's Prometheus API, as it would to a Prometheus.

import { expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeProtobuf, keyValues } from '@stepwell/otlp'
import { startEngine, temporaryFolder } from '../support/engine.ts'
import { freePort, startPeer, testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { startPrometheus, values } from './prometheus.ts'

testWith(
  ['otelcol', 'prometheus'],
  'a Collector sends to the port of the Prometheus API as to a Prometheus, and both answer the same',
  async (otelcol, path) => {
    const engine = await startEngine()
    const prometheus = await startPrometheus(path, [])
    const [receiver, health] = [`127.0.0.1:${freePort()}`, `127.0.0.1:${freePort()}`]
    const config = join(temporaryFolder('collector'), 'config.json')
    const exporter = (url: string) => ({ metrics_endpoint: `${url}/api/v1/otlp/v1/metrics` })
    writeFileSync(
      config,
      JSON.stringify({
        extensions: { health_check: { endpoint: health } },
        receivers: { otlp: { protocols: { http: { endpoint: receiver } } } },
        exporters: {
          'otlp_http/engine': exporter(engine.urls.prometheus),
          'otlp_http/prometheus': exporter(prometheus),
        },
        service: {
          extensions: ['health_check'],
          pipelines: {
            metrics: {
              receivers: ['otlp'],
              exporters: ['otlp_http/engine', 'otlp_http/prometheus'],
            },
          },
          telemetry: { metrics: { level: 'none' } },
        },
      }),
    )
    await startPeer([otelcol, '--config', config], `http://${health}`)
    const now = BigInt(Date.now()) * 1_000_000n
    const times = { startTimeUnixNano: now - 60_000_000_000n, timeUnixNano: now }
    const attributes = keyValues({ 'queue.name': 'a' })
    const body = encodeProtobuf('metrics', {
      resourceMetrics: [
        {
          resource: { attributes: keyValues({ 'service.name': 's', 'service.instance.id': 'i' }) },
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'jobs',
                  sum: {
                    isMonotonic: true,
                    aggregationTemporality: 2,
                    dataPoints: [{ ...times, attributes, asInt: 7n }],
                  },
                },
                {
                  name: 'wait',
                  unit: 's',
                  gauge: { dataPoints: [{ ...times, attributes, asDouble: 0.5 }] },
                },
                {
                  name: 'took',
                  unit: 's',
                  histogram: {
                    aggregationTemporality: 2,
                    dataPoints: [
                      {
                        ...times,
                        attributes,
                        count: 3n,
                        sum: 4,
                        bucketCounts: [1n, 2n],
                        explicitBounds: [1],
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
    })
    const sent = await fetch(`http://${receiver}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: body as Uint8Array<ArrayBuffer>,
    })
    expect(sent.status).toBe(200)
    const all = '{job="s"}'
    const answers = await Promise.all(
      [engine.urls.prometheus, prometheus].map((url) =>
        waitFor(`${url} to have it`, async () => {
          const found = await values(url, all)
          return found.length >= 6 && found
        }),
      ),
    )
    expect(answers[0]).toEqual(answers[1]!)
  },
)
