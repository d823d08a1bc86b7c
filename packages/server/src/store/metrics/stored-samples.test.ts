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

const VALUES = [() => whole(1000), () => random(), () => whole(100) / 100]

const T0 = Date.UTC(2026, 0, 1)

interface Accepted {
  readonly segment: number
  readonly labels: Labels
  readonly time: number
  readonly start: number
  /** Undefined for a stale marker. */
  readonly value: number | undefined
  readonly kind: 'gauge' | 'histogram' | 'delta'
}

const LABELS: readonly Labels[] = ['a', 'b'].flatMap((name) =>
  ['1', '2', '3', '4'].map((n) => ({ __name__: name, job: 'agent', n })),
)
const HISTOGRAM: Labels = { __name__: 'h', job: 'agent', n: '1' }
const DELTAS: readonly Labels[] = ['1', '2'].map((n) => ({ __name__: 'd', job: 'agent', n }))
const NUMBERS = [...LABELS, ...DELTAS]

const point = ({ labels, time, start, value }: Omit<Accepted, 'segment'>) => ({
  attributes: keyValues({ n: labels.n! }),
  timeUnixNano: BigInt(time) * 1_000_000n,
  startTimeUnixNano: BigInt(start) * 1_000_000n,
  flags: value === undefined ? 1 : 0,
})

function metric(sample: Omit<Accepted, 'segment'>) {
  const { kind, labels, value = 0 } = sample
  if (kind === 'gauge') {
    return {
      name: labels.__name__!,
      gauge: { dataPoints: [{ ...point(sample), asDouble: value }] },
    }
  }
  if (kind === 'delta') {
    const dataPoints = [{ ...point(sample), asInt: BigInt(value) }]
    return { name: 'd', sum: { aggregationTemporality: 1, isMonotonic: false, dataPoints } }
  }
  const dataPoints = [{ ...point(sample), count: BigInt(value), scale: 2 }]
  return { name: 'h', exponentialHistogram: { aggregationTemporality: 2, dataPoints } }
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
  for (let round = 0; round < 3; round++) {
    data = new TestData({ segmentBytes: 3000, mostRecentSamples: pick([1, 50, 500, 5000]) })
    let accepted: Accepted[] = []
    const newest = new Map<Labels, { readonly total: number; readonly time: number }>()
    const records: JournalRecord[] = []
    let folder = data.root
    let engine = await data.openStore()
    let clock = T0
    for (let request = 0; request < 120; request++) {
      data.now += 1000
      const sent = Array.from({ length: 1 + whole(20) }, () => {
        clock += whole(3) * 10_000
        const kind = pick(['gauge', 'gauge', 'gauge', 'gauge', 'delta', 'histogram'] as const)
        const labels = { gauge: pick(LABELS), delta: pick(DELTAS), histogram: HISTOGRAM }[kind]
        return {
          kind,
          labels,
          time: random() < 0.8 ? clock : T0 + whole(clock - T0 + 1),
          start: kind !== 'gauge' || random() < 0.7 ? 0 : T0 - whole(3),
          value: random() < 0.1 ? undefined : kind === 'gauge' ? pick(VALUES)() : whole(1000),
        }
      })
      const resource = { attributes: keyValues({ 'service.name': 'agent' }) }
      const record = await data.accept('metrics', {
        resourceMetrics: sent.map((one) => ({
          resource,
          scopeMetrics: [{ metrics: [metric(one)] }],
        })),
      })
      records.push(record)
      const { segment } = record.position
      // A request is read number by number, then histogram by histogram: each series has one kind.
      for (const one of sent) {
        const last = newest.get(one.labels) ?? { total: 0, time: 0 }
        const total = last.total + (one.value ?? 0)
        const isDelta = one.kind === 'delta' && one.value !== undefined
        const time = isDelta ? Math.max(one.time, last.time) : one.time
        accepted.push({ ...one, segment, ...(isDelta && { value: total, time }) })
        newest.set(one.labels, { total, time: Math.max(time, last.time) })
      }
      await engine.store.index([record])
      const fate = random()
      if (fate < 0.2) await engine.store.trace('1'.padStart(32, '0'))
      else if (fate < 0.23) {
        await engine.store.close()
        engine = await data.openStore(folder)
      } else if (fate < 0.26) {
        folder = data.crash(folder)
        engine = await data.openStore(folder)
      } else if (fate < 0.29) {
        // Killed in the midst of writing, perhaps of chunks.
        const writing = engine.store.trace('1'.padStart(32, '0'))
        for (let turns = whole(12); turns > 0; turns--) await Bun.sleep(0)
        folder = data.crash(folder)
        await writing
        engine = await data.openStore(folder)
      } else if (fate < 0.35) {
        const last = pick(records)
        const end = records.findLast(({ position }) => position.segment === last.position.segment)!
        if (end.position.segment === record.position.segment) continue
        await engine.store.deleteSegments({
          segment: end.position.segment,
          acceptedAt: end.acceptedAt,
          forgetBefore: 0n as Nanoseconds,
        })
        accepted = accepted.filter((one) => one.segment > end.position.segment)
        await compare()
      }
      if (random() < 0.1) await compare()
    }
    await compare()
    await compareSql()
    engine = await data.openStore(join(data.root, 'rebuilt'))
    await compare()
    await compareSql()
    await data.remove()

    async function compare() {
      const [from, to] = [T0 + whole(clock - T0), T0 + whole(clock - T0)].sort()
      const [start, end] = random() < 0.3 ? [0, clock] : [from!, to!]
      const matchers: Matcher[] = [
        { name: '__name__', type: '=~', value: pick(['a', 'a|b', '.+', 'h', 'b|h', 'd']) },
        { name: 'n', type: pick(['=', '!=']), value: pick(['1', '2', '', 'none']) },
      ]
      const matches = compileMatchers(matchers)
      const found = await engine.derived.select({ matchers, start, end })
      const given = engine.derived.select({ matchers, start, end, signal: AbortSignal.abort() })
      expect(await given.catch(({ name }) => name)).toBe('AbortError')
      const listed = await engine.derived.series({ matchers, start, end })
      const nameOf = ({ __name__, n }: Labels) => `${__name__}${n}`
      const expected = [...NUMBERS, HISTOGRAM]
        .filter(matches)
        .map((labels) => ({ labels, samples: naive(accepted, labels, start, end) }))
        .filter(({ samples }) => samples.length > 0)
      const read = Object.fromEntries(found.map((one) => [nameOf(one.labels), textOf(one)]))
      expect({ seed, round, start, end, read }).toEqual({
        seed,
        round,
        start,
        end,
        read: Object.fromEntries(expected.map(({ labels, samples }) => [nameOf(labels), samples])),
      })
      const newestOnly = await engine.derived.select({ matchers, start, end, newestOnly: true })
      const last = Object.fromEntries(
        newestOnly.map((one) => [nameOf(one.labels), textOf(one).at(-1)]),
      )
      expect({ seed, round, start, end, last }).toEqual({
        seed,
        round,
        start,
        end,
        last: Object.fromEntries(
          expected.map(({ labels, samples }) => [nameOf(labels), samples.at(-1)]),
        ),
      })
      const spans = NUMBERS.filter(matches).filter((labels) => {
        const times = accepted.filter((one) => one.labels === labels).map(({ time }) => time)
        // Its newest counts, also where that is deleted.
        return Math.min(...times) <= end && newest.get(labels)!.time >= start
      })
      const numbers = listed.filter(({ __name__ }) => __name__ !== 'h').map(nameOf)
      expect({ seed, round, listed: numbers.sort() }).toEqual({
        seed,
        round,
        listed: spans.map(nameOf).sort(),
      })
    }

    /** Whatever PromQL reads is a row of the view, and what was accepted is one once. */
    async function compareSql() {
      const { rows } = await engine.store.sql(
        `SELECT name, labels['n'], epoch_ms("time"), value FROM metrics WHERE value IS NOT NULL`,
      )
      const [from, to] = [whole(clock - T0), whole(clock - T0)].sort((a, b) => a - b)
      const [early, late] = [from!, to!].map((time) => new Date(T0 + time).toISOString())
      const bounded = await engine.store.sql(
        `SELECT count(*) FROM metrics WHERE value IS NOT NULL AND "time" BETWEEN '${early}' AND '${late}'`,
      )
      const within = rows.filter((row) => {
        const time = Number(row[2]) - T0
        return time >= from! && time <= to!
      })
      expect(bounded.rows).toEqual([[within.length]])
      const numbers = accepted.filter((one) => one.kind !== 'histogram' && one.value !== undefined)
      expect(rows.length).toBeLessThanOrEqual(numbers.length)
      const there = new Set(rows.map((row) => row.join()))
      for (const labels of NUMBERS) {
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
