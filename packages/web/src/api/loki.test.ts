import { describe, expect, test } from 'bun:test'
import { linesOfTraceQuery, recordsOf } from './loki.ts'

const metadata = { trace_id: 't', log_iostream: 'stdout' }

describe('records', () => {
  test('have their metadata wherever the back end puts it', () => {
    const stream = { service_name: 'agent-steps' }
    const wanted = [{ time: 5n, text: 'x', metadata: { service_name: 'agent-steps', ...metadata } }]
    expect(recordsOf([{ stream, values: [['5', 'x', { structuredMetadata: metadata }]] }])).toEqual(
      wanted,
    )
    expect(recordsOf([{ stream, values: [['5', 'x', metadata]] }])).toEqual(wanted)
    expect(recordsOf([{ stream: { ...stream, ...metadata }, values: [['5', 'x']] }])).toEqual(
      wanted,
    )
  })

  test('keep every nanosecond', () => {
    const [record] = recordsOf([{ stream: {}, values: [['1795168800123456789', '']] }])
    expect(record!.time).toBe(1_795_168_800_123_456_789n)
  })
})

test('a query cannot be broken out of', () => {
  expect(linesOfTraceQuery('a" or "')).toBe('{service_name=~".+"} | trace_id="a\\" or \\""')
})
