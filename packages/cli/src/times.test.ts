import { expect, test } from 'bun:test'
import { UsageError } from './flags.ts'
import { later, nowNano, parseTime, timeOf, timesOf } from './times.ts'

const TEN = BigInt(Date.UTC(2026, 10, 22, 10)) * 1_000_000n

test('RFC 3339 with any zone and fraction, Go’s own form, and Unix seconds are one time', () => {
  for (const text of [
    '2026-11-22T10:00:00Z',
    '2026-11-22t12:00:00+02:00',
    '2026-11-22 10:00:00+00:00',
    '2026-11-22 10:00:00 +0000 UTC',
    '2026-11-22 11:00:00 +0100 CET',
    String(TEN / 1_000_000_000n),
  ])
    expect([text, timeOf(text)]).toEqual([text, TEN as never])
  expect(timeOf('2026-11-22T10:00:00.123456789Z')).toBe((TEN + 123_456_789n) as never)
  expect(timeOf('1795341600.5')).toBe(1_795_341_600_500_000_000n as never)
})

test('what is no time is none, though JavaScript would read it', () => {
  for (const text of [
    '',
    'yesterday',
    '2026',
    '2026-11-22',
    'Nov 22 2026',
    '2026-13-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
  ])
    expect([text, timeOf(text)]).toEqual([text, undefined])
})

test('a time to come is a mistake; a clock that is a little ahead is none', () => {
  const now = Date.now() / 1000
  expect(() => parseTime('--start', String(Date.now()))).toThrow('is in the future')
  expect(() => parseTime('--start', (now + 3600).toFixed(3))).toThrow(UsageError)
  const ahead = parseTime('--start', (now + 20).toFixed(3))
  expect(later(ahead, nowNano())).toBe(ahead)
})

test('two of start, end and duration make both times; one of them ends now', () => {
  const flags = (...entries: [string, string][]) => new Map(entries)
  const [start, end] = [
    ['--start', '2026-11-22T10:00:00Z'] as const,
    ['--end', '1795341690'] as const,
  ]
  const both = { start: TEN, end: TEN + 90_000_000_000n } as never
  expect(timesOf(flags([...start], [...end]))).toEqual(both)
  expect(timesOf(flags([...start], ['--duration', '90s']))).toEqual(both)
  expect(timesOf(flags([...end], ['--duration', '1.5m']))).toEqual(both)
  const before = nowNano()
  const ended = timesOf(flags(['--duration', '2s']))!
  expect(ended.end - ended.start).toBe(2_000_000_000n)
  expect(ended.end).toBeGreaterThanOrEqual(before)
  expect(timesOf(flags([...start]))!.end).toBeGreaterThanOrEqual(before)
  expect(timesOf(flags())).toBeUndefined()
  expect(() => timesOf(flags([...end]))).toThrow('--start or --duration')
  expect(() => timesOf(flags([...start], [...end], ['--duration', '1s']))).toThrow('enough')
  expect(() => timesOf(flags([...end], ['--start', '1795341691']))).toThrow('before --start')
  const recent = (Date.now() / 1000).toFixed(3)
  expect(() => timesOf(flags(['--start', recent], ['--duration', '1h']))).toThrow('in the future')
})
