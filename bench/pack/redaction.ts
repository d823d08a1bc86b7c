// What redaction costs the gateway: the same spans through it with its redaction and without, by turns:
// `bun bench/pack/redaction.ts [ROUNDS [BATCHES]]`, with `otelcol` on PATH.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { waitFor } from '../../test/support/wait.ts'
import { spawnLoad } from '../engine/load.ts'
import { SPANS } from '../engine/spans.ts'

const GATEWAY = join(import.meta.dir, '../../deploy/collector/otel-collector-config.yaml')
const rounds = Number(process.argv[2] ?? 5)
const batches = Number(process.argv[3] ?? 40)
const folder = mkdtempSync(join(tmpdir(), 'stepwell-bench-'))
const queue = join(folder, 'queue')

/** Of a port that was free a moment ago. */
function local(): string {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  listener.stop(true)
  return `127.0.0.1:${listener.port}`
}
const [grpc, http, health, page, own] = [local(), local(), local(), local(), local()]
const [loopback, storeGrpc, storeHttp] = [local(), local(), local()]

const portOf = (address: string) => Number(address.split(':')[1])

/** Takes all and keeps nothing. */
const STORE = {
  receivers: {
    otlp: { protocols: { grpc: { endpoint: storeGrpc }, http: { endpoint: storeHttp } } },
  },
  exporters: { debug: {} },
  service: {
    telemetry: { metrics: { level: 'none', readers: [] } },
    pipelines: Object.fromEntries(
      ['traces', 'metrics', 'logs'].map((signal) => [
        signal,
        { receivers: ['otlp'], exporters: ['debug'] },
      ]),
    ),
  },
}
const PLACES = {
  extensions: { health_check: { endpoint: health } },
  receivers: {
    otlp: { protocols: { grpc: { endpoint: grpc }, http: { endpoint: http } } },
    'otlp/received': { protocols: { grpc: { endpoint: loopback } } },
  },
  exporters: { prometheus: { endpoint: page }, 'otlp_grpc/received': { endpoint: loopback } },
  service: {
    telemetry: {
      metrics: {
        readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: portOf(own) } } } }],
      },
    },
  },
}
const processors: readonly string[] = parse(readFileSync(GATEWAY, 'utf8')).service.pipelines.traces
  .processors
const WITHOUT = {
  service: {
    pipelines: {
      traces: { processors: processors.filter((name) => !name.includes('redaction')) },
    },
  },
}

const store = collector(config('store', STORE))
const places = config('places', PLACES)
const kinds = {
  with: [GATEWAY, places],
  without: [GATEWAY, places, config('without', WITHOUT)],
}
const seen = { with: [] as Seen[], without: [] as Seen[] }
for (let round = 0; round < rounds; round++)
  for (const kind of ['with', 'without'] as const) seen[kind].push(await measured(kinds[kind]))
store.kill()
rmSync(folder, { recursive: true })
for (const [kind, runs] of Object.entries(seen)) {
  const cpu = median(runs.map((run) => run.cpuSeconds))
  const rate = median(runs.map((run) => run.spansPerSecond))
  console.log(`${kind}: ${cpu.toFixed(2)} CPU s for 100 000 spans, ${rate.toFixed(0)} spans/s`)
}

interface Seen {
  readonly cpuSeconds: number
  readonly spansPerSecond: number
}

async function measured(configs: readonly string[]): Promise<Seen> {
  const gateway = collector(...configs)
  await waitFor('the gateway', () =>
    fetch(`http://${health}`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  const through = async (first: number, batches: number) => {
    const loaded = await spawnLoad({
      protocol: 'http',
      url: `http://${http}/v1/traces`,
      clients: 2,
      first,
      batches,
    })
    const all = (first + batches) * SPANS
    await waitFor(`${all} spans`, async () => (await handedOn()) >= all, 120_000)
    return loaded.spans
  }
  await through(0, 2)
  const before = cpuSeconds(gateway.pid)
  const began = performance.now()
  const spans = await through(2, batches)
  const seconds = (performance.now() - began) / 1000
  const cpu = cpuSeconds(gateway.pid) - before
  gateway.kill('SIGKILL')
  await gateway.exited
  rmSync(queue, { recursive: true })
  return { cpuSeconds: (cpu / spans) * 100_000, spansPerSecond: spans / seconds }
}

/** Spans that its store has taken, as it says itself. */
async function handedOn(): Promise<number> {
  const text = await (await fetch(`http://${own}/metrics`)).text()
  return Number(
    /^otelcol_exporter_sent_spans\S*exporter="otlp_grpc\/traces"\S* (\S+)$/m.exec(text)?.[1] ?? 0,
  )
}

function collector(...configs: readonly string[]): Bun.Subprocess {
  return Bun.spawn(['otelcol', ...configs.flatMap((path) => ['--config', path])], {
    env: {
      ...process.env,
      QUEUE_DIR: queue,
      TRACES_ENDPOINT: storeGrpc,
      PROMETHEUS_ENDPOINT: `http://${storeHttp}`,
      LOKI_ENDPOINT: `http://${storeHttp}`,
    },
    stdout: 'ignore',
    stderr: 'ignore',
  })
}

function config(name: string, value: object): string {
  const path = join(folder, `${name}.json`)
  writeFileSync(path, JSON.stringify(value))
  return path
}

/** Of a process so far; the kernel counts in hundredths. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
