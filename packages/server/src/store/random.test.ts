// The store beside a naive model that holds everything in arrays: random requests, copies, crashes and restarts.

import { afterAll, expect, test } from 'bun:test'
import { ATTRIBUTE, randomTraceId } from '@stepwell/model'
import { type AnyValue, type KeyValue, keyValues, valueText } from '@stepwell/otlp'
import type { OpenStore } from './store.ts'
import { generator, TestData } from './testing.ts'
import type { LogQuery, StoredTrace, TraceQuery } from './types.ts'

interface ModelSpan {
  readonly service: string
  readonly traceId: string
  readonly spanId: string
  readonly name: string
  readonly start: bigint
  readonly duration: bigint
  readonly error: boolean
  readonly attributes: readonly KeyValue[]
  readonly events: readonly KeyValue[][]
  readonly host: string
  readonly description: string
  readonly isOurs: boolean
}

interface ModelLog {
  readonly service: string
  readonly traceId: string
  readonly time: bigint
  readonly body: string
  /** Where it says its event's name; anywhere counts. */
  readonly event: 'field' | 'attribute' | 'resource' | undefined
}

const T0 = 1_700_000_000_000_000_000n
const opened: TestData[] = []
afterAll(async () => {
  for (const data of opened) await data.remove()
})

for (let round = 0; round < 3; round++) {
  // A failure is repeated with SEED=… in the environment.
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32))
  test(`store and naive model agree (seed ${seed})`, async () => {
    const random = generator(seed)
    const whole = (below: number) => Math.floor(random() * below)
    const pick = <T>(list: readonly T[]): T => list[whole(list.length)]!
    // Small segments: filters are written when one ends.
    const data = new TestData({ segmentBytes: 20_000 })
    opened.push(data)

    const traceIds = Array.from({ length: 30 }, () => randomTraceId())
    const sent: ModelSpan[] = []
    const logs: ModelLog[] = []
    let starts = 0
    const newSpan = (): ModelSpan => {
      const own = random() < 0.3
      return {
        service: pick(['a', 'b', 'c']),
        traceId: pick(traceIds),
        spanId: (starts + 1).toString(16).padStart(16, '0'),
        name: pick(['read', 'write', "it's"]),
        // No two at once, in no order: the order of the answer is then certain.
        start: T0 + BigInt(((starts++ * 7919) % 10_007) * 1_000_000),
        duration: BigInt(whole(1000)) * 1_000_000n,
        error: random() < 0.2,
        attributes: [
          ...keyValues({
            color: pick(['red', 'green', '"quoted"', "o'clock", 'grün', '🙂']),
            ...(own && {
              [ATTRIBUTE.kind]: 'step',
              [ATTRIBUTE.outcome]: pick(['success', 'failure']),
              [ATTRIBUTE.agent]: pick(['x', 'y']),
            }),
            [`unique.${starts}`]: starts,
          }),
          { key: 'number', value: pick(NUMBERS) },
          ...(random() < 0.2 ? [{ key: 'color', value: { stringValue: 'second' } }] : []),
          // So many that filters fill.
          ...(random() < 0.05
            ? Array.from({ length: 2000 }, (_, i) => keyValues({ [`${i}`]: starts })[0]!)
            : []),
        ],
        events: Array.from({ length: whole(3) }, () => keyValues({ tool: pick(['ls', 'cat']) })),
        host: pick(['h1', 'h2']),
        description: pick(['', 'no room']),
        isOurs: own,
      }
    }
    // A copy is of one that was sent before; only ours come with another end.
    const copy = (): ModelSpan => {
      const of = pick(sent)
      return of.isOurs && random() < 0.5 ? { ...of, name: 'other' } : of
    }

    let folder = data.root
    let engine: OpenStore = await data.openStore()
    for (let request = 0; request < 60; request++) {
      data.now += 1000
      const batch = Array.from({ length: 1 + whole(8) }, () =>
        sent.length > 0 && random() < 0.1 ? copy() : newSpan(),
      )
      const traces = { resourceSpans: batch.map(spanMessage) }
      const records = [await data.accept('traces', traces, pick(['protobuf', 'json']))]
      sent.push(...batch)
      if (random() < 0.5) {
        const batchOfLogs = Array.from({ length: 1 + whole(5) }, (_, i) => ({
          service: pick(['a', 'b']),
          traceId: pick(['', ...traceIds.slice(0, 3)]),
          time: T0 + BigInt(whole(50)),
          body: `${logs.length + i}`,
          event: pick(['field', 'attribute', 'resource', undefined, undefined, undefined] as const),
        }))
        records.push(await data.accept('logs', { resourceLogs: batchOfLogs.map(logMessage) }))
        logs.push(...batchOfLogs)
      }
      const fate = random()
      if (fate < 0.05) {
        // Acknowledged, and never told to the index.
        await engine.store.close()
        engine = await data.openStore(folder)
      } else await engine.store.index(records)
      if (fate > 0.95) {
        if (random() < 0.5) await engine.store.trace(traceIds[0]!)
        folder = data.crash(folder)
        engine = await data.openStore(folder)
      }
    }

    const { store, derived } = engine
    const shown = firsts(sent)
    for (const traceId of traceIds) {
      const found = await store.trace(traceId)
      const expected = shown.filter((span) => span.traceId === traceId).map(spanText)
      expect(found?.spans.map(({ span }) => `${span.spanId} ${span.name}`) ?? []).toEqual(expected)
    }
    for (let i = 0; i < 100; i++) {
      const start = T0 + BigInt(whole(10_000)) * 1_000_000n
      const query: TraceQuery = {
        service: random() < 0.5 ? pick(['a', 'b', 'c', 'absent']) : undefined,
        operation: random() < 0.3 ? pick(['read', "it's"]) : undefined,
        tags: random() < 0.8 ? pick([...TAGS, uniqueTag(whole(starts))]) : undefined,
        start: random() < 0.5 ? 0n : start,
        end: random() < 0.5 ? T0 * 2n : start + 5_000_000_000n,
        minDuration: random() < 0.2 ? BigInt(whole(1000)) * 1_000_000n : undefined,
        maxDuration: random() < 0.2 ? BigInt(whole(1000)) * 1_000_000n : undefined,
        limit: 1 + whole(12),
      }
      const found = await store.findTraces(query)
      expect({ query, found: found.map(traceText) }).toEqual({
        query,
        found: naiveSearch(shown, query),
      })
    }
    for (let i = 0; i < 20; i++) {
      const start = T0 + BigInt(whole(50))
      const query: LogQuery = {
        start,
        end: start + BigInt(whole(50)),
        direction: pick(['forward', 'backward']),
        service: random() < 0.3 ? 'a' : undefined,
        traceId: random() < 0.3 ? traceIds[0] : undefined,
        isEvent: random() < 0.3,
      }
      const limit = 1 + whole(30)
      const found: string[] = []
      await store.scanLogs(query, ({ record }) => {
        found.push((record.body as { stringValue: string }).stringValue)
        return found.length < limit
      })
      expect({ query, found }).toEqual({ query, found: naiveLogs(logs, query).slice(0, limit) })
    }
    const counts = derived
      .families()
      .flatMap((family) => (family.type === 'counter' ? family.metrics : []))
      .reduce((sum, { value }) => sum + value, 0)
    const steps = shown.filter(({ isOurs }) => isOurs).length
    // An end that came twice conflicts once.
    const conflicts = new Set(
      sent.filter(({ name }) => name === 'other').map(({ traceId, spanId }) => traceId + spanId),
    ).size
    expect(counts).toBe(steps + conflicts)
    expect(data.warnings).toEqual([])
  }, 60_000)
}

const NUMBERS: readonly AnyValue[] = [
  { intValue: 3n },
  { intValue: -1n },
  { doubleValue: 3 },
  { doubleValue: 0.1 },
  { stringValue: '3' },
  { boolValue: true },
  { bytesValue: Uint8Array.of(1, 2) },
  { arrayValue: { values: [{ intValue: 3n }, { stringValue: 'a' }] } },
  { kvlistValue: { values: keyValues({ a: 'b' }) } },
]

const uniqueTag = (number: number) => new Map([[`unique.${number}`, `${number}`]])

const TAGS = [
  new Map([['color', 'red']]),
  new Map([['color', '"quoted"']]),
  new Map([['color', "o'clock"]]),
  new Map([['color', 'grün']]),
  new Map([['color', '🙂']]),
  new Map([['color', 'second']]),
  ...NUMBERS.map((value) => new Map([['number', valueText(value)]])),
  new Map([['tool', 'ls']]),
  new Map([
    ['tool', 'ls'],
    ['host.name', 'h1'],
    ['error', 'false'],
  ]),
  new Map([['otel.status_description', 'no room']]),
  new Map([['absent', '']]),
  new Map([
    ['number', '3'],
    ['color', 'green'],
  ]),
  new Map([[ATTRIBUTE.agent, 'x']]),
  new Map([['service.name', 'a']]),
  new Map([['error', 'true']]),
  new Map([['error', 'perhaps']]),
] as const

const spanMessage = (span: ModelSpan) => ({
  resource: { attributes: keyValues({ 'service.name': span.service, 'host.name': span.host }) },
  scopeSpans: [
    {
      spans: [
        {
          traceId: span.traceId,
          spanId: span.spanId,
          name: span.name,
          kind: 1,
          startTimeUnixNano: span.start,
          endTimeUnixNano: span.start + span.duration,
          attributes: span.attributes,
          events: span.events.map((attributes) => ({ attributes })),
          status: { code: span.error ? 2 : 0, message: span.description },
        },
      ],
    },
  ],
})

const logMessage = (log: ModelLog) => ({
  resource: {
    attributes: keyValues({
      'service.name': log.service,
      ...(log.event === 'resource' && { event: 'x' }),
    }),
  },
  scopeLogs: [
    {
      logRecords: [
        {
          timeUnixNano: log.time,
          traceId: log.traceId,
          body: { stringValue: log.body },
          ...(log.event === 'field' && { eventName: 'x' }),
          attributes: keyValues(log.event === 'attribute' ? { 'event.name': 'x' } : {}),
        },
      ],
    },
  ],
})

function firsts(sent: readonly ModelSpan[]): ModelSpan[] {
  const seen = new Set<string>()
  return sent.filter(({ traceId, spanId }) => {
    const isNew = !seen.has(traceId + spanId)
    seen.add(traceId + spanId)
    return isNew
  })
}

const spanText = ({ spanId, name }: ModelSpan) => `${spanId} ${name}`
const traceText = ({ traceId, spans }: StoredTrace) =>
  [traceId, ...spans.map(({ span }) => `${span.spanId} ${span.name}`)].join()

function naiveSearch(shown: readonly ModelSpan[], query: TraceQuery): string[] {
  const matching = shown.filter(
    (span) =>
      (query.service === undefined || span.service === query.service) &&
      (query.operation === undefined || span.name === query.operation) &&
      span.start >= query.start &&
      span.start <= query.end &&
      (query.minDuration === undefined || span.duration >= query.minDuration) &&
      (query.maxDuration === undefined || span.duration <= query.maxDuration) &&
      [...(query.tags ?? [])].every(([key, text]) => naiveTag(span, key, text)),
  )
  const newest = matching.toSorted((a, b) => Number(b.start - a.start))
  const found = [...new Set(newest.map(({ traceId }) => traceId))].slice(0, query.limit)
  const startOf = (traceId: string) =>
    Math.min(
      ...shown.filter((span) => span.traceId === traceId).map(({ start }) => Number(start - T0)),
    )
  return found
    .sort((a, b) => startOf(b) - startOf(a))
    .map((traceId) =>
      [traceId, ...shown.filter((span) => span.traceId === traceId).map(spanText)].join(),
    )
}

function naiveTag(span: ModelSpan, key: string, text: string): boolean {
  if (key === 'error') return String(span.error) === text
  if (key === 'service.name') return span.service === text
  if (key === 'host.name') return span.host === text
  if (key === 'otel.status_description') return span.description === text
  return [span.attributes, ...span.events]
    .flat()
    .some(({ key: other, value }) => other === key && value && valueText(value) === text)
}

function naiveLogs(logs: readonly ModelLog[], query: LogQuery): string[] {
  const matching = logs.filter(
    ({ time, service, traceId, event }) =>
      time >= query.start &&
      time < query.end &&
      (!query.isEvent || event !== undefined) &&
      (query.service === undefined || service === query.service) &&
      (query.traceId === undefined || traceId === query.traceId),
  )
  const ordered = matching.toSorted((a, b) => Number(a.time - b.time))
  if (query.direction === 'backward') ordered.reverse()
  return ordered.map(({ body }) => body)
}
