import { expect, test } from 'bun:test'
import { formatTraceParent, parseTraceParent } from './context.ts'

const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test('a traceparent is read and written', () => {
  const parent = parseTraceParent(valid)!
  expect(parent).toEqual({
    traceId: '0af7651916cd43dd8448eb211c80319c' as never,
    spanId: 'b7ad6b7169203331' as never,
    flags: 1,
  })
  expect(formatTraceParent(parent)).toBe(valid)
})

test('a later version is read by its first four fields', () => {
  expect(parseTraceParent(`01${valid.slice(2)}-what-comes`)?.spanId).toBe(
    'b7ad6b7169203331' as never,
  )
})

test.each([
  ['empty', ''],
  ['version ff', `ff${valid.slice(2)}`],
  ['version 00 with more', `${valid}-00`],
  ['zero trace id', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
  ['zero span id', `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`],
  ['upper case', valid.toUpperCase()],
  ['short', valid.slice(0, -1)],
])('invalid: %s', (_, text) => {
  expect(parseTraceParent(text)).toBeUndefined()
})
