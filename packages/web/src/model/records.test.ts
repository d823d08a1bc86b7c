import { describe, expect, test } from 'bun:test'
import { announcementOf, lineOf } from './records.ts'
import { microseconds } from './telemetry.ts'

const metadata = {
  event_name: 'stepwell.step.running',
  trace_id: 't',
  span_id: 's',
  stepwell_parent_span_id: 'w',
  stepwell_start_time_unix_nano: '1795168800123456789',
}

describe('announcements', () => {
  test('are records with our event names', () => {
    const time = 1_795_168_810_000_000_000n
    expect(announcementOf({ time, text: '', metadata })).toEqual({
      traceId: 't',
      spanId: 's',
      parentSpanId: 'w',
      kind: 'step',
      start: microseconds(1_795_168_800_123_456),
      heardAt: microseconds(1_795_168_810_000_000),
      metadata,
    })
  })

  test('without a start, they start when they are heard', () => {
    const { stepwell_start_time_unix_nano: _, ...rest } = metadata
    expect(announcementOf({ time: 9000n, text: '', metadata: rest })!.start).toBe(microseconds(9))
  })

  test.each([
    { event_name: 'stepwell.step.eaten' },
    { event_name: '' },
    { trace_id: '' },
    { span_id: '' },
  ])('are not: %p', (change) => {
    expect(
      announcementOf({ time: 0n, text: '', metadata: { ...metadata, ...change } }),
    ).toBeUndefined()
  })
})

test('a line knows its stream and its level', () => {
  const record = {
    time: 1n,
    text: 'x',
    metadata: { log_iostream: 'stderr', severity_text: 'ERROR', span_id: 's' },
  }
  expect(lineOf(record)).toMatchObject({
    stream: 'stderr',
    level: 'error',
    spanId: 's',
    traceId: '',
  })
  expect(lineOf({ ...record, metadata: { detected_level: 'warn' } })).toMatchObject({
    stream: undefined,
    level: 'warn',
  })
})
