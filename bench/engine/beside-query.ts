// Whether one bad query slows ingest: how late answers to writers come at a steady rate, alone and beside heavy PromQL
// queries, one after the other without a pause. Prints Markdown.
// `bun bench/engine/beside-query.ts [--rate 40] [--seconds 15]`

import { parseArgs } from 'node:util'
import { CONTENDERS } from './contenders.ts'
import { type Loaded, spawnLoad } from './load.ts'
import { newFolder, removeFolder, Server } from './server.ts'
import { SPANS } from './spans.ts'

const { values } = parseArgs({
  options: {
    /** Batches a second. */
    rate: { type: 'string', default: '40' },
    seconds: { type: 'string', default: '15' },
  },
})
const CLIENTS = 4
const FILL = { clients: 8, batches: 200 }

interface Heavy {
  readonly query: string
  /** Of the answer, 15 s apart. */
  readonly points: number
}

const wide = Array.from(
  { length: 140 },
  (_, i) => `label_replace(vector(time()), "n", "${i}", "", "")`,
)

const HEAVY: Readonly<Record<string, Heavy>> = {
  'windows of 20 000 samples': { query: 'mad_over_time(vector(time())[20000s:1s])', points: 1_000 },
  '5 million steps of a subquery': {
    query: 'max_over_time((vector(time()) * 2)[58d:1s])',
    points: 1,
  },
  'rates of every step there was': {
    query: 'sum(rate({__name__=~"agent_step_duration_seconds_(count|sum)"}[5m]))',
    points: 240,
  },
  'an answer of 1.5 million points': { query: wide.join(' or '), points: 11_000 },
}

const [engine] = CONTENDERS
const folder = newFolder()
const server = await Server.start(engine!, folder)
const target = { protocol: 'http' as const, url: engine!.otlpHttp(server.ports) }
await spawnLoad({ ...target, ...FILL, first: 0 })
await server.idle()

let first = FILL.batches
async function measure(name: string, heavy: Heavy | undefined): Promise<Measured> {
  console.error(name)
  const end = new AbortController()
  const asked = heavy ? askUntil(end.signal, heavy) : Promise.resolve(0)
  const load = {
    ...target,
    clients: CLIENTS,
    rate: Number(values.rate),
    seconds: Number(values.seconds),
    first,
  }
  const loaded = await spawnLoad(load)
  first += loaded.batches
  end.abort()
  const answers = await asked
  await server.idle()
  return { name, loaded, answers }
}

interface Measured {
  readonly name: string
  readonly loaded: Loaded
  readonly answers: number
}

/** How often it was answered, one after the other. */
async function askUntil(signal: AbortSignal, { query, points }: Heavy): Promise<number> {
  const url = `http://127.0.0.1:${server.ports.query}/api/v1/query_range`
  for (let answers = 0; ; answers++) {
    const now = Math.floor(Date.now() / 1000)
    const range = { start: String(now - (points - 1) * 15), end: String(now), step: '15' }
    const body = new URLSearchParams({ query, ...range })
    try {
      const response = await fetch(url, { method: 'POST', body, signal })
      if (!response.ok) throw new Error(await response.text())
      await response.arrayBuffer()
    } catch (error) {
      if (signal.aborted) return answers
      throw error
    }
  }
}

const measured = [
  await measure('nothing', undefined),
  ...(await sequence(Object.entries(HEAVY), ([name, heavy]) => measure(name, heavy))),
  await measure('nothing, again', undefined),
]
await server.stop()
removeFolder(folder)

async function sequence<T, R>(items: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const item of items) results.push(await each(item))
  return results
}

const at = ({ latencies }: Loaded, share: number) =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))]!
const alone = measured[0]!.loaded
const row = ({ name, loaded, answers }: Measured) =>
  `| ${[
    name,
    answers,
    at(loaded, 0.5).toFixed(1),
    at(loaded, 0.99).toFixed(1),
    loaded.latencies.at(-1)!.toFixed(1),
    (at(loaded, 0.5) / at(alone, 0.5)).toFixed(2),
    (at(loaded, 0.99) / at(alone, 0.99)).toFixed(2),
  ].join(' | ')} |`
console.log(
  [
    `${values.rate} batches of ${SPANS} spans a second, ${values.seconds} s each.`,
    '',
    '| beside | its answers | 50 %, ms | 99 %, ms | slowest, ms | 50 % by alone | 99 % by alone |',
    '|---|---|---|---|---|---|---|',
    ...measured.map(row),
  ].join('\n'),
)
