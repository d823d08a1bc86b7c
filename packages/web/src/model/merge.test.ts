import { describe, expect, test } from 'bun:test'
import { emptyTelemetry, withRecords, withSpans, withTraces } from './merge.ts'
import type { LogRecord } from './records.ts'
import { at, span, TRACE } from './testing.ts'

const line = (time: number, text: string, more: Record<string, string> = {}): LogRecord => ({
  time: BigInt(time),
  text,
  metadata: { trace_id: TRACE, span_id: 's', ...more },
})
const word = (phase: string, time: number, spanId = 's', traceId = TRACE): LogRecord => ({
  time: BigInt(at(time)) * 1000n,
  text: `stepwell.step.${phase}`,
  metadata: {
    event_name: `stepwell.step.${phase}`,
    trace_id: traceId,
    span_id: spanId,
    stepwell_start_time_unix_nano: `${at(1)}000`,
  },
})
const empty = emptyTelemetry(TRACE)
const texts = (records: readonly LogRecord[], known = empty) =>
  withRecords(known, records).lines.map(({ text }) => text)

describe('spans', () => {
  test('the first of several with one id counts', () => {
    const once = withSpans(empty, [span('a', undefined, [0, 1], {}, { name: 'first' })])
    const twice = withSpans(once, [span('a', undefined, [0, 2], {}, { name: 'second' })])
    expect(twice).toBe(once)
    expect(twice.spans.get('a')!.name).toBe('first')
  })
})

describe('lines', () => {
  test('come out in the order of their time, whenever they come in', () => {
    const known = withRecords(empty, [line(5, 'c'), line(3, 'b')])
    expect(texts([line(1, 'a'), line(9, 'd')], known)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('that the feed and a query both bring are one', () => {
    const known = withRecords(empty, [line(1, 'a'), line(2, 'b')])
    expect(texts([line(2, 'b'), line(2, 'b', { span_id: 'other' }), line(3, 'b')], known)).toEqual([
      'a',
      'b',
      'b',
      'b',
    ])
    expect(withRecords(known, [line(1, 'a')])).toBe(known)
  })

  test('announcements are no lines', () => {
    const telemetry = withRecords(empty, [word('started', 1), line(2, 'a')])
    expect(telemetry.lines).toHaveLength(1)
    expect(telemetry.announcements.get('s')).toMatchObject({ start: at(1), heardAt: at(1) })
  })
})

test('of an announcement the last word counts, in whatever order', () => {
  const telemetry = withRecords(empty, [
    word('started', 1),
    word('running', 21),
    word('running', 11),
  ])
  expect(telemetry.announcements.get('s')).toMatchObject({ start: at(1), heardAt: at(21) })
})

describe('many traces', () => {
  test("keep our own spans and announcements, not agents' spans and lines", () => {
    const ours = span('a', undefined, [0, 1], { 'stepwell.kind': 'step' })
    const traces = withTraces(
      new Map(),
      [ours, span('chat', 'a', [0, 1])],
      [word('started', 1, 'b'), line(2, 'text')],
      10,
    )
    const telemetry = traces.get(TRACE)!
    expect([...telemetry.spans.keys()]).toEqual(['a'])
    expect([...telemetry.announcements.keys()]).toEqual(['b'])
    expect(telemetry.lines).toEqual([])
  })

  test('only the newest stay', () => {
    const spans = [3, 1, 2].map((second) =>
      span('a', undefined, [second, 9], { 'stepwell.kind': 'step' }, { traceId: `t${second}` }),
    )
    expect([...withTraces(new Map(), spans, [], 2).keys()].sort()).toEqual(['t2', 't3'])
  })

  test('news of nothing change nothing', () => {
    const traces = new Map()
    expect(withTraces(traces, [span('chat', 'a', [0, 1])], [line(1, 'x')], 9)).toBe(traces)
  })
})
