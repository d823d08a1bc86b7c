// How many bytes of lines there are, by labels: /index/volume, /index/volume_range.

import type { Engine } from '../engine.ts'
import type { Asked, Route } from '../http/router.ts'
import { success } from './answers.ts'
import type { Labels } from './entry.ts'
import { nowOf, requireLogQuery } from './labels.ts'
import { labelValue } from './logql/entry-labels.ts'
import { readLimit, readRange, readStep, type TimeRange } from './parameters.ts'
import { readEntries } from './read.ts'
import { keyOf } from './streams.ts'

export const volumeRoutes = (engine: Engine): Route[] => [
  {
    methods: ['GET', 'POST'],
    path: '/loki/api/v1/index/volume',
    answer: async (asked) => {
      const range = readRange(asked.parameters, nowOf(engine))
      const volumes = await readVolumes(engine, asked, range, () => seconds(range.end))
      return success({
        resultType: 'vector',
        result: volumes.map(({ metric, bytes }) => {
          const [[time, amount] = [seconds(range.end), 0]] = bytes
          return { metric, value: [time, String(amount)] }
        }),
      })
    },
  },
  {
    methods: ['GET', 'POST'],
    path: '/loki/api/v1/index/volume_range',
    answer: async (asked) => {
      const range = readRange(asked.parameters, nowOf(engine))
      const step = BigInt(readStep(asked.parameters, range)) * 1_000_000n
      // A line counts at the beginning of its step.
      const timeOf = (time: bigint) => seconds(time - (time % step))
      const volumes = await readVolumes(engine, asked, range, timeOf)
      return success({
        resultType: 'matrix',
        result: volumes.map(({ metric, bytes }) => ({
          metric,
          values: [...bytes]
            .sort(([a], [b]) => a - b)
            .map(([time, amount]) => [time, String(amount)]),
        })),
      })
    },
  },
]

const seconds = (nanoseconds: bigint) => Number(nanoseconds / 1_000_000n) / 1000

interface Volume {
  readonly metric: Labels
  /** Unix seconds → bytes. */
  readonly bytes: Map<number, number>
}

/** The largest first, as many as asked for. */
async function readVolumes(
  engine: Engine,
  { parameters, request }: Asked,
  range: TimeRange,
  timeOf: (time: bigint) => number,
): Promise<Volume[]> {
  const query = requireLogQuery(parameters.get('query') ?? '')
  const limit = readLimit(parameters)
  const targets = parameters.get('targetLabels')?.split(',').filter(Boolean) ?? []
  const byLabel = parameters.get('aggregateBy') === 'labels'
  const named = targets.length ? targets : query.selector.map(({ name }) => name)
  const found = new Map<string, Volume>()
  const scan = { ...range, direction: 'backward', signal: request.signal } as const
  await readEntries(engine, query, scan, ({ time, line, labels }) => {
    const amount = Buffer.byteLength(line)
    for (const metric of byLabel ? namesOf(labels, targets) : metricOf(labels, named)) {
      const key = keyOf(metric)
      const volume = found.get(key) ?? { metric, bytes: new Map<number, number>() }
      found.set(key, volume)
      const at = timeOf(time)
      volume.bytes.set(at, (volume.bytes.get(at) ?? 0) + amount)
    }
    return true
  })
  const total = ({ bytes }: Volume) => [...bytes.values()].reduce((a, b) => a + b, 0)
  return [...found.values()].sort((a, b) => total(b) - total(a)).slice(0, limit)
}

/** The labels asked for; nothing of a stream that has none of them. */
function metricOf(labels: Labels, names: readonly string[]): Labels[] {
  const pairs = names.flatMap((name) => {
    const value = labelValue(labels, name)
    return value === undefined ? [] : [[name, value]]
  })
  return pairs.length ? [Object.fromEntries(pairs)] : []
}

/** `aggregateBy=labels`: each name of a label, for all of its values together. */
const namesOf = (labels: Labels, names: readonly string[]): Labels[] =>
  Object.keys(labels)
    .filter((name) => names.length === 0 || names.includes(name))
    .map((name) => ({ [name]: '' }))
