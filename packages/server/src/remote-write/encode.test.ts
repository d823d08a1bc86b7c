import { expect, test } from 'bun:test'
import type { FloatHistogram } from '@stepwell/promql'
import type { RuleSample } from '../rules/evaluate.ts'
import { generator } from '../store/testing.ts'
import { decodeRemoteWrite } from './decode.ts'
import { encodeSamples } from './encode.ts'

/** What the decoder reads of it, in the words of rules. */
function through(samples: readonly RuleSample[]): RuleSample[] {
  const { samples: numbers, histograms } = decodeRemoteWrite(
    'remote-write-2',
    encodeSamples(samples),
  )
  return [...numbers, ...histograms].map(({ labels, time, value }) => ({
    labels,
    time,
    value: value ?? 'stale',
  }))
}

const histogram: FloatHistogram = {
  schema: 3,
  count: 7.25,
  sum: -3,
  zeroThreshold: 1e-128,
  zeroCount: 0.25,
  positive: { indexes: [-7, -6, 2, 900], counts: [1, 0, 2, 0.5] },
  negative: { indexes: [0, 1], counts: [1, 2.5] },
  customBounds: [],
  counterReset: 'gauge',
}

test('what rules record is read as it was', () => {
  const values = [0, -0, 1.5, Number.NaN, Infinity, -Infinity, 'stale'] as const
  const samples: RuleSample[] = [
    ...values.map((value, i) => ({
      labels: { __name__: 'job:up:sum', 'ü.x': 'y', job: `${i}` },
      time: 1_790_000_000_123 + i,
      value,
    })),
    { labels: { __name__: 'h' }, time: -5, value: histogram },
    {
      labels: { __name__: 'h', job: 'custom' },
      time: 5,
      value: {
        ...histogram,
        schema: -53,
        zeroThreshold: 0,
        zeroCount: 0,
        positive: { indexes: [0, 2], counts: [1.5, 5.75] },
        negative: { indexes: [], counts: [] },
        customBounds: [-1, 0.5],
        counterReset: 'reset',
      },
    },
  ]
  expect(through(samples)).toEqual(samples)
})

test('any histogram with any buckets, held against what was given', () => {
  const seed = Number(process.env.STEPWELL_TEST_SEED ?? Date.now() % 1_000_000)
  console.log(`remote write seed ${seed} (STEPWELL_TEST_SEED replays it)`)
  const random = generator(seed)
  const below = (bound: number) => Math.floor(random() * bound)
  const side = () => {
    const indexes: number[] = []
    for (let at = below(40) - 20; random() < 0.85; at += 1 + below(3) * below(9)) indexes.push(at)
    return { indexes, counts: indexes.map(() => random() * 10) }
  }
  const samples = Array.from(
    { length: 200 },
    (_, i): RuleSample => ({
      labels: { __name__: 'h', n: String(i) },
      time: below(1e9),
      value: { ...histogram, schema: below(13) - 4, positive: side(), negative: side() },
    }),
  )
  expect(through(samples)).toEqual(samples)
})
