import { expect, test } from 'bun:test'
import { ATTRIBUTE } from '@stepwell/model/attributes'
import { workflowTraceId } from '@stepwell/model/identity'
import { parseSpanId } from '@stepwell/model/ids'
import { endedLine, startedLine } from '../report/announce.ts'
import { sha256 } from '../run/context.ts'
import { nameOf, toldSteps } from './announced.ts'

const facts = { agent: 'claude', step: 'fix', repo: 'octo/app', taskId: '9' }
const identity = {
  traceId: workflowTraceId(sha256, 'uid'),
  spanId: parseSpanId('00f067aa0ba902b7')!,
  parentSpanId: undefined,
  flags: 1,
  traceState: '',
} as Parameters<typeof startedLine>[2]

test('a step is told by its two lines, among a pod’s other lines', () => {
  const log = [
    'pod-1: time="2026-11-25T10:00:00Z" level=info msg="capturing logs" argo=true',
    `pod-1: ${startedLine('step', facts, identity)}`,
    'pod-2: {"trace_id":"no id","span_id":"","level":"info","msg":"agent step started"}',
    `pod-1: ${startedLine('gate', { gate: 'lint' }, identity)}`,
    `pod-1: ${endedLine('step', facts, identity, { exitCode: 3, errorType: 'timeout' }, 12)}\r`,
    `pod-1: ${startedLine('step', facts, identity).slice(0, -4)}`,
  ].join('\n')
  const steps = toldSteps(log)
  expect(steps.map(nameOf)).toEqual(['claude/fix'])
  expect(steps[0]).toMatchObject({ traceId: identity.traceId, spanId: identity.spanId })
  expect(Object.fromEntries(steps[0]!.attributes)).toEqual({
    [ATTRIBUTE.kind]: 'step',
    [ATTRIBUTE.agent]: 'claude',
    [ATTRIBUTE.stepName]: 'fix',
    [ATTRIBUTE.stepAttempt]: '1',
    [ATTRIBUTE.repo]: 'octo/app',
    [ATTRIBUTE.taskId]: '9',
    [ATTRIBUTE.outcome]: 'failure',
    [ATTRIBUTE.errorType]: 'timeout',
    [ATTRIBUTE.exitCode]: '3',
  })
})
