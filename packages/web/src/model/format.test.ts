import { expect, test } from 'bun:test'
import { formatAgo, formatBytes, formatDuration, formatOffset, formatTicking } from './format.ts'
import { microseconds } from './telemetry.ts'

const S = 1e6
const of = (format: (value: ReturnType<typeof microseconds>) => string, values: number[]) =>
  values.map((value) => format(microseconds(value)))

test('durations have a unit and about three digits', () => {
  expect(of(formatDuration, [-5, 0, 850, 1500, 12_400, 999_400])).toEqual([
    '0 µs',
    '0 µs',
    '850 µs',
    '1.5 ms',
    '12 ms',
    '999 ms',
  ])
  expect(of(formatDuration, [999_600, 9.99 * S, 9.996 * S, 59.94 * S, 59.96 * S])).toEqual([
    '1.00 s',
    '9.99 s',
    '10.0 s',
    '59.9 s',
    '1m 00s',
  ])
  expect(of(formatDuration, [125 * S, 3600 * S, 3899 * S, 26 * 3600 * S])).toEqual([
    '2m 05s',
    '1h 00m',
    '1h 05m',
    '1d 02h',
  ])
})

test('what ticks counts whole seconds', () => {
  expect(of(formatTicking, [-1, 0.9 * S, 59.9 * S, 61.9 * S])).toEqual([
    '0 s',
    '0 s',
    '59 s',
    '1m 01s',
  ])
})

test('offsets of the axis', () => {
  expect(of(formatOffset, [0, 500, 2000, 1.5 * S, 15 * S, 120 * S, 3900 * S])).toEqual([
    '0',
    '500 µs',
    '2 ms',
    '1.5 s',
    '15 s',
    '2:00',
    '1:05:00',
  ])
})

test('how long ago', () => {
  const now = microseconds(1_795_168_800 * S)
  const ago = (seconds: number) => formatAgo(microseconds(now - seconds * S), now)
  expect([-3, 4, 59, 60, 7200, 3 * 86_400].map(ago)).toEqual([
    'just now',
    'just now',
    '59 s ago',
    '1 min ago',
    '2 h ago',
    '3 d ago',
  ])
  expect(ago(30 * 86_400)).toContain('2026')
})

test('bytes', () => {
  expect([0, 812, 1024, 91_226_112, 3 * 2 ** 40].map(formatBytes)).toEqual([
    '0 B',
    '812 B',
    '1.0 KiB',
    '87 MiB',
    '3.0 TiB',
  ])
})
