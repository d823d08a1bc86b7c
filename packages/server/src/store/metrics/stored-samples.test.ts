// Samples out of order, twice at one time, stale, with starts, while they become chunks, the engine ends or is killed,
// and segments are deleted: what is read is what a plain list has.

import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Nanoseconds } from '@stepwell/model'
import { keyValues } from '@stepwell/otlp'
import { compileMatchers, isStale, type Labels, type Matcher, type Series } from '@stepwell/promql'
import type { JournalRecord } from '../../journal/types.ts'
import { generator, TestData } from '../testing.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32))
const random = generator(seed)
const whole = (below: number) => Math.floor(random() * below)
const pick = <T>(from: readonly T[]): T => from[whole(from.length)]!

let data: TestData
afterAll(() => data.remove())

const T0 = Date.UTC(2026, 0, 1)

interface Accepted {
  readonly segment: number
  readonly labels: Labels
  readonly time: number
  readonly start: number
  /** Undefined for a stale marker. */
  readonly value: number | undefined
  readonly isHistogram: boolean
}

const LABELS: readonly Labels[] = ['a', 'b'].flatMap((name) =>
  ['1', '2', '3', '4'].map((n) => ({ __name__: name, job: 'agent', n })),
)
const HISTOGRAM: Labels = { __name__: 'h', job: 'agent', n: '1' }

const point = ({ labels, time, start, value }: Omit<Accepted, 'segment'>) => ({
  attributes: keyValues({ n: labels.n! }),
  timeUnixNano: BigInt(time) * 1_000_000n,
  startTimeUnixNano: BigInt(start) * 1_000_000n,
  flags: value === undefined ? 1 : 0,
})

const metric = (sample: Omit<Accepted, 'segment'>) =>
  sample.isHistogram
    ? {
        name: 'h',
        exponentialHistogram: {
          aggregationTemporality: 2,
          dataPoints: [{ ...point(sample), count: BigInt(sample.value ?? 0), scale: 2 }],
        },
      }
    : {
        name: sample.labels.__name__!,
        gauge: { dataPoints: [{ ...point(sample), asDouble: sample.value ?? 0 }] },
      }

const textAt = (time: number, value: number | undefined, start = 0) =>
  value === undefined ? `${time - T0}:stale` : `${time - T0}:${value}:${start}`

/** `time:value:start`, in order of time; of several at one time the last accepted. */
function naive(accepted: readonly Accepted[], labels: Labels, start: number, end: number) {
  const samples = new Map<number, string>()
  for (const one of accepted) {
    if (one.labels !== labels || one.time < start || one.time > end) continue
    samples.set(one.time, textAt(one.time, one.value, one.start))
  }
  return [...samples].sort(([a], [b]) => a - b).map(([, text]) => text)
}

const textOf = ({ samples, histograms }: Series) => [
  ...[...samples.timestamps].map((time, i) => {
    const value = isStale(samples.values, i) ? undefined : samples.values[i]
    return textAt(time, value, samples.startTimestamps?.[i])
  }),
  ...(histograms?.values ?? []).map(({ isStale: stale, count }, i) => {
    const { timestamps, startTimestamps } = histograms!
    return textAt(timestamps[i]!, stale ? undefined : count, startTimestamps?.[i])
  }),
]

test('what is read is what a plain list has', async () => {
  console.log(`stored samples seed ${seed} (SEED replays it)`)
  for (let round = 0; round < 4; round++) {
    data = new TestData({ segmentBytes: 3000, mostRecentSamples: 1 + whole(200) })
    let accepted: Accepted[] = []
    const records: JournalRecord[] = []
    let folder = data.root
    let engine = await data.openStore()
    let clock = T0
    for (let request = 0; request < 150; request++) {
      data.now += 1000
      const sent = Array.from({ length: 1 + whole(20) }, () => {
        clock += whole(3) * 100
        const isHistogram = random() < 0.1
        return {
          labels: isHistogram ? HISTOGRAM : pick(LABELS),
          time: random() < 0.8 ? clock : T0 + whole(clock - T0 + 1),
          start: isHistogram || random() < 0.7 ? 0 : T0 - whole(3),
          value: random() < 0.1 ? undefined : pick([whole(1000), random(), whole(100) / 100]),
          isHistogram,
        }
      }).map((one) =>
        one.isHistogram && one.value ? { ...one, value: Math.ceil(one.value) } : one,
      )
      const resource = { attributes: keyValues({ 'service.name': 'agent' }) }
      const record = await data.accept('metrics', {
        resourceMetrics: sent.map((one) => ({
          resource,
          scopeMetrics: [{ metrics: [metric(one)] }],
        })),
      })
      records.push(record)
      const { segment } = record.position
      // A request is read number by number, then histogram by histogram; each series has one kind.
      for (const one of sent) accepted.push({ ...one, segment })
      await engine.store.index([record])
      const fate = random()
      if (fate < 0.2) await engine.store.trace('1'.padStart(32, '0'))
      else if (fate < 0.23) {
        await engine.store.close()
        engine = await data.openStore(folder)
      } else if (fate < 0.26) {
        folder = data.crash(folder)
        engine = await data.openStore(folder)
      } else if (fate < 0.28) {
        const last = pick(records)
        const end = records.findLast(({ position }) => position.segment === last.position.segment)!
        if (end.position.segment === record.position.segment) continue
        await engine.store.deleteSegments({
          segment: end.position.segment,
          acceptedAt: end.acceptedAt,
          forgetBefore: 0n as Nanoseconds,
        })
        accepted = accepted.filter((one) => one.segment > end.position.segment)
      }
      if (random() < 0.1) await compare()
    }
    await compare()
    engine = await data.openStore(join(data.root, 'rebuilt'))
    await compare()
    await compareSql()
    await data.remove()

    async function compare() {
      const [from, to] = [T0 + whole(clock - T0), T0 + whole(clock - T0)].sort()
      const [start, end] = random() < 0.3 ? [0, clock] : [from!, to!]
      const matchers: Matcher[] = [
        { name: '__name__', type: '=~', value: pick(['a', 'a|b', '.+', 'h', 'b|h']) },
        { name: 'n', type: pick(['=', '!=']), value: pick(['1', '2', '', 'none']) },
      ]
      const matches = compileMatchers(matchers)
      const found = await engine.derived.select({ matchers, start, end })
      const listed = await engine.derived.series({ matchers, start, end })
      const nameOf = ({ __name__, n }: Labels) => `${__name__}${n}`
      const expected = [...LABELS, HISTOGRAM]
        .filter(matches)
        .map((labels) => ({ labels, samples: naive(accepted, labels, start, end) }))
        .filter(({ samples }) => samples.length > 0)
      const read = Object.fromEntries(
        found
          .map((one) => [nameOf(one.labels), textOf(one)] as const)
          .filter(([, samples]) => samples.length > 0),
      )
      expect({ seed, round, start, end, read }).toEqual({
        seed,
        round,
        start,
        end,
        read: Object.fromEntries(expected.map(({ labels, samples }) => [nameOf(labels), samples])),
      })
      const spans = LABELS.filter(matches).filter((labels) => {
        const times = accepted.filter((one) => one.labels === labels).map(({ time }) => time)
        return Math.min(...times) <= end && Math.max(...times) >= start
      })
      const numbers = listed.filter(({ __name__ }) => __name__ !== 'h').map(nameOf)
      expect({ seed, round, listed: numbers.sort() }).toEqual({
        seed,
        round,
        listed: spans.map(nameOf).sort(),
      })
    }

    /** Whatever PromQL reads is a row of the view. */
    async function compareSql() {
      const { rows } = await engine.store.sql(
        `SELECT name, labels['n'], epoch_ms("time"), value FROM metrics WHERE value IS NOT NULL`,
      )
      const there = new Set(rows.map((row) => row.join()))
      for (const labels of LABELS) {
        for (const text of naive(accepted, labels, 0, clock)) {
          const [time, value] = text.split(':')
          if (value === 'stale') continue
          const row = [labels.__name__, labels.n, Number(time) + T0, value].join()
          expect({ seed, row, isThere: there.has(row) }).toEqual({ seed, row, isThere: true })
        }
      }
    }
  }
}, 60_000)
