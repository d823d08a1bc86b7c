import { describe, expect, test } from 'bun:test'
import { buildRun } from './run.ts'
import { groupAttempts, summarize } from './summary.ts'
import { announcement, at, span, telemetry } from './testing.ts'

const UID = { 'workflow.uid': 'u1' }
const step = (name: string, outcome: string, attempt = 1, more = {}) => ({
  'stepwell.kind': 'step',
  agent: 'codex',
  'step.name': name,
  'step.attempt': attempt,
  'error.type': outcome === 'failure' ? 'nonzero_exit' : '',
  outcome,
  ...UID,
  ...more,
})
const workflow = (outcome: string) => ({
  'stepwell.kind': 'workflow',
  'workflow.template': 'build',
  'workflow.name': 'build-x1',
  outcome,
  ...UID,
})
const summaryOf = (...spans: ReturnType<typeof span>[]) =>
  summarize(buildRun(telemetry(spans), at(100)))!

describe('the summary of a run', () => {
  test('names it by its template, and takes from the steps what the workflow does not say', () => {
    const summary = summaryOf(
      span('w', undefined, [0, 9], workflow('success'), { name: 'build' }),
      span(
        'b',
        'w',
        [4, 5],
        step('test', 'success', 1, { repo: 'acme/shop', agent: 'claude-code' }),
      ),
      span('a', 'w', [1, 2], step('plan', 'success')),
    )
    expect(summary).toMatchObject({
      title: 'build',
      name: 'build-x1',
      state: 'success',
      agents: ['codex', 'claude-code'],
      failure: undefined,
    })
    expect(summary.facts.repo).toBe('acme/shop')
    expect(summary.steps.map(({ id }) => id)).toEqual(['a', 'b'])
  })

  test('a failed attempt that a later one made good is not why it failed', () => {
    const summary = summaryOf(
      span('w', undefined, [0, 9], workflow('failure')),
      span('a1', 'w', [1, 2], step('plan', 'failure')),
      span('a2', 'w', [2, 3], step('plan', 'success', 2)),
      span('b', 'w', [3, 4], step('test', 'failure')),
      span('c', 'w', [4, 5], step('ship', 'failure')),
    )
    expect(summary.failure?.id).toBe('b')
  })

  test('a gate that did not pass, where all steps succeeded', () => {
    const summary = summaryOf(
      span('w', undefined, [0, 9], workflow('failure')),
      span('a', 'w', [1, 2], step('plan', 'success')),
      span('g', 'w', [2, 3], {
        'stepwell.kind': 'gate',
        gate: 'review',
        outcome: 'failure',
        ...UID,
      }),
    )
    expect(summary.failure?.id).toBe('g')
  })

  test('the workflow itself, where nothing in it failed', () => {
    expect(summaryOf(span('w', undefined, [0, 9], workflow('failure'))).failure?.id).toBe('w')
  })

  test('a run that succeeded has no failure, whatever was retried', () => {
    const summary = summaryOf(
      span('w', undefined, [0, 9], workflow('success')),
      span('a', 'w', [1, 2], step('plan', 'failure')),
    )
    expect(summary.failure).toBeUndefined()
  })

  test('a lost step is why its run is lost', () => {
    const run = buildRun(
      telemetry(
        [],
        [
          announcement('w', undefined, 'workflow', [0, 1], { workflow_uid: 'u1' }),
          announcement('s', 'w', 'step', [0, 1], {
            workflow_uid: 'u1',
            agent: 'a',
            step_name: 'b',
          }),
        ],
      ),
      at(100),
    )
    expect(summarize(run)).toMatchObject({ state: 'lost', failure: { id: 's' } })
  })
})

test('attempts of one step stand together, in the order of the first', () => {
  const { steps } = summaryOf(
    span('a1', undefined, [1, 2], step('plan', 'failure')),
    span('b', undefined, [2, 3], step('test', 'success')),
    span('a2', undefined, [3, 4], step('plan', 'success', 2)),
  )
  const ids = groupAttempts(steps).map((attempts) => attempts.map(({ id }) => id))
  expect(ids).toEqual([['a1', 'a2'], ['b']])
})
