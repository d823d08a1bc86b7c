import { expect, test } from 'bun:test'
import { endAttributes, endStatus, spanName, startAttributes } from './span.ts'

const facts = {
  agent: 'claude-code',
  step: 'implement',
  attempt: 2,
  stage: 'build',
  repo: 'acme/shop',
  repoUrl: 'https://git.example/acme/shop',
  prNumber: '42',
  commitSha: 'c0ffee',
  taskId: '7',
  workflowUid: 'u-1',
  workflowName: 'feature-x',
  workflowTemplate: 'feature',
  nodeId: 'feature-x-1',
  gate: 'review',
}

test('names', () => {
  expect(spanName('workflow', facts)).toBe('feature')
  expect(spanName('workflow', { workflowName: 'feature-x' })).toBe('feature-x')
  expect(spanName('stage', facts)).toBe('stage build')
  expect(spanName('step', facts)).toBe('claude-code/implement')
  expect(spanName('step', {})).toBe('unknown/execute')
  expect(spanName('gate', facts)).toBe('gate review')
})

test('a step carries each thing under our name and its twin', () => {
  expect(startAttributes('step', facts)).toEqual({
    'stepwell.kind': 'step',
    agent: 'claude-code',
    'gen_ai.agent.name': 'claude-code',
    repo: 'acme/shop',
    'vcs.repository.name': 'shop',
    'vcs.repository.url.full': 'https://git.example/acme/shop',
    'pr.number': '42',
    'vcs.change.id': '42',
    'commit.sha': 'c0ffee',
    'vcs.ref.head.revision': 'c0ffee',
    'task.id': '7',
    'workflow.name': 'feature-x',
    'workflow.template': 'feature',
    'cicd.pipeline.name': 'feature',
    'workflow.uid': 'u-1',
    'cicd.pipeline.run.id': 'u-1',
    stage: 'build',
    'step.name': 'implement',
    'cicd.pipeline.task.name': 'implement',
    'step.attempt': 2,
    'node.id': 'feature-x-1',
    'cicd.pipeline.task.run.id': 'feature-x-1',
  })
})

test('what is not known is not set', () => {
  expect(startAttributes('step', { repo: '' })).toEqual({
    'stepwell.kind': 'step',
    agent: 'unknown',
    'gen_ai.agent.name': 'unknown',
    'step.name': 'execute',
    'cicd.pipeline.task.name': 'execute',
    'step.attempt': 1,
  })
})

test('an end', () => {
  expect(
    endAttributes('step', {
      exitCode: 3,
      errorType: 'nonzero_exit',
      pid: 9,
      executable: 'sh',
      used: { cpuTime: 0.25 },
    }),
  ).toEqual({
    outcome: 'failure',
    'cicd.pipeline.task.run.result': 'failure',
    'error.type': 'nonzero_exit',
    'exit.code': 3,
    'process.exit.code': 3,
    'process.pid': 9,
    'process.executable.name': 'sh',
    'agent.step.cpu.time': 0.25,
  })
  expect(endAttributes('gate', { gate: { score: 0.8, threshold: 0.7 } })).toEqual({
    outcome: 'success',
    'cicd.pipeline.task.run.result': 'success',
    'gate.result': 'pass',
    'gate.score': 0.8,
    'gate.threshold': 0.7,
  })
  expect(endAttributes('workflow', { errorType: 'canceled' })).toMatchObject({
    'cicd.pipeline.result': 'cancellation',
  })
  expect(endAttributes('step', { skipped: true })).toEqual({
    'cicd.pipeline.task.run.result': 'skip',
  })
})

test('a task has a result, and neither outcome nor status', () => {
  const end = { task: { result: 'done', tag: 'master' } } as const
  expect(spanName('task', facts)).toBe('task 7')
  expect(
    startAttributes('task', { taskId: '7', repo: 'acme/shop', agent: 'a', step: 'b' }),
  ).toEqual({
    'stepwell.kind': 'task',
    'task.id': '7',
    repo: 'acme/shop',
    'vcs.repository.name': 'shop',
  })
  expect(endAttributes('task', end)).toEqual({ 'task.result': 'done', 'task.tag': 'master' })
  expect(endStatus(end)).toEqual({ code: 'unset', message: '' })
})

test('status', () => {
  expect(endStatus({})).toEqual({ code: 'ok', message: '' })
  expect(endStatus({ errorType: 'nonzero_exit', exitCode: 3 })).toEqual({
    code: 'error',
    message: 'exit code: 3',
  })
  expect(endStatus({ errorType: 'lost' })).toEqual({ code: 'error', message: 'lost' })
  expect(endStatus({ skipped: true })).toEqual({ code: 'unset', message: '' })
})
