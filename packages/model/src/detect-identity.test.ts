// Computed ids are literals made with `printf %s TEXT | sha256sum`, and held against node:crypto besides.

import { expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { identify, surroundings } from './detect-identity.ts'
import type { Environment } from './environment.ts'
import type { Sha256 } from './identity.ts'
import type { Facts } from './span.ts'

const sha256: Sha256 = (text) => createHash('sha256').update(text).digest()
const UID = 'f68e9f2c-bf2e-4542-a362-1a09670fa22a'
const TRACE = '98ec9a1428db28b91dd18f771940165d'
const WORKFLOW = '50efcb935d3ade5f'
const STAGE = 'da86616ac3798c21'
const NODE = 'demo-x7k2p-1234567890'
const NODE_STEP = '6d82537f1cae5cb5'
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const CONTEXT = '00-11111111111111111111111111111111-2222222222222222-00'

const of = (
  kind: Parameters<typeof identify>[0],
  facts: Facts,
  environment: Environment = {},
  claim = () => true,
) => identify(kind, facts, environment, surroundings(environment), sha256, claim)

test('the literals are what node:crypto makes of the design’s texts', () => {
  const of = (text: string, digits: number) =>
    createHash('sha256').update(text).digest('hex').slice(0, digits)
  expect(of(`stepwell/trace/${UID}`, 32)).toBe(TRACE)
  expect(of(`stepwell/workflow/${UID}`, 16)).toBe(WORKFLOW)
  expect(of(`stepwell/stage/${UID}/implement`, 16)).toBe(STAGE)
  expect(of(`stepwell/step/${UID}/${NODE}`, 16)).toBe(NODE_STEP)
})

test('a step of a known workflow: computed trace, under its stage or the workflow', () => {
  const step = of('step', { workflowUid: UID })
  expect(step).toMatchObject({ traceId: TRACE, parentSpanId: WORKFLOW, flags: 1, traceState: '' })
  expect(of('step', { workflowUid: UID, stage: 'implement' }).parentSpanId as string).toBe(STAGE)
  expect(of('gate', { workflowUid: UID }).parentSpanId as string).toBe(WORKFLOW)
  expect(of('step', { workflowUid: UID }).spanId).not.toBe(step.spanId)
})

test('workflow and stage are computed, and a workflow is a root even in a foreign trace', () => {
  expect(of('workflow', { workflowUid: UID })).toMatchObject({
    traceId: TRACE,
    spanId: WORKFLOW,
    parentSpanId: undefined,
  })
  expect(of('workflow', { workflowUid: UID }, { TRACEPARENT })).toMatchObject({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: WORKFLOW,
    parentSpanId: undefined,
  })
  expect(of('stage', { workflowUid: UID, stage: 'implement' })).toMatchObject({
    spanId: STAGE,
    parentSpanId: WORKFLOW,
  })
})

test('TRACEPARENT fixes trace and parent, and brings flags and state; else STEPWELL_CONTEXT', () => {
  const both = { TRACEPARENT, TRACESTATE: 'a=b', STEPWELL_CONTEXT: CONTEXT }
  expect(of('step', { workflowUid: UID, stage: 'implement' }, both)).toMatchObject({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    parentSpanId: 'b7ad6b7169203331',
    flags: 1,
    traceState: 'a=b',
  })
  expect(of('step', {}, { TRACESTATE: 'a=b', STEPWELL_CONTEXT: CONTEXT })).toMatchObject({
    traceId: '1'.repeat(32),
    parentSpanId: '2'.repeat(16),
    flags: 0,
    traceState: '',
  })
})

test('an invalid TRACEPARENT is named and ignored, its TRACESTATE with it', () => {
  const warnings: string[] = []
  const found = surroundings({ TRACEPARENT: '00-0-0-0', TRACESTATE: 'a=b' }, (sentence) =>
    warnings.push(sentence),
  )
  expect(found).toEqual({ parent: undefined, from: undefined, traceState: '' })
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain('TRACEPARENT=00-0-0-0')
})

test('the first outermost step of an Argo node is computed; nested, unclaimed and gates are random', () => {
  const facts = { workflowUid: UID, nodeId: NODE }
  expect(of('step', facts, { TRACEPARENT }).spanId as string).toBe(NODE_STEP)
  expect(of('step', facts, {}, () => false).spanId as string).not.toBe(NODE_STEP)
  const asked = () => {
    throw new Error('claimed')
  }
  for (const spanId of [
    of('step', facts, { STEPWELL_CONTEXT: CONTEXT }, asked).spanId,
    of('gate', facts, {}, asked).spanId,
    of('step', { nodeId: NODE }, {}, asked).spanId,
  ])
    expect(spanId as string).not.toBe(NODE_STEP)
})

test('without anything: a random trace, of which the step is the root', () => {
  const one = of('step', {})
  expect(one.parentSpanId).toBeUndefined()
  expect(of('step', {}).traceId).not.toBe(one.traceId)
})
