import { expect, test } from 'bun:test'
import { judge, parseRetryAfter } from './exporter.ts'

const answer = (status: number, contentType = '', retryAfter?: string) =>
  judge(
    { status, contentType, retryAfter, body: new Uint8Array(0) },
    { url: 'http://host:1/v1/traces' },
  )

test('what an answer means (OTLP specification, “Retryable Response Codes”)', () => {
  for (const [status, outcome] of [
    [200, 'delivered'],
    [202, 'delivered'],
    [204, 'delivered'],
    [400, 'refused'],
    [413, 'refused'],
    [401, 'undelivered'],
    [403, 'undelivered'],
    [404, 'undelivered'],
    [302, 'undelivered'],
    [500, 'undelivered'],
    [429, 'retry'],
    [502, 'retry'],
    [503, 'retry'],
    [504, 'retry'],
  ] as const)
    expect([status, answer(status).outcome]).toEqual([status, outcome])
  expect(answer(200, 'text/html; charset=utf-8').outcome).toBe('undelivered')
  expect(answer(503, '', '2')).toMatchObject({ after: 2000 })
})

test('Retry-After in seconds or as a date', () => {
  const now = Date.parse('2026-11-22T10:00:00Z')
  expect(parseRetryAfter('120', now)).toBe(120_000)
  expect(parseRetryAfter('Sun, 22 Nov 2026 10:00:05 GMT', now)).toBe(5_000)
  expect(parseRetryAfter('Sun, 22 Nov 2026 09:00:00 GMT', now)).toBe(0)
  expect(parseRetryAfter('soon', now)).toBeUndefined()
  expect(parseRetryAfter(undefined, now)).toBeUndefined()
})
