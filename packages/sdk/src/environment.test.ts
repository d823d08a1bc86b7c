import { afterEach, beforeEach, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { DiagLogLevel, diag, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { workflowSpanId, workflowTraceId } from '@stepwell/model'
import { extractFromEnvironment, injectIntoEnvironment } from './environment.ts'
import { AgentStepTracer, withStep } from './step.ts'
import { type Recording, startRecording } from './test/recording.ts'

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const OTHER = '00-11111111111111111111111111111111-2222222222222222-01'
const hash = (text: string, digits: number) =>
  createHash('sha256').update(text).digest('hex').slice(0, digits)

let recording: Recording
beforeEach(() => {
  recording = startRecording()
})
afterEach(() => recording.stop())

const spanOf = (env: Record<string, string>) => trace.getSpanContext(extractFromEnvironment(env))

test('TRACEPARENT is the parent, with its state and baggage', () => {
  const extracted = extractFromEnvironment({
    TRACEPARENT: PARENT,
    TRACESTATE: 'workflow=ns/name',
    BAGGAGE: 'team=core',
    STEPWELL_CONTEXT: OTHER,
    WORKFLOW_UID: 'uid',
  })
  const span = trace.getSpanContext(extracted)
  expect(span).toMatchObject({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
    isRemote: true,
  })
  expect(span?.traceState?.serialize()).toBe('workflow=ns/name')
  expect(propagation.getBaggage(extracted)?.getEntry('team')?.value).toBe('core')
})

test('STEPWELL_CONTEXT serves where an agent stripped TRACEPARENT', () => {
  expect(spanOf({ STEPWELL_CONTEXT: OTHER, WORKFLOW_UID: 'uid' })?.spanId).toBe('2222222222222222')
})

test("a workflow's uid gives its computed trace, and the stage or the workflow as parent", () => {
  expect(spanOf({ WORKFLOW_UID: 'u1' })).toMatchObject({
    traceId: hash('stepwell/trace/u1', 32),
    spanId: hash('stepwell/workflow/u1', 16),
  })
  expect(spanOf({ WORKFLOW_UID: 'u1', STAGE: 'quality' })?.spanId).toBe(
    hash('stepwell/stage/u1/quality', 16),
  )
  expect(spanOf({})).toBeUndefined()
})

test('a malformed TRACEPARENT is named and ignored', () => {
  const warnings: string[] = []
  const log = (text: string) => void warnings.push(text)
  const quiet = () => {}
  diag.setLogger(
    { warn: log, error: log, info: quiet, debug: quiet, verbose: quiet },
    DiagLogLevel.WARN,
  )
  const span = spanOf({ TRACEPARENT: '00-xyz', STEPWELL_CONTEXT: OTHER })
  diag.disable()
  expect(span?.spanId).toBe('2222222222222222')
  expect(warnings).toEqual([
    'stepwell: TRACEPARENT=00-xyz is ignored: it is no W3C traceparent (00-TRACE_ID-SPAN_ID-FLAGS)',
  ])
})

test('what is injected is extracted again, and replaces what was there', () => {
  const parent = extractFromEnvironment({
    TRACEPARENT: PARENT,
    TRACESTATE: 'a=1',
    BAGGAGE: 'team=core',
  })
  const env = injectIntoEnvironment(parent, {
    TRACEPARENT: OTHER,
    STEPWELL_CONTEXT: OTHER,
    PATH: '/bin',
  })
  expect(env as Record<string, string>).toEqual({
    TRACEPARENT: PARENT,
    STEPWELL_CONTEXT: PARENT,
    TRACESTATE: 'a=1',
    BAGGAGE: 'team=core',
    TRACE_ID: '0af7651916cd43dd8448eb211c80319c',
    SPAN_ID: 'b7ad6b7169203331',
    PATH: '/bin',
  })
})

test('a stale TRACESTATE goes with its parent; without a span nothing changes', () => {
  const parent = extractFromEnvironment({ STEPWELL_CONTEXT: OTHER })
  expect(injectIntoEnvironment(parent, { TRACESTATE: 'a=1' })).not.toHaveProperty('TRACESTATE')
  expect(injectIntoEnvironment(ROOT_CONTEXT, { TRACESTATE: 'a=1' })).toEqual({ TRACESTATE: 'a=1' })
})

test('a step in a wrapped process nests under the wrapper; in an unwrapped one under its workflow', () => {
  const wrapped = new AgentStepTracer({ step: 'inner', env: { TRACEPARENT: PARENT } }).start()
  wrapped.finish()
  expect(recording.span('unknown/inner').parentSpanContext?.spanId).toBe('b7ad6b7169203331')
  new AgentStepTracer({ step: 'alone', env: { WORKFLOW_UID: 'u1' } }).start().finish()
  expect(recording.span('unknown/alone').parentSpanContext?.spanId).toBe(
    hash('stepwell/workflow/u1', 16),
  )
  expect(wrapped.traceparent).toStartWith('00-0af7651916cd43dd8448eb211c80319c-')
})

test('a step in a step is its child, whatever the environment says', async () => {
  await withStep({ step: 'outer', env: {} }, () =>
    withStep({ step: 'inner', env: { TRACEPARENT: PARENT } }, () => {}),
  )
  expect(recording.span('unknown/inner').parentSpanContext?.spanId).toBe(
    recording.span('unknown/outer').spanContext().spanId,
  )
})

test('with ROOT_CONTEXT as parent only the uid decides', () => {
  const env = { TRACEPARENT: PARENT }
  new AgentStepTracer({ step: 'a', parent: ROOT_CONTEXT, workflowUid: 'u2', env }).start().finish()
  const sha256 = (text: string) => createHash('sha256').update(text).digest()
  const span = recording.span('unknown/a')
  expect(span.spanContext().traceId).toBe(workflowTraceId(sha256, 'u2'))
  expect(span.parentSpanContext?.spanId).toBe(workflowSpanId(sha256, 'u2'))
  new AgentStepTracer({ step: 'b', parent: ROOT_CONTEXT, env }).start().finish()
  expect(recording.span('unknown/b').parentSpanContext).toBeUndefined()
})
