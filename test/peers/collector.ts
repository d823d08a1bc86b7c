// A real Collector that derives by this project's config, as fixtures of derivation drive it.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { derivation } from '@stepwell/deploy'
import { ATTRIBUTE, DERIVED_METRICS, RESOURCE } from '@stepwell/model'
import { encodeProtobuf, keyValues, type RequestOf, type Sparse } from '@stepwell/otlp'
import { temporaryFolder } from '../support/engine.ts'
import { type ExposedSample, parseExposition } from '../support/exposition.ts'
import { freePort, startPeer } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'

/** The service whose spans follow what is waited for. */
const SENTINEL = 'sentinel'

interface Around {
  /** URL of one that is sent what the Collector's own page says. */
  readonly prometheus?: string
  /** OTLP endpoint that is sent the spans. */
  readonly traces?: string
  /** How often the page and Prometheus have what is new. */
  readonly flush?: string
}

export class Collector {
  /** Where it takes OTLP over HTTP. */
  readonly endpoint: string
  /** Its own page. */
  readonly metrics: string
  #sentinels = 0

  private constructor(otlpPort: number, metricsPort: number) {
    this.endpoint = `http://127.0.0.1:${otlpPort}`
    this.metrics = `http://127.0.0.1:${metricsPort}/metrics`
  }

  static async start(
    path: string,
    { prometheus, traces, flush = '20ms' }: Around = {},
  ): Promise<Collector> {
    const [otlp, metrics] = [freePort(), freePort()]
    const sent = prometheus
      ? { 'otlp_http/prometheus': { endpoint: `${prometheus}/api/v1/otlp` } }
      : {}
    const exporters = ['prometheus', ...Object.keys(sent)]
    const { pipelines, ...parts } = derivation({ receivers: ['otlp'], exporters, flush })
    const config = join(temporaryFolder('collector'), 'config.json')
    writeFileSync(
      config,
      JSON.stringify({
        ...parts,
        receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlp}` } } } },
        exporters: {
          prometheus: {
            endpoint: `127.0.0.1:${metrics}`,
            enable_open_metrics: true,
            metric_expiration: '24h',
            without_scope_info: true,
          },
          ...sent,
          ...(traces && { 'otlp_http/traces': { endpoint: traces } }),
        },
        service: {
          telemetry: { metrics: { level: 'none' } },
          pipelines: {
            ...pipelines,
            ...(traces && { traces: { receivers: ['otlp'], exporters: ['otlp_http/traces'] } }),
          },
        },
      }),
    )
    const collector = new Collector(otlp, metrics)
    await startPeer([path, '--config', config], collector.metrics)
    return collector
  }

  send(request: Sparse<RequestOf['traces']>): Promise<void> {
    return this.sendEncoded(encodeProtobuf('traces', request))
  }

  async sendEncoded(body: Uint8Array): Promise<void> {
    const response = await fetch(`${this.endpoint}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: body as Uint8Array<ArrayBuffer>,
    })
    if (!response.ok) throw new Error(`the Collector answered ${response.status}`)
  }

  /** What it derived of all that was sent before, but `target_info`. */
  async samples(): Promise<ExposedSample[]> {
    // Each connector has shown all of that once it shows, and not as a new counter's zero, what is sent after.
    const repo = String(++this.#sentinels)
    const attributes = { [ATTRIBUTE.repo]: repo }
    await this.send({
      resourceSpans: [
        {
          resource: { attributes: keyValues({ [RESOURCE.serviceName]: SENTINEL }) },
          scopeSpans: [
            {
              spans: DERIVED_METRICS.map(({ from, when, observes }) => ({
                attributes: keyValues({
                  ...attributes,
                  [ATTRIBUTE.kind]: from,
                  ...(when && { [when.attribute]: when.value }),
                  ...(typeof observes === 'object' && { [observes.attribute]: 1 }),
                }),
              })),
            },
          ],
        },
      ],
    })
    return await waitFor('the Collector to flush', async () => {
      const exposed = await this.#exposed()
      const shown = exposed.filter(
        ({ labels, value }) => labels.job === SENTINEL && labels.repo === repo && value > 0,
      )
      const names = new Set(shown.map(({ name }) => name.replace(/_count$/, '')))
      if (!DERIVED_METRICS.every(({ prometheusName }) => names.has(prometheusName))) return false
      return exposed.filter(({ labels }) => labels.job !== SENTINEL)
    })
  }

  async #exposed(): Promise<ExposedSample[]> {
    const response = await fetch(this.metrics, {
      headers: { accept: 'application/openmetrics-text;version=1.0.0' },
    })
    const text = await response.text()
    if (!response.ok)
      throw new Error(`the Collector's /metrics answered ${response.status}: ${text}`)
    return parseExposition(text).filter(({ name }) => name !== 'target_info')
  }
}
