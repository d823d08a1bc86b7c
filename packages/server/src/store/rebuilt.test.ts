// An index that is built anew answers as the one did that grew with the requests, restarts and crashes among them: every
// query, at every past time.

import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { ATTRIBUTE, randomTraceId } from '@stepwell/model'
import { keyValues, type RequestOf, type Sparse } from '@stepwell/otlp'
import {
  request1,
  request2,
  STALE,
  type TestHistogram,
  type TestSeries,
} from '../remote-write/testing.ts'
import type { OpenStore } from './store.ts'
import { generator, TestData } from './testing.ts'

const HISTOGRAMS: readonly TestHistogram[] = [
  { count: 3n, sum: 2, positiveSpans: [[-3, 2]], positiveDeltas: [1, 1] },
  {
    countFloat: 1.5,
    sum: -0,
    schema: 3,
    zeroThreshold: 0.5,
    zeroCountFloat: 0.25,
    negativeSpans: [[7, 1]],
    negativeCounts: [1.25],
    hint: 3,
  },
  {
    count: 2n,
    schema: -53,
    positiveSpans: [[1, 1]],
    positiveDeltas: [2],
    customBounds: [0.5, 1],
    hint: 1,
  },
  { sum: STALE },
]

const opened: TestData[] = []
afterAll(async () => {
  for (const data of opened) await data.remove()
})

/** Running and lost work depends on when an engine was there to hear of it, which the journal does not say. */
const GAUGES = /^agent_(\w+)_(running|lost)$/

test.each([
  { restarts: false, compared: /./ },
  { restarts: true, compared: /^(?!agent_\w+_(running|lost)$)/ },
])(
  'after a rebuild every answer is the same (restarts: $restarts)',
  async ({ restarts, compared }) => {
    const seed = Number(process.env.STEPWELL_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32))
    console.log(`rebuilt seed ${seed} (STEPWELL_TEST_SEED replays it)`)
    const random = generator(seed)
    const whole = (below: number) => Math.floor(random() * below)
    const pick = <T>(list: readonly T[]): T => list[whole(list.length)]!
    const data = new TestData({ segmentBytes: 20_000, mostRecentSamples: 20 })
    opened.push(data)
    const begin = data.now
    const traceIds = Array.from({ length: 20 }, () => randomTraceId())
    const resource = () => ({
      attributes: keyValues({ 'service.name': pick(['a', 'b']), 'host.name': pick(['h', 'i']) }),
    })
    let spans = 0
    const spanId = (number: number) => number.toString(16).padStart(16, '0')
    const now = () => BigInt(data.now) * 1_000_000n

    const traces = (): Sparse<RequestOf['traces']> => ({
      resourceSpans: Array.from({ length: 1 + whole(3) }, () => ({
        resource: resource(),
        scopeSpans: [
          {
            spans: Array.from({ length: 1 + whole(4) }, () => {
              // Now and then one that has come before, perhaps with another end.
              const number = spans > 0 && random() < 0.1 ? 1 + whole(spans) : ++spans
              return {
                traceId: traceIds[number % traceIds.length]!,
                spanId: spanId(number),
                name: pick(['read', 'write']),
                startTimeUnixNano: now() - BigInt(whole(100)) * 1_000_000_000n,
                endTimeUnixNano: now() - BigInt(whole(50)) * 1_000_000_000n,
                attributes: keyValues({
                  color: pick(['red', 'green']),
                  ...(random() < 0.6 && {
                    [ATTRIBUTE.kind]: pick(['step', 'gate', 'workflow', 'stage']),
                    [ATTRIBUTE.outcome]: pick(['success', 'failure', 'skipped']),
                    [ATTRIBUTE.agent]: pick(['x', 'y']),
                    [ATTRIBUTE.stepName]: pick(['plan', 'code']),
                  }),
                }),
              }
            }),
          },
        ],
      })),
    })
    const logs = (): Sparse<RequestOf['logs']> => ({
      resourceLogs: [
        {
          resource: resource(),
          scopeLogs: [
            {
              logRecords: Array.from({ length: 1 + whole(3) }, (_, n) => ({
                timeUnixNano: now() - BigInt(whole(1000)),
                traceId: random() < 0.5 ? pick(traceIds) : '',
                body: { stringValue: `${n} ${whole(100)}` },
              })),
            },
          ],
        },
      ],
    })
    const announcement = (): Sparse<RequestOf['logs']> => {
      const number = 1 + whole(spans + 3)
      const said = {
        timeUnixNano: now(),
        traceId: traceIds[number % traceIds.length]!,
        spanId: spanId(number),
        eventName: `stepwell.step.${pick(['started', 'running'])}`,
        attributes: keyValues({ [ATTRIBUTE.agent]: pick(['x', 'y']) }),
      }
      return { resourceLogs: [{ resource: resource(), scopeLogs: [{ logRecords: [said] }] }] }
    }
    const metrics = (): Sparse<RequestOf['metrics']> => ({
      resourceMetrics: [
        {
          resource: resource(),
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'tokens',
                  sum: {
                    aggregationTemporality: pick([1, 2]),
                    isMonotonic: true,
                    dataPoints: [{ timeUnixNano: now(), asInt: BigInt(whole(100)) }],
                  },
                },
                {
                  name: 'load',
                  gauge: { dataPoints: [{ timeUnixNano: now(), asDouble: random() }] },
                },
              ],
            },
          ],
        },
      ],
    })

    /** As one Prometheus writes, or two: times, starts and values as they come. */
    const written = (): Parameters<TestData['write']> => {
      const series = Array.from({ length: 1 + whole(3) }, (): TestSeries => {
        const time = data.now - whole(3) * 15_000
        const start = random() < 0.3 ? time - whole(60_000) : 0
        return random() < 0.6
          ? {
              labels: [['__name__', pick(['written', 'written_total'])]],
              samples: [[time, pick([whole(100), -0, Number.NaN, STALE]), start]],
              exemplars: [[[['trace_id', pick(traceIds)]], whole(10), time]],
            }
          : {
              labels: [['__name__', 'written_seconds']],
              histograms: [{ ...pick(HISTOGRAMS), time, start }],
            }
      })
      return random() < 0.5
        ? ['remote-write-1', request1(series)]
        : ['remote-write-2', request2(series)]
    }

    let folder = data.root
    let engine: OpenStore = await data.openStore()
    engine.derived.ready()
    const question = askerOf(traceIds, begin, random)
    for (let request = 0; request < 150; request++) {
      data.now += whole(20_000)
      const kind = whole(12)
      const record = await (kind < 5
        ? data.accept('traces', traces(), pick(['protobuf', 'json']))
        : kind < 7
          ? data.accept('logs', logs())
          : kind < 8
            ? data.accept('logs', announcement())
            : kind < 10
              ? data.accept('metrics', metrics())
              : data.write(...written()))
      await engine.store.index([record])
      if (random() < 0.2) await engine.store.services()
      if (random() < 0.1) await engine.store.trace(traceIds[0]!)
      if (restarts && random() < 0.05) {
        if (random() < 0.5) folder = data.crash(folder)
        else await engine.store.close()
        engine = await data.openStore(folder)
        engine.derived.ready()
      }
    }
    const questions = Array.from({ length: 40 }, () => question(data.now))
    const answers = async ({ store, derived }: OpenStore) => ({
      services: (await store.services()).sort(),
      answers: await Promise.all(questions.map((ask) => ask({ store, derived }))),
      families: derived
        .families()
        .filter(({ name }) => compared.test(name))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    })
    // Silence is told of by the next announcement: the last word about it is a record's, of the life before.
    await engine.store.index([await data.accept('logs', announcement())])
    data.now += 1
    const before = await answers(engine)
    const rebuilt = await data.openStore(join(data.root, 'rebuilt'))
    rebuilt.derived.ready()
    expect(before.families.some(({ name }) => GAUGES.test(name))).toBe(!restarts)
    expect(await answers(rebuilt)).toEqual(before)
    expect(data.warnings).toEqual([])

    function askerOf(ids: readonly string[], from: number, next: () => number) {
      const times = (end: number) => {
        const start = from - 60_000 + Math.floor(next() * (end - from))
        return { start, end: start + Math.floor(next() * (end - start)) }
      }
      const nanoseconds = (time: number) => BigInt(time) * 1_000_000n
      return (end: number) => {
        const { start, end: until } = times(end)
        const range = { start: nanoseconds(start), end: nanoseconds(until) }
        const kind = Math.floor(next() * 5)
        const one = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!
        const traceId = one(ids)
        const tags = one([undefined, new Map([['color', 'red']]), new Map([['host.name', 'h']])])
        const direction = one(['forward', 'backward'] as const)
        return async ({ store, derived }: Pick<OpenStore, 'store' | 'derived'>) => {
          switch (kind) {
            case 0:
              return store.trace(traceId)
            case 1:
              return store.findTraces({ ...range, service: 'a', tags, limit: 10 })
            case 2: {
              const lines: unknown[] = []
              await store.scanLogs({ ...range, direction }, (log) => lines.push(log) > 0)
              return [lines, await store.logResources(range.start, range.end)]
            }
            case 3: {
              const matchers = [{ name: '__name__', type: '=~' as const, value: '.+' }]
              const series = await derived.select({ matchers, start, end: until })
              return series
                .filter(({ labels }) => compared.test(labels.__name__ ?? ''))
                .map(({ labels, samples, histograms }) => ({
                  labels: JSON.stringify(Object.entries(labels).sort()),
                  histograms: histograms && [[...histograms.timestamps], histograms.values],
                  timestamps: [...samples.timestamps],
                  // Stale markers are NaNs of their own.
                  values: [...new BigUint64Array(new Float64Array(samples.values).buffer)],
                }))
                .sort((a, b) => (a.labels < b.labels ? -1 : 1))
            }
            default:
              return derived.exemplars(
                [{ name: '__name__', type: '=~', value: '.+' }],
                start,
                until,
              )
          }
        }
      }
    }
  },
  60_000,
)
