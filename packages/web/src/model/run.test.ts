import { describe, expect, test } from 'bun:test'
import { buildRun, type Run } from './run.ts'
import { announcement, at, attributes, span, telemetry } from './testing.ts'

const UID = { 'workflow.uid': 'u1' }
const workflow = { 'stepwell.kind': 'workflow', 'workflow.template': 'build', ...UID }
const step = (name: string, more: Record<string, string | number> = {}) => ({
  'stepwell.kind': 'step',
  agent: 'claude-code',
  'step.name': name,
  outcome: 'success',
  ...UID,
  ...more,
})

/** `depth id state`, a line a node. */
const drawn = (run: Run) =>
  run.nodes.map((node, index) => `${' '.repeat(run.depth[index]!)}${node.id} ${node.state}`)

describe('a run that has ended', () => {
  const spans = [
    span('w', undefined, [0, 9], { ...workflow, outcome: 'success' }),
    span('test2', 'w', [5, 8], step('test', { 'step.attempt': 2 })),
    span('test1', 'w', [3, 5], step('test', { outcome: 'failure', 'error.type': 'nonzero_exit' })),
    span('plan', 'w', [1, 3], step('plan')),
    span('chat', 'plan', [1, 2]),
    span('tool', 'plan', [2, 3], {}, { failed: true }),
  ]

  test('is a tree, siblings in the order of their start', () => {
    expect(drawn(buildRun(telemetry(spans), at(100)))).toEqual([
      'w success',
      ' plan success',
      '  chat plain',
      '  tool failure',
      ' test1 failure',
      ' test2 success',
    ])
  })

  test('has its shape as arrays', () => {
    const run = buildRun(telemetry(spans), at(100))
    expect([...run.below]).toEqual([5, 2, 0, 0, 0, 0])
    expect([...run.parent]).toEqual([-1, 0, 1, 1, 0, 0])
    expect(run.start).toBe(at(0))
    expect(run.end).toBe(at(9))
  })

  test('is the same whatever the order of arrival', () => {
    const run = drawn(buildRun(telemetry(spans), at(100)))
    expect(drawn(buildRun(telemetry(spans.toReversed()), at(100)))).toEqual(run)
  })

  test('a skipped step is neither success nor failure', () => {
    const skipped = span('s', 'w', [1, 1], {
      'stepwell.kind': 'step',
      'cicd.pipeline.task.run.result': 'skip',
    })
    expect(buildRun(telemetry([skipped]), at(9)).nodes[0]!.state).toBe('skipped')
  })
})

describe('a run that is running', () => {
  const announced = [
    announcement('w', undefined, 'workflow', [0, 50], {
      workflow_template: 'build',
      workflow_uid: 'u1',
    }),
    announcement('s', 'w', 'step', [2, 52], {
      agent: 'codex',
      step_name: 'fix',
      step_attempt: '2',
    }),
  ]

  test('has no end while it is heard of', () => {
    const run = buildRun(telemetry([], announced), at(55))
    expect(drawn(run)).toEqual(['w running', ' s running'])
    expect(run.end).toBeUndefined()
    expect(run.nodes[1]).toMatchObject({
      name: 'codex/fix',
      attempt: 2,
      end: undefined,
      start: at(2),
    })
  })

  test('is lost after 60 s of silence, ending with its last word', () => {
    expect(drawn(buildRun(telemetry([], announced), at(110)))).toEqual(['w running', ' s running'])
    expect(drawn(buildRun(telemetry([], announced), at(111)))).toEqual(['w lost', ' s running'])
    const run = buildRun(telemetry([], announced), at(113))
    expect(drawn(run)).toEqual(['w lost', ' s lost'])
    expect(run.end).toBe(at(52))
  })

  test('is not lost while, or just after, nobody could hear it', () => {
    const stateAt = (now: number, since: number) =>
      buildRun(telemetry([], announced), at(now), at(since)).nodes[1]!.state
    expect(stateAt(500, 500)).toBe('running')
    expect(stateAt(560, 500)).toBe('running')
    expect(stateAt(561, 500)).toBe('lost')
  })

  test('an ended span wins over its announcement', () => {
    const ended = span('s', 'w', [2, 60], step('fix', { outcome: 'failure' }))
    const run = buildRun(telemetry([ended], announced), at(1000))
    expect(drawn(run)).toEqual(['w lost', ' s failure'])
    expect(run.nodes[1]!.announcement).toBeUndefined()
  })
})

describe('a parent that is not there', () => {
  test('a step goes under the workflow of its uid', () => {
    const run = buildRun(
      telemetry([
        span('w', undefined, [0, 9], { ...workflow, outcome: 'success' }),
        span('s', 'never', [1, 2], step('plan')),
        span('other', 'never', [1, 2], step('plan', { 'workflow.uid': 'u2', outcome: 'failure' })),
      ]),
      at(10),
    )
    expect(drawn(run)).toEqual(['w success', ' s success', 'workflow u2 failure', ' other failure'])
  })

  test('and under the stage of its name, where there is one', () => {
    const run = buildRun(
      telemetry([
        span('w', undefined, [0, 9], { ...workflow, outcome: 'success' }),
        span('q', 'w', [0, 3], {
          'stepwell.kind': 'stage',
          stage: 'quality',
          outcome: 'success',
          ...UID,
        }),
        span('s', 'never', [1, 2], step('lint', { stage: 'quality' })),
      ]),
      at(10),
    )
    expect(drawn(run)).toEqual(['w success', ' q success', '  s success'])
  })

  test('a workflow and a stage that nobody reported are made up from their steps', () => {
    const run = buildRun(
      telemetry(
        [
          span('a', 'pw', [1, 2], step('lint', { stage: 'quality', outcome: 'failure' })),
          span('b', 'pw', [3, 4], step('lint', { stage: 'quality', 'step.attempt': 2 })),
        ],
        [
          announcement('c', 'pw', 'step', [4, 4], {
            agent: 'x',
            step_name: 'y',
            workflow_uid: 'u1',
          }),
        ],
      ),
      at(5),
    )
    expect(drawn(run)).toEqual([
      'workflow u1 running',
      ' stage u1/quality success',
      '  a failure',
      '  b success',
      ' c running',
    ])
    expect(run.nodes[0]).toMatchObject({ reported: false, start: at(1), end: undefined })
    expect(run.nodes[1]).toMatchObject({ reported: false, start: at(1), end: at(4) })
  })

  test("an agent's span goes under the step that its resource names", () => {
    const resource = attributes({ 'stepwell.span_id': 's' })
    const run = buildRun(
      telemetry([
        span('s', undefined, [0, 9], step('plan')),
        span('own', 'elsewhere', [1, 2], {}, { resource }),
        span('stray', 'elsewhere', [1, 2]),
      ]),
      at(10),
    )
    expect(drawn(run)).toEqual(['workflow u1 success', ' s success', '  own plain', 'stray plain'])
  })

  test('spans that are their own ancestors are shown all the same', () => {
    const run = buildRun(telemetry([span('a', 'b', [0, 1]), span('b', 'a', [0, 1])]), at(10))
    expect(run.nodes.map(({ id }) => id).sort()).toEqual(['a', 'b'])
  })
})

test('of two roots the workflow comes first, and neither is dropped', () => {
  const run = buildRun(
    telemetry([
      span('foreign', undefined, [0, 9]),
      span('w', undefined, [1, 8], { ...workflow, outcome: 'success' }),
    ]),
    at(10),
  )
  expect(drawn(run)).toEqual(['w success', 'foreign plain'])
})

test('nothing known is an empty run', () => {
  expect(buildRun(telemetry([]), at(0)).nodes).toEqual([])
})

test('a trace deeper than the call stack', () => {
  const spans = Array.from({ length: 30_000 }, (_, depth) =>
    span(`s${depth}`, depth ? `s${depth - 1}` : undefined, [depth, depth + 1]),
  )
  const run = buildRun(telemetry(spans), at(40_000))
  expect(run.depth[29_999]).toBe(29_999)
  expect(run.below[0]).toBe(29_999)
})
