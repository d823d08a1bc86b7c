// A real Prometheus, and the questions that a test puts to it and to the engine alike.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { json } from '../support/ask.ts'
import { root, temporaryFolder } from '../support/engine.ts'
import { freePort, startPeer } from '../support/peers.ts'
import { replaced } from './replaced.ts'

/** Where the pack has config, rules and flags. */
export const PACK_FOLDER = join(root, 'deploy/prometheus')

/**
 * Takes OTLP, and scrapes each of `targets` every second: as OpenMetrics, start times and exemplars included, and once
 * more as text, whose series have `format="text"`. Gives its URL.
 */
export async function startPrometheus(path: string, targets: readonly string[]): Promise<string> {
  const folder = temporaryFolder('prometheus')
  const config = join(folder, 'prometheus.json')
  const scrape = {
    scrape_interval: '1s',
    // The series have jobs of their own, and no instance: it would split each counter by process.
    honor_labels: true,
    static_configs: [{ targets }],
  }
  const withoutInstance = { action: 'labeldrop', regex: 'instance' }
  const asText = { target_label: 'format', replacement: 'text' }
  const scrapes = [
    { ...scrape, job_name: 'open', metric_relabel_configs: [withoutInstance] },
    {
      ...scrape,
      job_name: 'text',
      scrape_protocols: ['PrometheusText0.0.4'],
      metric_relabel_configs: [withoutInstance, asText],
    },
  ]
  writeFileSync(config, JSON.stringify({ scrape_configs: scrapes }))
  return await run(path, config, join(folder, 'data'))
}

const ALERTING = readdirSync(PACK_FOLDER).filter((name) => name.endsWith('-alerting.yaml'))

export interface Around {
  /** Host and port of an Alertmanager. */
  readonly alertmanager?: string
  /** What is scraped: host and port by the file that switches the job on, such as `engine-targets.yaml`. */
  readonly targets?: Readonly<Record<string, string>>
}

/**
 * By the config and rules of the pack. Nothing is changed but these durations and Alertmanager's address: it scrapes and
 * evaluates every second, and an alert fires after two. Gives its URL.
 */
export async function startPackPrometheus(path: string, around: Around): Promise<string> {
  const folder = hurriedRules()
  changed(
    folder,
    'prometheus.yaml',
    [/(?<=^ +(scrape|evaluation)_interval: ).+$/gm, '1s'],
    [/(?<=- )alertmanager:9093$/gm, around.alertmanager ?? 'alertmanager:9093'],
  )
  for (const [name, target] of Object.entries(around.targets ?? {})) {
    writeFileSync(join(folder, name), JSON.stringify([{ targets: [target] }]))
  }
  return await run(path, join(folder, 'prometheus.yaml'), join(folder, 'data'))
}

/** A folder with the rules of the pack, evaluated each second where they say how often, and alerts that fire after two. */
export function hurriedRules(): string {
  const folder = temporaryFolder('pack-prometheus')
  const interval = [/(?<=^ +interval: ).+$/gm, '1s'] as const
  changed(folder, 'agent-recording.yaml', interval)
  for (const name of ALERTING) {
    const own = name === 'agent-alerting.yaml' ? [interval] : []
    changed(folder, name, [/(?<=^ +for: ).+$/gm, '2s'], ...own)
  }
  return folder
}

const changed = (folder: string, name: string, ...changes: Parameters<typeof replaced>[1]) =>
  writeFileSync(
    join(folder, name),
    replaced(readFileSync(join(PACK_FOLDER, name), 'utf8'), changes),
  )

/** That scrapes nothing, with no flags but these. Gives its URL. */
export async function startPlainPrometheus(
  path: string,
  flags: readonly string[],
): Promise<string> {
  const folder = temporaryFolder('plain-prometheus')
  const config = join(folder, 'prometheus.json')
  writeFileSync(config, '{}')
  const address = `127.0.0.1:${freePort()}`
  const command = [
    path,
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    ...flags,
  ]
  await startPeer(command, `http://${address}/-/ready`)
  return `http://${address}`
}

async function run(path: string, config: string, data: string): Promise<string> {
  const prometheus = new PrometheusProcess(path, config, data)
  await prometheus.start()
  return prometheus.url
}

/** With the flags of the pack. One that can be ended, and started again where it was. */
export class PrometheusProcess {
  readonly url: string
  readonly #command: readonly string[]
  #process: Bun.Subprocess | undefined

  constructor(path: string, config: string, data: string, flags: readonly string[] = []) {
    const address = `127.0.0.1:${freePort()}`
    this.url = `http://${address}`
    this.#command = [
      path,
      `@${join(PACK_FOLDER, 'flags.txt')}`,
      `--config.file=${config}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=${address}`,
      ...flags,
    ]
  }

  async start(): Promise<void> {
    this.#process = await startPeer(this.#command, `${this.url}/-/ready`)
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#process?.kill(signal)
    await this.#process?.exited
  }
}

/** All series that are derived, but for what is scraped as text; and the same by way of a Collector. */
export const DERIVED = '{__name__=~"agent_[^:]+",__name__!~"agent_steps_.+",format=""}'
export const COLLECTED =
  '{__name__=~"agent_[^:]+",cluster="default",deployment_environment="production"}'

type Labels = Readonly<Record<string, string>>

interface QueryAnswer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Labels
      readonly value?: readonly [number, string]
      readonly values?: readonly (readonly [number, string])[]
    }[]
  }
}

const ask = (url: string, query: string): Promise<QueryAnswer> =>
  json(`${url}/api/v1/query?${new URLSearchParams({ query })}`)

/** Current values: `{…} VALUE`, sorted. */
export async function values(url: string, query: string): Promise<string[]> {
  const { data } = await ask(url, query)
  return data.result.map(({ metric, value }) => `${seriesText(metric)} ${value![1]}`).sort()
}

/** A line of `values` to 12 digits: sums of fractions depend on their order. */
export const rounded = (line: string): string =>
  line.replace(/\S+$/, (value) => String(Number(Number(value).toPrecision(12))))

/** When each series of the last hour began, and with what: `{…} SECONDS VALUE`, sorted. */
export async function beginnings(url: string, selector: string): Promise<string[]> {
  const { data } = await ask(url, `${selector}[1h]`)
  return data.result
    .map(({ metric, values }) => `${seriesText(metric)} ${values![0]!.join(' ')}`)
    .sort()
}

/** What the counters of a selection were raised by in the last hour, whenever they began anew. */
export async function raised(url: string, selector: string): Promise<number> {
  const { data } = await ask(url, `${selector}[1h]`)
  let sum = 0
  for (const { values } of data.result) {
    let last = 0
    for (const [, text] of values!) {
      const value = Number(text)
      sum += value < last ? value : value - last
      last = value
    }
  }
  return sum
}

interface Exemplar {
  readonly series: Labels
  readonly labels: Labels
  readonly value: string
  readonly timestamp: number
}

/** All of the last hour. */
export async function exemplarsOf(url: string, query: string): Promise<Exemplar[]> {
  const now = Date.now() / 1000
  const range = { start: String(now - 3600), end: String(now + 60) }
  const { data } = await json<{
    data: { seriesLabels: Labels; exemplars: Omit<Exemplar, 'series'>[] }[]
  }>(`${url}/api/v1/query_exemplars?${new URLSearchParams({ query, ...range })}`)
  return data.flatMap(({ seriesLabels, exemplars }) =>
    exemplars.map((exemplar) => ({ series: seriesLabels, ...exemplar })),
  )
}

/** The same as text: `{…} {…} VALUE SECONDS`, sorted. */
export const exemplars = async (url: string, query: string): Promise<string[]> =>
  (await exemplarsOf(url, query))
    .map(
      ({ series, labels, value, timestamp }) =>
        `${seriesText(series)} ${seriesText(labels)} ${Number(value)} ${timestamp}`,
    )
    .sort()

/** Without `format`, and the labels that a Collector adds. A bound reads `1048576` by OTLP and `1.048576e+06` by scraping: here it is the number. */
export function seriesText({
  le,
  format,
  cluster,
  deployment_environment,
  ...labels
}: Labels): string {
  const entries = Object.entries(le === undefined ? labels : { ...labels, le: boundText(le) })
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

const boundText = (le: string) => (le === '+Inf' ? le : String(Number(le)))
