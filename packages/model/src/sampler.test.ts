import { expect, test } from 'bun:test'
import type { Environment } from './environment.ts'
import { randomSpanId, randomTraceId, type TraceId } from './ids.ts'
import { sampledFlags, samplerWarning } from './sampler.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c' as TraceId
const parent = (flags: number) => ({ traceId: TRACE, spanId: randomSpanId(), flags })
const flags = (sampler: string, argument: string, from?: number, traceId = TRACE) => {
  const environment: Environment = {
    OTEL_TRACES_SAMPLER: sampler,
    OTEL_TRACES_SAMPLER_ARG: argument,
  }
  return sampledFlags(environment, traceId, from === undefined ? undefined : parent(from))
}

test('a parent decides, unless the sampler is none that asks it; other flags stay', () => {
  for (const [sampler, alone, under0, under3] of [
    ['', 1, 0, 3],
    ['parentbased_always_on', 1, 0, 3],
    ['parentbased_always_off', 0, 0, 3],
    ['always_on', 1, 1, 3],
    ['always_off', 0, 0, 2],
    ['nonsense', 1, 0, 3],
  ] as const)
    expect([sampler, flags(sampler, ''), flags(sampler, '', 0), flags(sampler, '', 3)]).toEqual([
      sampler,
      alone,
      under0,
      under3,
    ])
})

test('a share of the traces, always the same ones', () => {
  const traces = Array.from({ length: 2000 }, () => randomTraceId())
  const taken = (argument: string) =>
    traces.filter((trace) => flags('traceidratio', argument, undefined, trace) === 1)
  expect(taken('0')).toEqual([])
  expect(taken('1')).toEqual(traces)
  expect(taken('')).toEqual(traces)
  const quarter = taken('0.25')
  expect(Math.abs(quarter.length - 500)).toBeLessThan(150)
  expect(taken('0.5')).toEqual(expect.arrayContaining(quarter))
})

test('what cannot be used is named', () => {
  const warning = (OTEL_TRACES_SAMPLER: string, OTEL_TRACES_SAMPLER_ARG = '') =>
    samplerWarning({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG })
  expect(warning('')).toBeUndefined()
  expect(warning('parentbased_traceidratio', '0.1')).toBeUndefined()
  expect(warning('jaeger_remote')).toContain('OTEL_TRACES_SAMPLER=jaeger_remote is ignored')
  expect(warning('traceidratio', '7')).toContain('OTEL_TRACES_SAMPLER_ARG=7 is ignored')
})
