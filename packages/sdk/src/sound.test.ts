// Arguments from a program without types: nothing throws into it, and each is told once.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { diag, trace } from '@opentelemetry/api'
import {
  AgentStepTracer,
  extractFromEnvironment,
  injectIntoEnvironment,
  recordAgentStep,
  withGate,
  withStep,
} from './index.ts'
import { type Recording, startRecording } from './test/recording.ts'

let recording: Recording
const complaints: string[] = []
beforeEach(() => {
  recording = startRecording()
  complaints.length = 0
  const quiet = () => {}
  const note = (text: string) => void complaints.push(text)
  diag.setLogger({ error: quiet, warn: note, info: quiet, debug: quiet, verbose: quiet })
})
afterEach(() => {
  recording.stop()
  diag.disable()
})

const env = {}
const circular: Record<string, unknown> = {}
circular.self = circular
const throwing = {
  get trap(): string {
    throw new Error('a trap')
  },
}
/** As a program without types says it. */
// biome-ignore lint/suspicious/noExplicitAny: what is tested is what types forbid
const untyped = (value: unknown): any => value

test('no options at all, or none that are an object', async () => {
  for (const options of [null, undefined, 7, 'text'])
    expect(await withStep(untyped(options), () => 'done')).toBe('done')
  new AgentStepTracer(untyped(null)).start().finish()
  new AgentStepTracer('plan', 'rex', untyped(null)).start().finish(null, 0, untyped(null))
  expect(await withGate(untyped(null), () => true)).toBe(true)
  recordAgentStep(untyped(undefined))
  expect(recording.spans()).toHaveLength(8)
  expect(complaints).toContain(
    'stepwell: the options of a step is null, and no object: it is ignored',
  )
})

test('facts of a wrong type are left out, a number is text', () => {
  new AgentStepTracer(untyped({ agent: {}, prNumber: 7, attempt: 1.5, step: ['a'], env }))
    .start()
    .finish()
  const { name, attributes } = recording.spans()[0]!
  expect(name).toBe('unknown/execute')
  expect(attributes).toMatchObject({ 'pr.number': '7', 'step.attempt': 1 })
  expect(complaints.join()).toContain('agent is of type object, and no text')
})

test('attributes that are circular, or throw when they are read', () => {
  const step = new AgentStepTracer({ step: 'odd', attributes: untyped(throwing), env }).start()
  step.setAttributes(untyped({ circular, fine: 1 })).setAttributes(untyped(null))
  step.event('met', untyped({ circular })).event(untyped(undefined), untyped(throwing))
  step.finish(untyped(throwing), untyped('1'), { used: untyped({ cpuTime: Number.NaN }) })
  const { attributes } = recording.span('unknown/odd')
  expect(attributes).toMatchObject({ fine: 1, 'error.type': 'exception' })
  for (const name of ['circular', 'exit.code', 'agent.step.cpu.time'])
    expect(attributes).not.toHaveProperty(name)
})

test('a duration or a time that is none counts as 0 and as now, and is told once', () => {
  const ended = { agent: 'rex', step: 'odd', success: true, env }
  const before = Date.now()
  recordAgentStep(untyped({ ...ended, duration: Number.NaN, endedAt: new Date(Number.NaN) }))
  recordAgentStep(untyped({ ...ended, duration: Number.NaN, endedAt: 'yesterday' }))
  recordAgentStep(untyped({ ...ended, duration: '12' }))
  expect(recording.spans()).toHaveLength(3)
  for (const span of recording.spans()) {
    expect(span.duration).toEqual([0, 0])
    expect(span.endTime[0]).toBeGreaterThanOrEqual(Math.floor(before / 1000))
  }
  expect(complaints.filter((text) => text.includes('duration is NaN'))).toHaveLength(1)
})

test('what is no verdict does not pass', async () => {
  const judge = (verdict: unknown) => withGate({ gate: 'odd', env }, () => untyped(verdict))
  for (const verdict of [undefined, null, 'yes', {}, { pass: 'yes' }, Number.NaN])
    expect(await judge(verdict)).toBe(false)
  for (const { attributes } of recording.spans())
    expect(attributes).toMatchObject({ 'gate.result': 'fail', 'error.type': 'nonzero_exit' })
  await withGate({ gate: 'odd', threshold: untyped('high'), env }, () => 0.1)
  expect(recording.spans().at(-1)!.attributes).toMatchObject({ 'gate.result': 'pass' })
})

test('a parent, a context or an environment that is none', () => {
  new AgentStepTracer({ step: 'odd', parent: untyped({}), env }).start().finish()
  expect(recording.span('unknown/odd').parentSpanContext).toBeUndefined()
  const target = { A: '1' }
  expect(injectIntoEnvironment(untyped(null), target)).toEqual({ A: '1' })
  expect(trace.getSpan(extractFromEnvironment(untyped(null)))).toBeUndefined()
})

test('a tracer provider that throws costs the span, not the step', async () => {
  trace.disable()
  const getTracer = () => {
    throw new Error('no tracer')
  }
  trace.setGlobalTracerProvider({ getTracer })
  expect(await withStep({ env }, () => 42)).toBe(42)
  expect(await withGate({ gate: 'odd', env }, () => true)).toBe(true)
  const step = new AgentStepTracer({ env }).start()
  step.setAttributes({ a: 1 }).event('b').finish(undefined, 1)
  expect(step.traceparent).toBeUndefined()
  recordAgentStep(untyped({ duration: 1, success: true, env }))
})
