import { expect, test } from 'bun:test'
import { ATTRIBUTE, type Nanoseconds } from '@stepwell/model'
import { keyValues } from '@stepwell/otlp'
import { announcedSpan } from './announcement.ts'
import { DerivedSeries } from './derived.ts'
import { ownSpan } from './own-span.ts'

const T0 = Date.UTC(2026, 0, 1)
const nanoseconds = (milliseconds: number) => (BigInt(milliseconds) * 1_000_000n) as Nanoseconds
const traceId = (number: number) => number.toString(16).padStart(32, '0')
const spanId = (number: number) => number.toString(16).padStart(16, '0')
const resource = {
  attributes: keyValues({ 'service.name': 'agent-steps' }),
  droppedAttributesCount: 0,
  entityRefs: [],
}

/** Of an engine that is ready. */
const derivation = (now = () => T0 + 60_000) => {
  const derived = new DerivedSeries({ seriesIdleMilliseconds: 24 * 3_600_000, startedAt: T0, now })
  derived.ready()
  return derived
}

/** A step that took so many seconds, accepted as it ended. */
const step = (number: number, seconds: number, endedAt: number, cpu?: number) =>
  ownSpan(
    'step',
    {
      traceId: traceId(number),
      spanId: spanId(number),
      traceState: '',
      parentSpanId: '',
      flags: 0,
      name: 'claude/plan',
      kind: 1,
      startTimeUnixNano: nanoseconds(endedAt - seconds * 1000),
      endTimeUnixNano: nanoseconds(endedAt),
      attributes: keyValues({
        [ATTRIBUTE.kind]: 'step',
        [ATTRIBUTE.agent]: 'claude',
        [ATTRIBUTE.outcome]: 'success',
        ...(cpu !== undefined && { [ATTRIBUTE.cpuTime]: cpu }),
      }),
      droppedAttributesCount: 0,
      events: [],
      droppedEventsCount: 0,
      links: [],
      droppedLinksCount: 0,
    },
    resource,
    nanoseconds(endedAt),
  )

test('every step leaves an exemplar on its bucket and on its counter', () => {
  const derived = derivation()
  derived.accept(step(1, 0.5, T0 + 1000), 1)
  derived.accept(step(2, 0.8, T0 + 3000), 1)
  derived.accept(step(3, 100, T0 + 2000), 1)
  const exemplar = (number: number, value: number, timestamp: number) => ({
    labels: { trace_id: traceId(number), span_id: spanId(number) },
    value,
    timestamp: T0 + timestamp,
  })
  const labels = { agent: 'claude', job: 'agent-steps' }
  const bucket = { ...labels, __name__: 'agent_step_duration_seconds_bucket', outcome: 'success' }
  const name = (value: string) => [{ name: '__name__', type: '=', value }] as const
  expect(derived.exemplars(name('agent_step_duration_seconds_bucket'), T0, T0 + 9000)).toEqual([
    {
      labels: { ...bucket, le: '0.8' },
      exemplars: [exemplar(1, 0.5, 1000), exemplar(2, 0.8, 3000)],
    },
    { labels: { ...bucket, le: '102.4' }, exemplars: [exemplar(3, 100, 2000)] },
  ])
  // In order of time, whatever the order of acceptance; only those in the range.
  expect(derived.exemplars(name('agent_step_success_total'), T0 + 2000, T0 + 9000)).toEqual([
    {
      labels: { ...labels, __name__: 'agent_step_success_total' },
      exemplars: [exemplar(3, 100, 2000), exemplar(2, 0.8, 3000)],
    },
  ])
  const le = { name: 'le', type: '=', value: '102.4' } as const
  expect(
    derived.exemplars([...name('agent_step_duration_seconds_bucket'), le], T0, T0 + 9000),
  ).toHaveLength(1)
})

test('families have what /metrics shows', () => {
  const derived = derivation()
  derived.accept(step(1, 0.5, T0 + 1000, 2.5), 1)
  derived.accept(step(2, 100, T0 + 2000), 1)
  const families = derived.families()
  const duration = families.find(({ name }) => name === 'agent_step_duration_seconds')
  if (duration?.type !== 'histogram') throw new Error('no histogram of durations')
  expect(duration).toMatchObject({ help: 'Duration of agent step execution', unit: 'seconds' })
  const [metric] = duration.metrics
  expect(metric).toMatchObject({ created: T0 + 999, sum: 100.5, count: 2 })
  expect(metric?.buckets.at(-1)).toEqual({
    le: Number.POSITIVE_INFINITY,
    count: 2,
    exemplar: undefined,
  })
  expect(metric?.buckets.find(({ le }) => le === 0.8)).toMatchObject({
    count: 1,
    exemplar: { labels: { trace_id: traceId(1) }, value: 0.5 },
  })
  expect(metric?.buckets.find(({ le }) => le === 0.4)).toMatchObject({ count: 0 })
  const success = families.find(({ name }) => name === 'agent_step_success_total')
  expect(success?.metrics).toMatchObject([
    { value: 2, created: T0 + 999, exemplar: { labels: { span_id: spanId(2) }, value: 100 } },
  ])
  const cpu = families.find(({ name }) => name === 'agent_step_cpu_seconds')
  expect(cpu?.metrics).toMatchObject([{ sum: 2.5, count: 1 }])
})

test('a scrape goes on where the last one ended', () => {
  const [scraped, fresh] = [derivation(), derivation()]
  for (let number = 1; number <= 200; number++) {
    const one = step(number, number, T0 + number)
    for (const derived of [scraped, fresh]) derived.accept(one, 1)
    scraped.families()
  }
  const [duration] = scraped.families()
  expect(duration?.metrics).toMatchObject([{ count: 200, sum: 20_100 }])
  expect(scraped.families()).toEqual(fresh.families())
})

test('families leave out what is stale', () => {
  let now = T0 + 2000
  const derived = derivation(() => now)
  derived.accept(step(1, 1, T0 + 1000), 1)
  const count = () => derived.families().reduce((sum, { metrics }) => sum + metrics.length, 0)
  expect(count()).toBe(3)
  now = T0 + 1000 + 24 * 3_600_000
  expect(count()).toBe(1)
})

test('announced steps are counted while they run and while they are lost, until their span comes', () => {
  let now = T0
  const derived = derivation(() => now)
  const announce = (number: number, kind: string) => {
    const record = {
      timeUnixNano: nanoseconds(now),
      observedTimeUnixNano: 0n,
      severityNumber: 9,
      severityText: '',
      attributes: keyValues({
        // As back ends leave it that drop `event_name`.
        'event.name': `stepwell.${kind}.running`,
        [ATTRIBUTE.kind]: kind,
        [ATTRIBUTE.agent]: 'claude',
      }),
      droppedAttributesCount: 0,
      flags: 0,
      traceId: traceId(number),
      spanId: spanId(number),
      eventName: '',
    }
    derived.hear(announcedSpan(record, resource)!, now)
  }
  const gauge = (name: string) =>
    derived.families().find((family) => family.name === name)?.metrics ?? []
  const labels = { agent: 'claude', job: 'agent-steps' }
  announce(1, 'step')
  announce(2, 'step')
  announce(3, 'workflow')
  expect(gauge('agent_steps_running')).toMatchObject([{ labels, value: 2 }])
  now = T0 + 30_000
  announce(2, 'step')
  now = T0 + 60_000
  expect(gauge('agent_steps_running')).toMatchObject([{ labels, value: 1 }])
  expect(gauge('agent_steps_lost')).toMatchObject([{ labels, value: 1 }])
  derived.accept(step(1, 5, T0 + 61_000), 1)
  expect(gauge('agent_steps_running')).toMatchObject([{ labels, value: 1 }])
  expect(gauge('agent_steps_lost')).toMatchObject([{ labels, value: 0 }])
})
