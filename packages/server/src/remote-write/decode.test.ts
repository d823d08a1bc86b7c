import { expect, test } from 'bun:test'
import { decodeRemoteWrite } from './decode.ts'
import { request1, request2, STALE, type TestHistogram, type TestSeries } from './testing.ts'
import type { Decoded } from './translated.ts'

const LABELS = [
  ['__name__', 'm'],
  ['job', 'a'],
] as const
const labels = { __name__: 'm', job: 'a' }
const manyLabels = (count: number): [string, string][] =>
  Array.from({ length: count }, (_, i) => (i === 0 ? ['__name__', 'm'] : [`l${1000 + i}`, 'v']))

const decode1 = (series: readonly TestSeries[], metadata?: Parameters<typeof request1>[1]) =>
  decodeRemoteWrite('remote-write-1', request1(series, metadata))
const decode2 = (series: readonly TestSeries[]) =>
  decodeRemoteWrite('remote-write-2', request2(series))

const both: readonly [string, (series: readonly TestSeries[]) => Decoded][] = [
  ['1', decode1],
  ['2', decode2],
]

test.each(both)('protocol %s: values keep their bits', (_, decode) => {
  const values = [1.5, 0, -0, Number.NaN, Infinity, -Infinity, STALE, 5e-324]
  const { samples } = decode([
    { labels: LABELS, samples: values.map((value, i) => [1000 + i, value]) },
  ])
  const wanted = values.map((value) => (value === STALE ? undefined : value))
  expect(samples.map(({ value }) => value)).toEqual(wanted)
  expect(Object.is(samples[2]!.value, -0)).toBe(true)
  expect(samples.map(({ time }) => time)).toEqual(values.map((_, i) => 1000 + i))
  expect(samples[0]).toEqual({
    labels,
    time: 1000,
    start: 0,
    value: 1.5,
    isDelta: false,
    isMonotonic: false,
  })
})

test.each(both)('protocol %s: exemplars belong to their series', (_, decode) => {
  const exemplar = [[['trace_id', 'abc']], 0.25, 7] as const
  const { exemplars } = decode([{ labels: LABELS, exemplars: [exemplar] }])
  expect(exemplars).toEqual([{ series: labels, labels: { trace_id: 'abc' }, value: 0.25, time: 7 }])
})

test.each(both)('protocol %s: any name in UTF-8, and no label without a value', (_, decode) => {
  const decoded = (more: readonly [string, string][]) =>
    decode([{ labels: [['__name__', 'größe.in.m²'], ...more], samples: [[1, 1]] }])
  const entries = (...more: [string, string][]) =>
    Object.entries(decoded(more).samples[0]!.labels).slice(1)
  expect(entries(['__proto__', 'p'], ['leer', ''])).toEqual([['__proto__', 'p']])
  // By bytes, then by UTF-16.
  const [last, surrogates] = ['\u{ffff}', '\u{10000}']
  expect(entries([last, 'a'], [surrogates, 'b'])).toEqual([
    [surrogates, 'b'],
    [last, 'a'],
  ])
  const { refused } = decoded([
    [surrogates, 'b'],
    [last, 'a'],
  ])
  expect(refused).toEqual([expect.stringContaining('are not sorted')])
})

test('metadata: a list in protocol 1, with each series in protocol 2, once a metric', () => {
  const one = { type: 3, help: 'How long', unit: 'seconds' }
  const wanted = [{ name: 'd', type: 'histogram', help: 'How long', unit: 'seconds' }] as const
  expect(decode1([], [{ name: 'd', ...one }]).metadata).toEqual([...wanted])
  const series = (name: string) => ({ labels: [['__name__', name]] as const, metadata: one })
  expect(decode2(['d_bucket', 'd_count', 'd_sum'].map(series)).metadata).toEqual([...wanted])
})

test('starts: of each sample, or as they were, of the series', () => {
  const starts = (series: TestSeries) =>
    decode2([series]).samples.map(({ start, isMonotonic }) => [start, isMonotonic])
  expect(starts({ labels: LABELS, samples: [[5000, 1, 4000]] })).toEqual([[4000, true]])
  expect(starts({ labels: LABELS, samples: [[5000, 1]], created: 3000 })).toEqual([[3000, true]])
  expect(starts({ labels: LABELS, samples: [[5000, 1]] })).toEqual([[0, false]])
})

const INTEGER: TestHistogram = {
  count: 10n,
  sum: 12.5,
  schema: 1,
  zeroThreshold: 0.001,
  zeroCount: 1n,
  positiveSpans: [
    [-2, 2],
    [3, 1],
  ],
  positiveDeltas: [1, 2, -1],
  negativeSpans: [[0, 2]],
  negativeDeltas: [2, -1],
  time: 9,
}
const FLOAT: TestHistogram = {
  countFloat: 2.5,
  sum: -0,
  zeroCountFloat: 0.5,
  positiveSpans: [[4, 2]],
  positiveCounts: [0.5, 1.5],
  hint: 3,
  time: 9,
}
const CUSTOM: TestHistogram = {
  count: 6n,
  sum: 3,
  schema: -53,
  customBounds: [0.5, 1, 10],
  positiveSpans: [
    [0, 1],
    [2, 1],
  ],
  positiveDeltas: [2, 2],
  hint: 1,
  time: 9,
}

test.each(both)('protocol %s: integer, float and custom histograms', (_, decode) => {
  const { histograms } = decode([{ labels: LABELS, histograms: [INTEGER, FLOAT, CUSTOM] }])
  const none = { indexes: [], counts: [] }
  expect(histograms.map(({ value }) => value)).toEqual([
    {
      schema: 1,
      count: 10,
      sum: 12.5,
      zeroThreshold: 0.001,
      zeroCount: 1,
      positive: { indexes: [-2, -1, 3], counts: [1, 3, 2] },
      negative: { indexes: [0, 1], counts: [2, 1] },
      customBounds: [],
      counterReset: 'unknown',
    },
    {
      schema: 0,
      count: 2.5,
      sum: -0,
      zeroThreshold: 0,
      zeroCount: 0.5,
      positive: { indexes: [4, 5], counts: [0.5, 1.5] },
      negative: none,
      customBounds: [],
      counterReset: 'gauge',
    },
    {
      schema: -53,
      count: 6,
      sum: 3,
      zeroThreshold: 0,
      zeroCount: 0,
      positive: { indexes: [0, 3], counts: [2, 4] },
      negative: none,
      customBounds: [0.5, 1, 10],
      counterReset: 'reset',
    },
  ])
  const [stale] = decode([{ labels: LABELS, histograms: [{ sum: STALE, time: 3 }] }]).histograms
  expect([stale!.value, stale!.time]).toEqual([undefined, 3])
})

test.each([
  ['has no __name__', { labels: [['job', 'a']] }],
  ['has 1001 labels, and 1000 is the limit', { labels: manyLabels(1001) }],
  ['has the label "job" twice', { labels: [...LABELS, ['job', 'b']] }],
  ['"job" is before "b"', { labels: [...LABELS, ['b', 'x']] }],
  ['a label without a name', { labels: [['', 'x'], ...LABELS] }],
  ['has no __name__', { labels: [['__name__', '']] }],
  ['is no time', { labels: LABELS, samples: [[9e15, 1]] }],
  ['spans of 3 buckets', { labels: LABELS, histograms: [{ ...INTEGER, positiveDeltas: [1] }] }],
  [
    '11 observations in its buckets',
    { labels: LABELS, histograms: [{ ...INTEGER, zeroCount: 2n }] },
  ],
  ['a negative count', { labels: LABELS, histograms: [{ ...INTEGER, negativeDeltas: [2, -5] }] }],
  [
    'spans that overlap',
    {
      labels: LABELS,
      histograms: [
        {
          ...INTEGER,
          positiveSpans: [
            [0, 2],
            [-1, 1],
          ],
        },
      ],
    },
  ],
  ['unknown schema 60', { labels: LABELS, histograms: [{ ...FLOAT, schema: 60 }] }],
  [
    'out of range',
    { labels: LABELS, histograms: [{ ...FLOAT, positiveSpans: [[2 ** 31 - 1, 2]] }] },
  ],
  [
    'not finite and ascending',
    { labels: LABELS, histograms: [{ ...CUSTOM, customBounds: [1, 1, 2] }] },
  ],
  [
    'beyond its custom bounds',
    { labels: LABELS, histograms: [{ ...CUSTOM, customBounds: [1, 2] }] },
  ],
  ['which its schema excludes', { labels: LABELS, histograms: [{ ...FLOAT, customBounds: [1] }] }],
] as readonly [string, TestSeries][])(
  'left out with the reason, and nothing else with it: %s',
  (reason, series) => {
    for (const [, decode] of both) {
      const whole = { labels: LABELS, samples: [[1, 1]] } as const
      const { samples, histograms, refused } = decode([whole, series, whole])
      expect([samples.length, histograms.length]).toEqual([2, 0])
      expect(refused).toEqual([expect.stringContaining(reason)])
      if (!reason.includes('time')) expect(refused[0]).toContain('series 1')
    }
  },
)

test('a finer histogram than Prometheus keeps is made coarser', () => {
  const fine = { ...FLOAT, schema: 9, positiveSpans: [[4, 2]] as const }
  const { histograms } = decode2([{ labels: LABELS, histograms: [fine] }])
  expect(histograms[0]!.value).toMatchObject({
    schema: 8,
    positive: { indexes: [2, 3], counts: [0.5, 1.5] },
  })
})

test('a request by the other protocol says so', () => {
  const series = [{ labels: LABELS, samples: [[1, 1]] }] as const
  const read = (encoding: 'remote-write-1' | 'remote-write-2', body: Uint8Array) => () =>
    decodeRemoteWrite(encoding, body)
  expect(read('remote-write-1', request2(series))).toThrow('this is an io.prometheus.write.v2')
  expect(read('remote-write-2', request1(series))).toThrow('this is a prometheus.WriteRequest')
})

test('symbols: the first is empty, and all that are referred to are there', () => {
  const read = (symbols: string[]) => () =>
    decodeRemoteWrite('remote-write-2', request2([{ labels: LABELS }], symbols))
  expect(read(['x'])).toThrow('the first symbol is not the empty string')
  // Label 1 refers to symbols 1 and 2: a request without symbols of its own.
  const refused = (...bytes: number[]) =>
    decodeRemoteWrite('remote-write-2', Uint8Array.from(bytes)).refused
  expect(refused(0x2a, 4, 0x0a, 2, 1, 2)).toEqual(['series 0 refers to symbol 1, and there are 0'])
  expect(refused(0x2a, 3, 0x0a, 1, 1)).toEqual(['series 0 has a label without a value'])
})

test('what would take too much memory is refused before it does', () => {
  const long = 'x'.repeat(1 << 20)
  const series = Array.from({ length: 100 }, () => ({
    labels: [
      ['__name__', 'm'],
      ['l', long],
    ] as const,
  }))
  const body = request2(series)
  expect(body.length).toBeLessThan(2 << 20)
  expect(() => decodeRemoteWrite('remote-write-2', body, 50 << 20)).toThrow('more than 50 MiB')
})
