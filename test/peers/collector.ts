// The real Collector as gateway, as fixtures of derivation drive it.

import { ATTRIBUTE, DERIVED_METRICS, RESOURCE } from '@stepwell/model'
import { keyValues, type RequestOf, type Sparse } from '@stepwell/otlp'
import type { ExposedSample } from '../support/exposition.ts'
import { waitFor } from '../support/wait.ts'
import { CollectorProcess, hurrying } from './collector-process.ts'

/** The service whose spans follow what is waited for. */
const SENTINEL = 'sentinel'

interface Around {
  /** URL of one that is sent what the Collector's own page says. */
  readonly prometheus?: string
  /** URL of one that is sent the spans, by gRPC. */
  readonly traces?: string
  /** How often the page and Prometheus have what is new. */
  readonly flush?: string
}

export class Collector {
  /** Where it takes OTLP over HTTP. */
  readonly endpoint: string
  /** Its own page. */
  readonly metrics: string
  readonly #process: CollectorProcess
  #sentinels = 0

  private constructor(process: CollectorProcess) {
    this.endpoint = process.otlpHttp
    this.metrics = process.metrics
    this.#process = process
  }

  static async start(
    path: string,
    { prometheus, traces, flush = '20ms' }: Around = {},
  ): Promise<Collector> {
    const pipelines = {
      traces: { exporters: ['forward/spans', ...(traces ? ['otlp_grpc/traces'] : [])] },
      'metrics/derived': {
        exporters: ['prometheus', ...(prometheus ? ['otlp_http/metrics'] : [])],
      },
    }
    const process = new CollectorProcess(path, 'otel-collector-config.yaml', {
      env: {
        FLUSH_INTERVAL: flush,
        ...(prometheus && { PROMETHEUS_ENDPOINT: `${prometheus}/api/v1/otlp` }),
        ...(traces && { TRACES_ENDPOINT: new URL(traces).host }),
      },
      changes: {
        ...hurrying('otlp_grpc/received', 'otlp_http/metrics', 'otlp_grpc/traces'),
        service: { pipelines },
      },
    })
    return new Collector(await process.start())
  }

  send(request: Sparse<RequestOf['traces']>): Promise<void> {
    return this.#process.send(request)
  }

  sendEncoded(body: Uint8Array): Promise<void> {
    return this.#process.sendEncoded('traces', body)
  }

  /** What it derived of all that was sent before, without the labels that say where it runs. */
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
      const exposed = await this.#process.exposed()
      const shown = exposed.filter(
        ({ labels, value }) => labels.job === SENTINEL && labels.repo === repo && value > 0,
      )
      const names = new Set(shown.map(({ name }) => name.replace(/_count$/, '')))
      if (!DERIVED_METRICS.every(({ prometheusName }) => names.has(prometheusName))) return false
      return exposed.filter(({ labels }) => labels.job !== SENTINEL).map(withoutPlace)
    })
  }
}

function withoutPlace({ labels, ...sample }: ExposedSample): ExposedSample {
  const { cluster, deployment_environment, ...others } = labels
  if (cluster !== 'default' || deployment_environment !== 'production')
    throw new Error(`no labels of where it runs: ${sample.name} ${JSON.stringify(labels)}`)
  return { ...sample, labels: others }
}
