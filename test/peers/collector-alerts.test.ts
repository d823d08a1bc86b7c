// The real Collector, whose back ends are away, makes the alert on it fire in a real Prometheus that scrapes its page.

import { expect } from 'bun:test'
import { keyValues } from '@stepwell/otlp'
import { freePort, testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { CollectorProcess } from './collector-process.ts'
import { startPackPrometheus, values } from './prometheus.ts'

testWith(
  ['otelcol', 'prometheus'],
  'a Collector that gets rid of nothing is an alert, for each exporter that has something',
  async (otelcol, path) => {
    const nobody = `127.0.0.1:${freePort()}`
    const gateway = new CollectorProcess(otelcol, 'otel-collector-config.yaml', {
      env: {
        FLUSH_INTERVAL: '500ms',
        TRACES_ENDPOINT: nobody,
        LOKI_ENDPOINT: `http://${nobody}`,
        PROMETHEUS_ENDPOINT: `http://${nobody}/api/v1/otlp`,
      },
    })
    const collector = await gateway.start()
    const prometheus = await startPackPrometheus(path, {
      targets: { 'collector-telemetry-targets.yaml': new URL(collector.telemetry).host },
    })
    await collector.send({
      resourceSpans: [
        {
          resource: { attributes: keyValues({ 'service.name': 'agent-steps' }) },
          scopeSpans: [
            {
              spans: [
                {
                  traceId: '0af7651916cd43dd8448eb211c80319c',
                  spanId: 'b9c7c989f97918e1',
                  name: 'coder/implement',
                  startTimeUnixNano: 1n,
                  endTimeUnixNano: 2n,
                  attributes: keyValues({ 'stepwell.kind': 'step', agent: 'coder' }),
                },
              ],
            },
          ],
        },
      ],
    })
    const firing =
      'sum by (alertname, exporter, component) (ALERTS{alertname=~"Collector.+",alertstate="firing"})'
    await waitFor('both alerts', async () => (await values(prometheus, firing)).length === 2)
    const alert = ['alertname', 'CollectorNotExporting']
    const component = ['component', 'otel-collector']
    expect(await values(prometheus, firing)).toEqual(
      ['otlp_grpc/traces', 'otlp_http/metrics'].map(
        (exporter) => `${JSON.stringify([alert, component, ['exporter', exporter]])} 1`,
      ),
    )
  },
)
