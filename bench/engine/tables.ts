// The figures as Markdown.

import type { Contender } from './contenders.ts'
import { CLIENTS, type Ingest, type Life } from './measure.ts'
import { QUESTIONS } from './queries.ts'

export function ingestTable(
  contenders: readonly Contender[],
  results: ReadonlyMap<string, readonly Ingest[]>,
): string {
  const rows: string[][] = []
  for (const protocol of ['http', 'grpc'] as const) {
    for (const clients of CLIENTS) {
      const of = (name: string) =>
        results.get(name)!.filter((one) => one.protocol === protocol && one.clients === clients)
      const ours = of(contenders[0]!.name)
      for (const { name, answer } of contenders) {
        const found = of(name)
        if (found.length === 0) continue
        const perCpu = median(found.map((one) => one.spansPerCpuSecond))
        const ratio =
          ours.length > 0 ? median(ours.map((one) => one.spansPerCpuSecond)) / perCpu : undefined
        rows.push([
          `${protocol === 'http' ? 'HTTP' : 'gRPC'}, ${clients}`,
          name,
          answer,
          thousands(median(found.map((one) => one.spansPerSecond))),
          thousands(perCpu),
          ratio?.toFixed(2) ?? '–',
          median(found.map((one) => one.loadMicroseconds)).toFixed(1),
          String(median(found.map((one) => one.refusals))),
        ])
      }
    }
  }
  return table(
    [
      'clients',
      '',
      'answered when',
      'spans/s',
      'spans per CPU s',
      'ours by it',
      'the load, µs a span',
      'refusals',
    ],
    rows,
  )
}

export function lifeTables(
  contenders: readonly Contender[],
  lives: ReadonlyMap<string, Life>,
  millions: readonly number[],
): string {
  const present = contenders.filter(({ name }) => lives.has(name))
  const column = (cell: (life: Life) => string) => present.map(({ name }) => cell(lives.get(name)!))
  const rows = [
    ['ready, empty folder, ms', ...column((life) => life.readyEmpty.toFixed(0))],
    ['ready, full folder, ms', ...column((life) => life.readyFull.toFixed(0))],
    ['found after sending, ms', ...column(({ found }) => spread(found))],
    ...latencyRows(column),
    ...millions.flatMap((million) => storedRows(million, column)),
  ]
  return `\n${table(['', ...present.map(({ name }) => name)], rows)}`
}

type Column = (cell: (life: Life) => string) => string[]

function latencyRows(column: Column): string[][] {
  const quantile = (share: number) =>
    column(({ latency: { latencies } }) =>
      latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))]!.toFixed(1),
    )
  return [
    [
      'half load, batches/s',
      ...column(({ latency }) => (latency.batches / latency.seconds).toFixed(0)),
    ],
    ['answer, 50 %, ms', ...quantile(0.5)],
    ['answer, 99 %, ms', ...quantile(0.99)],
    ['answer, 99.9 %, ms', ...quantile(0.999)],
  ]
}

function storedRows(million: number, column: Column): string[][] {
  const of = (life: Life) => life.stored.find(({ millions }) => millions === million)
  const each = (what: string, cell: (stored: NonNullable<ReturnType<typeof of>>) => string) => [
    `${million} M: ${what}`,
    ...column((life) => {
      const stored = of(life)
      return stored ? cell(stored) : '–'
    }),
  ]
  return [
    each('loaded and idle, s', ({ secondsToIdle }) => secondsToIdle.toFixed(1)),
    each('resident at rest, MB', ({ residentBytes }) => (residentBytes / 1e6).toFixed(0)),
    each('resident at the most, MB', ({ peakResidentBytes }) =>
      (peakResidentBytes / 1e6).toFixed(0),
    ),
    each('disk, bytes a span', ({ diskBytesPerSpan }) => diskBytesPerSpan.toFixed(0)),
    ...QUESTIONS.map(({ name }) =>
      each(`${name}, ms`, ({ questions }) => {
        if (!questions.has(name)) return '–'
        const times = questions.get(name)
        return times ? spread(times) : 'not found'
      }),
    ),
  ]
}

/** Median, and the slowest. */
function spread(ascending: readonly number[]): string {
  if (ascending.length === 0) return '–'
  return `${figure(median(ascending))} (${figure(ascending.at(-1)!)})`
}

const figure = (value: number): string => value.toFixed(value < 100 ? 1 : 0)

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!

const thousands = (value: number): string =>
  String(Math.round(value / 100) * 100).replace(/\B(?=(\d{3})+$)/g, ' ')

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---|').join('')}`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n')
}
