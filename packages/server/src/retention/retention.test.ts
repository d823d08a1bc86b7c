// Deletion beside a store that deletes nothing: what both know of the time that is kept must be the same, through
// copies, restarts, rebuilds, and crashes at each step of a deletion.

import { afterAll, expect, test } from 'bun:test'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ATTRIBUTE, announcementEventName, randomTraceId } from '@stepwell/model'
import { keyValues } from '@stepwell/otlp'
import { isStale } from '@stepwell/promql'
import type { Derived } from '../derive/types.ts'
import { listKept, listSegments } from '../journal/segments.ts'
import type { JournalRecord } from '../journal/types.ts'
import { request2 } from '../remote-write/testing.ts'
import { spansOf } from '../store/records.ts'
import type { OpenStore } from '../store/store.ts'
import { generator, TestData } from '../store/testing.ts'
import { Retention } from './retention.ts'
import { SteadyClock } from './steady-clock.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const KEPT_FOR = 1.5 * HOUR

const opened: TestData[] = []
afterAll(async () => {
  for (const data of opened) await data.remove()
})

const open = (segmentBytes?: number) => {
  const data = new TestData({
    mostRecentSamples: 10,
    ...(segmentBytes !== undefined && { segmentBytes }),
  })
  opened.push(data)
  return data
}

/** A store that deletes by age, by the clock of its data. */
function retentionOf(data: TestData, { store }: OpenStore, maxSizeBytes = 1e12) {
  const now = () => data.now
  const warn = (message: string) => data.warnings.push(message)
  return new Retention({
    folder: join(data.root, 'journal'),
    retentionMilliseconds: KEPT_FOR,
    maxSizeBytes,
    store,
    clock: new SteadyClock({ since: data.now, now, elapsed: now, warn }),
    warn,
  })
}

const nanoseconds = (milliseconds: number) => BigInt(milliseconds) * 1_000_000n

interface SentStep {
  readonly traceId: string
  readonly spanId: string
  readonly agent: string
  readonly startedAt: number
  readonly endedAt: number
  readonly outcome: string
}

const stepsRequest = (steps: readonly SentStep[]) => ({
  resourceSpans: [
    {
      resource: { attributes: keyValues({ 'service.name': 'agent-steps' }) },
      scopeSpans: [
        {
          spans: steps.map(({ traceId, spanId, agent, startedAt, endedAt, outcome }) => ({
            traceId,
            spanId,
            name: `${agent}/plan`,
            startTimeUnixNano: nanoseconds(startedAt),
            endTimeUnixNano: nanoseconds(endedAt),
            attributes: keyValues({
              [ATTRIBUTE.kind]: 'step',
              [ATTRIBUTE.agent]: agent,
              [ATTRIBUTE.outcome]: outcome,
              [ATTRIBUTE.cpuTime]: (endedAt - startedAt) / 7000,
            }),
          })),
        },
      ],
    },
  ],
})

const announcementRequest = (step: SentStep, at: number) => ({
  resourceLogs: [
    {
      resource: { attributes: keyValues({ 'service.name': 'agent-steps' }) },
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: nanoseconds(at),
              traceId: step.traceId,
              spanId: step.spanId,
              eventName: announcementEventName('step', 'running'),
              attributes: keyValues({ [ATTRIBUTE.agent]: step.agent }),
            },
          ],
        },
      ],
    },
  ],
})

const deltaRequest = (writer: string, value: number, at: number) => ({
  resourceMetrics: [
    {
      resource: { attributes: keyValues({ 'service.name': 'jobs' }) },
      scopeMetrics: [
        {
          metrics: [
            {
              name: 'jobs.done',
              sum: {
                aggregationTemporality: 1,
                isMonotonic: true,
                dataPoints: [
                  {
                    attributes: keyValues({ writer }),
                    startTimeUnixNano: nanoseconds(at - 10),
                    timeUnixNano: nanoseconds(at),
                    asDouble: value,
                  },
                ],
              },
            },
          ],
        },
      ],
    },
  ],
})

/** All series from `start` on, as text. */
async function seriesFrom(derived: Derived, start: number, end: number): Promise<string[]> {
  const matchers = [{ name: '__name__', type: '!=', value: '' }] as const
  const found = await derived.select({ matchers, start, end })
  return found
    .map(({ labels, samples: { timestamps, values }, histograms }) => {
      const samples = [...timestamps].map(
        (time, index) => `${time}:${isStale(values, index) ? 'stale' : values[index]}`,
      )
      const native = histograms?.values.map(
        ({ count }, index) => `${histograms.timestamps[index]}:{${count}}`,
      )
      return `${JSON.stringify(labels)} ${samples.concat(native ?? []).join(' ')}`
    })
    .sort()
}

/** What /metrics shows, without exemplars, whose spans may be gone. */
const shownBy = (derived: Derived): string[] =>
  derived
    .families()
    .map((family) =>
      JSON.stringify(family, (key, value) => (key === 'exemplar' ? undefined : value)),
    )

for (let round = 0; round < 2; round++) {
  // A failure is repeated with SEED=… in the environment.
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32))
  test(`what deletion leaves is what a store has that deletes nothing (seed ${seed})`, async () => {
    const random = generator(seed)
    const whole = (below: number) => Math.floor(random() * below)
    const pick = <T>(list: readonly T[]): T => list[whole(list.length)]!

    const data = open(2500)
    const everything = open()
    const journal = join(data.root, 'journal')
    let subject = await data.openStore()
    subject.derived.ready()
    const model = await everything.openStore()
    model.derived.ready()
    const sent: SentStep[] = []
    const running: SentStep[] = []
    const records: JournalRecord[] = []

    const send: typeof data.accept = async (signal, request) => {
      const record = await data.accept(signal, request)
      records.push(record)
      await subject.store.index([record])
      await model.store.index([await everything.accept(signal, request)])
      return record
    }

    /** A counter and a histogram, as a Prometheus writes them. */
    const write = async (count: number) => {
      const time = data.now
      const start = random() < 0.3 ? time - 10 : 0
      const body = request2([
        { labels: [['__name__', 'written_total']], samples: [[time, count, start]] },
        {
          labels: [['__name__', 'written_seconds']],
          histograms: [
            { countFloat: count, time, start, positiveSpans: [[2, 1]], positiveCounts: [count] },
          ],
        },
      ])
      const record = await data.write('remote-write-2', body.slice())
      records.push(record)
      await subject.store.index([record])
      await model.store.index([await everything.write('remote-write-2', body)])
    }

    const snapshot = join(data.root, 'snapshot')
    const copy = (from: string, to: string) => {
      mkdirSync(to, { recursive: true })
      for (const name of readdirSync(from)) {
        if (name.startsWith('index.')) cpSync(join(from, name), join(to, name), { recursive: true })
      }
    }
    const removeIndex = () => {
      for (const name of readdirSync(data.root)) {
        if (name.startsWith('index.')) rmSync(join(data.root, name), { recursive: true })
      }
    }
    const reopen = async () => {
      subject = await data.openStore()
      subject.derived.ready()
    }

    /** A start measures silence anew: whoever is silent is lost before it. */
    const fallSilent = async () => {
      data.now += 2 * MINUTE
      everything.now = data.now
      // A rebuild hears of the silence from what arrives after it.
      await send('traces', stepsRequest([sent.at(-1)!]))
      data.now += 1
      everything.now = data.now
      await subject.store.logResources(0n, 1n)
      await model.store.logResources(0n, 1n)
    }

    const remove = async () => {
      // Until a deletion has begun, the index of before it and the segments are what a crash leaves.
      rmSync(snapshot, { recursive: true, force: true })
      const crashes = pick(['no', 'no', 'with its segments', 'without its segments'])
      if (crashes !== 'no') await fallSilent()
      if (crashes !== 'no') {
        copy(data.root, snapshot)
        cpSync(journal, join(snapshot, 'journal'), { recursive: true })
      }
      const before = listSegments(journal)
      const retention = retentionOf(data, subject, random() < 0.5 ? 1e12 : 1_000_000)
      await retention.pass()
      if (before.length === listSegments(journal).length) return
      expect(listKept(journal)).toEqual([listSegments(journal)[0]! - 1])
      if (crashes === 'no') return
      await subject.store.close()
      removeIndex()
      copy(snapshot, data.root)
      if (crashes === 'with its segments') {
        for (const name of readdirSync(join(snapshot, 'journal'))) {
          if (!existsSync(join(journal, name))) {
            cpSync(join(snapshot, 'journal', name), join(journal, name))
          }
        }
      }
      await reopen()
      expect(listKept(journal)).toEqual([listSegments(journal)[0]! - 1])
    }

    const compare = async () => {
      const first = listSegments(journal)[0]!
      const gone = records.filter(({ position }) => position.segment < first)
      const there = records.filter(({ position }) => position.segment >= first)
      const from = gone.length === 0 ? 0 : Number(gone.at(-1)!.acceptedAt / 1_000_000n) + 1
      expect(await seriesFrom(subject.derived, from, data.now)).toEqual(
        await seriesFrom(model.derived, from, data.now),
      )
      expect(shownBy(subject.derived)).toEqual(shownBy(model.derived))
      const { traceId } = pick(sent)
      const spanIds = there
        .filter(({ signal }) => signal === 'traces')
        .flatMap(spansOf)
        .filter(({ span }) => span.traceId === traceId)
        .map(({ span }) => span.spanId)
      const found = await subject.store.trace(traceId)
      expect(found?.spans.map(({ span }) => span.spanId) ?? []).toEqual([...new Set(spanIds)])
    }

    for (let turn = 0; turn < 250; turn++) {
      data.now += pick([1, 200, 5000, 20_000, 50_000, 4 * MINUTE])
      everything.now = data.now
      const did = random()
      const fresh = (): SentStep => ({
        traceId: randomTraceId(),
        spanId: (sent.length + running.length + 1 + turn * 1000).toString(16).padStart(16, '0'),
        agent: pick(['claude', 'codex', 'gemini']),
        startedAt: data.now - whole(9000),
        endedAt: data.now,
        outcome: pick(['success', 'failure']),
      })
      if (did < 0.35 || sent.length === 0) {
        const steps = [fresh()]
        sent.push(...steps)
        await send('traces', stepsRequest(steps))
      } else if (did < 0.5) {
        // A copy, or another end; what is older than the retention is not let in.
        const again = pick(sent)
        if (again.endedAt < data.now - KEPT_FOR) continue
        const other = random() < 0.3 ? { ...again, outcome: 'other' } : again
        await send('traces', stepsRequest([other]))
      } else if (did < 0.6) {
        const step = fresh()
        running.push(step)
        await send('logs', announcementRequest(step, data.now))
      } else if (did < 0.7 && running.length > 0) {
        await send('logs', announcementRequest(pick(running), data.now))
      } else if (did < 0.75 && running.length > 0) {
        const [step] = running.splice(whole(running.length), 1)
        const ended = { ...step!, endedAt: data.now }
        sent.push(ended)
        await send('traces', stepsRequest([ended]))
      } else if (did < 0.88) {
        if (random() < 0.5) await write(whole(9))
        else await send('metrics', deltaRequest(pick(['a', 'b']), whole(9), data.now))
      } else if (did < 0.93) {
        await remove()
        await compare()
      } else if (did < 0.95) {
        await fallSilent()
        await subject.store.close()
        await reopen()
        await compare()
      } else if (did < 0.97) {
        await fallSilent()
        await subject.store.close()
        removeIndex()
        await reopen()
        await compare()
      }
    }
    await compare()
    await retentionOf(data, subject, 1).pass()
    expect(listSegments(journal)).toHaveLength(1)
    await compare()
  }, 120_000)
}
