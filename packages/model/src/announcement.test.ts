import { expect, test } from 'bun:test'
import {
  announcementAttributes,
  announcementEventName,
  parseAnnouncementEventName,
} from './announcement.ts'

test('event names say kind and phase', () => {
  expect(announcementEventName('step', 'running')).toBe('stepwell.step.running')
  expect(parseAnnouncementEventName('stepwell.gate.started')).toEqual({
    kind: 'gate',
    phase: 'started',
  })
  for (const other of [
    'stepwell.step.ended',
    'claude_code.api_request',
    'xstepwell.step.started',
    '',
  ])
    expect(parseAnnouncementEventName(other)).toBeUndefined()
})

test('an announcement carries what the span will, its parent and its start to the nanosecond', () => {
  expect(
    announcementAttributes(
      'step',
      { agent: 'a', step: 's' },
      1_795_168_800_123_456_789n,
      'b7ad6b7169203331',
    ),
  ).toMatchObject({
    'stepwell.kind': 'step',
    agent: 'a',
    'step.name': 's',
    'stepwell.start_time_unix_nano': '1795168800123456789',
    'stepwell.parent_span_id': 'b7ad6b7169203331',
  })
})
