// A real Collector with a checked-in config of the pack.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeProtobuf, type RequestOf, type Sparse } from '@stepwell/otlp'
import { root, temporaryFolder } from '../support/engine.ts'
import { type ExposedSample, parseExposition } from '../support/exposition.ts'
import { freePort, startPeer } from '../support/peers.ts'

export interface CollectorSettings {
  readonly env?: Readonly<Record<string, string>>
  /** Merged over the config key by key; a list takes the other's place. */
  readonly changes?: object
}

/** Exporters that don't wait for more, nor long before they try again. */
export const hurrying = (...exporters: readonly string[]): object => ({
  exporters: Object.fromEntries(
    exporters.map((name) => [
      name,
      {
        sending_queue: { batch: { flush_timeout: '20ms' } },
        retry_on_failure: { initial_interval: '100ms', max_interval: '200ms' },
      },
    ]),
  ),
})

/** One that can be ended, and started again where it was. */
export class CollectorProcess {
  readonly otlpGrpc: string
  readonly otlpHttp: string
  /** Its page. */
  readonly metrics: string
  /** The page that speaks of itself. */
  readonly telemetry: string
  readonly #health: string
  readonly #command: readonly string[]
  readonly #env: Readonly<Record<string, string>>
  #process: Bun.Subprocess | undefined

  /** @param file below `deploy/collector/` */
  constructor(path: string, file: string, { env, changes = {} }: CollectorSettings) {
    const address = () => `127.0.0.1:${freePort()}`
    const [grpc, http, metrics, health] = [address(), address(), address(), address()]
    const loopback = address()
    const telemetryPort = freePort()
    const telemetry = { prometheus: { host: '127.0.0.1', port: telemetryPort } }
    const places = {
      extensions: { health_check: { endpoint: health } },
      receivers: {
        otlp: { protocols: { grpc: { endpoint: grpc }, http: { endpoint: http } } },
        'otlp/received': { protocols: { grpc: { endpoint: loopback } } },
      },
      exporters: {
        prometheus: { endpoint: metrics },
        'otlp_grpc/received': { endpoint: loopback },
      },
      service: { telemetry: { metrics: { readers: [{ pull: { exporter: telemetry } }] } } },
    }
    const folder = temporaryFolder('collector')
    const merged = [places, changes].map((config, index) => {
      const changed = join(folder, `${index}.json`)
      writeFileSync(changed, JSON.stringify(config))
      return changed
    })
    const configs = [join(root, 'deploy/collector', file), ...merged]
    this.#command = [path, ...configs.flatMap((config) => ['--config', config])]
    this.#env = { QUEUE_DIR: join(folder, 'queue'), ...env }
    this.otlpGrpc = `http://${grpc}`
    this.otlpHttp = `http://${http}`
    this.metrics = `http://${metrics}/metrics`
    this.telemetry = `http://127.0.0.1:${telemetryPort}/metrics`
    this.#health = `http://${health}`
  }

  async start(): Promise<this> {
    this.#process = await startPeer(this.#command, this.#health, this.#env)
    return this
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#process?.kill(signal)
    await this.#process?.exited
  }

  send(request: Sparse<RequestOf['traces']>): Promise<void> {
    return this.sendEncoded('traces', encodeProtobuf('traces', request))
  }

  async sendEncoded(signal: keyof RequestOf, body: Uint8Array): Promise<void> {
    const response = await fetch(`${this.otlpHttp}/v1/${signal}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: body as Uint8Array<ArrayBuffer>,
    })
    if (!response.ok) throw new Error(`the Collector answered ${response.status}`)
  }

  /** What its page says, but `target_info`. */
  async exposed(): Promise<ExposedSample[]> {
    return (await page(this.metrics)).filter(({ name }) => name !== 'target_info')
  }

  /** How many it has taken from senders since it started, copies included. */
  async acceptedSpans(): Promise<number> {
    return (await page(this.telemetry))
      .filter(({ name }) => name.startsWith('otelcol_receiver_accepted_spans'))
      .filter(({ labels }) => labels.receiver === 'otlp')
      .reduce((sum, { value }) => sum + value, 0)
  }
}

async function page(url: string): Promise<ExposedSample[]> {
  const response = await fetch(url, {
    headers: { accept: 'application/openmetrics-text;version=1.0.0' },
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`)
  return parseExposition(text)
}
