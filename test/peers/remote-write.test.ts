// A real Prometheus that writes what it scrapes to the engine, by both protocols of remote write: the engine then
// answers what Prometheus answers, whoever of the two was killed meanwhile.

import { afterAll, expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { json, number } from '../support/ask.ts'
import { type Engine, samePorts, startEngine, temporaryFolder } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { exemplars, PrometheusProcess } from './prometheus.ts'

const PROTOCOLS = ['prometheus.WriteRequest', 'io.prometheus.write.v2.Request'] as const

for (const protocol of PROTOCOLS) {
  testWith(
    ['prometheus'],
    `what Prometheus writes by ${protocol} is answered as it answers`,
    async (path) => {
      const target = new Target()
      let engine = await startEngine()
      const prometheus = startWriting(path, protocol, target, engine)
      await prometheus.start()

      // Prometheus writes what is later than its own start: not the zeros that its counters began with.
      const began = Date.now()
      const first = await written(prometheus.url, engine, began)
      await same(prometheus.url, engine, protocol, began, first)

      // Killed while it is written to: what it had acknowledged is there, and the rest comes again.
      expect(await engine.stop('SIGKILL')).toBe(null)
      target.end('ephemeral')
      engine = await startEngine({ dataDir: engine.dataDir, ports: samePorts(engine.urls) })
      const second = await written(prometheus.url, engine, Date.now())
      await same(prometheus.url, engine, protocol, began, second)

      // What Prometheus had not yet written when it is killed it does not write later.
      await prometheus.end('SIGKILL')
      await prometheus.start()
      const restarted = Date.now()
      const third = await written(prometheus.url, engine, Date.now())
      await same(prometheus.url, engine, protocol, began, second)
      await same(prometheus.url, engine, protocol, restarted, third)

      const [ours, theirs] = await Promise.all(
        [engine.urls.prometheus, prometheus.url].map((url) => exemplars(url, '{job="target"}')),
      )
      expect(ours!.length).toBeGreaterThan(20)
      // But for those that were on their way when Prometheus was killed, or are now.
      const due = theirs!.filter((line) => {
        const time = Number(line.split(' ').at(-1)) * 1000
        return time <= second || (time > restarted && time <= third)
      })
      expect(due.filter((line) => !ours!.includes(line))).toEqual([])

      const metadata = await json<{ data: Record<string, unknown> }>(
        `${engine.urls.prometheus}/api/v1/metadata?metric=work_seconds`,
      )
      expect(metadata.data.work_seconds).toEqual([
        { type: 'histogram', help: 'How long work takes', unit: 'seconds' },
      ])
    },
  )
}

testWith(
  ['prometheus'],
  'what Prometheus knows of starts it writes, and series begin with zero then',
  async (path) => {
    const target = new Target()
    const engine = await startEngine()
    const prometheus = startWriting(path, PROTOCOLS[1], target, engine, [
      '--enable-feature=st-storage',
    ])
    await prometheus.start()
    const until = await written(prometheus.url, engine, Date.now())
    for (const series of ['work_total', 'work_seconds']) {
      const zeros = `{"${series}"}[5m] @ ${until / 1000}`
      const [[, first]] = (await ask(engine.urls.prometheus, zeros, until)).map((line) =>
        JSON.parse(line),
      )
      const [time, value] = (first.values ?? first.histograms)[0]
      expect([time * 1000, value]).toEqual([
        target.created,
        series === 'work_total' ? '0' : { count: '0', sum: '0' },
      ])
    }
  },
)

testWith(
  ['promtool'],
  'promtool pushes metrics by protocol 1; what it calls protocol 2 is none, and is told so',
  async (promtool) => {
    const { urls } = await startEngine()
    const file = join(temporaryFolder('push'), 'metrics.prom')
    writeFileSync(file, '# HELP x Some\n# TYPE x gauge\nx{a="b"} 5\n')
    const push = async (...flags: string[]) => {
      const run = Bun.spawn([promtool, 'push', 'metrics', ...flags, urls.prometheus, file], {
        stdout: 'ignore',
        stderr: 'pipe',
      })
      return [await new Response(run.stderr).text(), await run.exited] as const
    }
    expect(await push()).toEqual([expect.any(String), 0])
    expect(await number(urls, 'x{a="b",job="promtool"}')).toBe(5)
    // Prometheus calls this a success, and stores nothing.
    const [error, code] = await push(`--protobuf_message=${PROTOCOLS[1]}`)
    expect([error, code]).toEqual([expect.stringContaining('this is a prometheus.WriteRequest'), 1])
  },
)

/** Samples of all that is scraped, behind `from` and up to `until` (ms since the epoch). */
async function same(
  prometheus: string,
  engine: Engine,
  protocol: string,
  from: number,
  until: number,
) {
  const range = `${until - from}ms`
  for (const query of [
    `{__name__=~".+",__name__!="work_seconds",job="target"}[${range}]`,
    `{__name__=~"prometheus_http_.+"}[${range}]`,
    `rate(work_total[${range}])`,
    `histogram_quantile(0.9, rate(prometheus_http_request_duration_seconds[${range}]))`,
    // Histograms with bounds of their own: Prometheus writes them by protocol 2 alone.
    ...(protocol === PROTOCOLS[1]
      ? [`work_seconds[${range}]`, `rate(work_seconds[${range}])`]
      : []),
  ]) {
    const [ours, theirs] = await Promise.all(
      [engine.urls.prometheus, prometheus].map((url) => ask(url, query, until)),
    )
    expect(theirs!.length).toBeGreaterThan(0)
    const missing = theirs!.filter((line) => !ours!.includes(line))
    const other = ours!.filter((line) => !theirs!.includes(line))
    expect({ query, missing: missing.slice(0, 3), other: other.slice(0, 3) }).toEqual({
      query,
      missing: [],
      other: [],
    })
  }
}

async function ask(url: string, query: string, time: number): Promise<string[]> {
  const parameters = new URLSearchParams({ query, time: String(time / 1000) })
  const { data } = await json<{ data: { result: { metric: Record<string, string> }[] } }>(
    `${url}/api/v1/query?${parameters}`,
  )
  return data.result
    .map(({ metric, ...values }) => JSON.stringify([Object.entries(metric).sort(), values]))
    .sort()
}

/** Waits until both have a dozen scrapes since that time, and gives when the last of them was. */
async function written(prometheus: string, engine: Engine, since: number): Promise<number> {
  const scrapes = async (url: string) =>
    (await ask(url, 'up{job="target"}[1m]', Date.now()))
      .flatMap((line): [number, string][] => JSON.parse(line)[1].values)
      .map(([time]) => time * 1000)
      .filter((time) => time > since)
  const last = await waitFor('a dozen scrapes', async () => (await scrapes(prometheus))[11])
  await waitFor('the engine to have them', async () =>
    (await scrapes(engine.urls.prometheus)).includes(last),
  )
  return last
}

function startWriting(
  path: string,
  protocol: string,
  target: Target,
  engine: Engine,
  flags: readonly string[] = [],
) {
  const folder = temporaryFolder('remote-write')
  const config = join(folder, 'prometheus.json')
  const prometheus = new PrometheusProcess(path, config, join(folder, 'data'), [
    // Protocol 2 has what a metric is from there.
    '--enable-feature=metadata-wal-records',
    ...flags,
  ])
  const host = (url: string) => [{ targets: [new URL(url).host] }]
  writeFileSync(
    config,
    JSON.stringify({
      global: { scrape_interval: '250ms', scrape_timeout: '250ms', scrape_native_histograms: true },
      scrape_configs: [
        {
          job_name: 'target',
          static_configs: host(target.url),
          convert_classic_histograms_to_nhcb: true,
          always_scrape_classic_histograms: true,
        },
        {
          job_name: 'self',
          static_configs: host(prometheus.url),
          scrape_protocols: ['PrometheusProto'],
        },
      ],
      remote_write: [
        {
          url: `${engine.urls.prometheus}/api/v1/write`,
          protobuf_message: protocol,
          send_exemplars: true,
          send_native_histograms: true,
          metadata_config: { send_interval: '500ms' },
          queue_config: { batch_send_deadline: '100ms', min_backoff: '50ms', max_backoff: '200ms' },
        },
      ],
    }),
  )
  return prometheus
}

const targets: Target[] = []
afterAll(() => {
  for (const target of targets) target.stop()
})

/** Something that works: a counter, a gauge of odd values, a histogram with exemplars; series come and go. */
class Target {
  readonly #server: Bun.Server<undefined>
  readonly #gone = new Set<string>()
  #scrapes = 0
  /** Since when it works: milliseconds since the epoch. */
  readonly created = Date.now()

  constructor() {
    this.#server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => this.#page() })
    targets.push(this)
  }

  get url(): string {
    return this.#server.url.href
  }

  /** Its series goes stale. */
  end(name: string): void {
    this.#gone.add(name)
  }

  stop(): void {
    this.#server.stop(true)
  }

  #page(): Response {
    const n = ++this.#scrapes
    const odd = ['NaN', '+Inf', '-Inf', '0', '0.1', '5e-324'][n % 6]
    const lines = [
      '# TYPE work counter',
      `work_total{kind="größe"} ${n} # {trace_id="${n}"} 1`,
      `work_created{kind="größe"} ${this.created / 1000}`,
      '# TYPE odd gauge',
      `odd ${odd}`,
      '# TYPE ephemeral gauge',
      ...(this.#gone.has('ephemeral') ? [] : [`ephemeral ${n}`]),
      '# TYPE work_seconds histogram',
      '# UNIT work_seconds seconds',
      '# HELP work_seconds How long work takes',
      `work_seconds_bucket{le="0.5"} ${n} # {trace_id="t${n}"} 0.25`,
      `work_seconds_bucket{le="+Inf"} ${3 * n}`,
      `work_seconds_count ${3 * n}`,
      `work_seconds_sum ${1.5 * n}`,
      `work_seconds_created ${this.created / 1000}`,
      '# TYPE "with.dots" gauge',
      `{"with.dots","a.label"="ü"} ${n}`,
      '# EOF',
    ]
    return new Response(`${lines.join('\n')}\n`, {
      headers: {
        'content-type':
          'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8',
      },
    })
  }
}
