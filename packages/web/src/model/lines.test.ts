import { expect, test } from 'bun:test'
import { linesBelow, stepNames } from './lines.ts'
import { buildRun } from './run.ts'
import type { LogLine } from './telemetry.ts'
import { at, span, TRACE, telemetry } from './testing.ts'

const line = (spanId: string): LogLine => ({
  time: 1n,
  traceId: TRACE,
  spanId,
  text: spanId,
  stream: 'stdout',
  level: undefined,
})
const run = buildRun(
  telemetry([
    span('w', undefined, [0, 9], { 'stepwell.kind': 'workflow' }),
    span('a', 'w', [1, 2], { 'stepwell.kind': 'step', 'step.name': 'plan' }),
    span('chat', 'a', [1, 2]),
    span('g', 'w', [3, 4], { 'stepwell.kind': 'gate', gate: 'review', 'step.name': 'plan' }),
  ]),
  at(9),
)
const lines = ['a', 'chat', 'g', 'unknown'].map(line)
const below = (index: number) => linesBelow(run, index, lines).map(({ spanId }) => spanId)

test('a step has the lines of all below it, a run all there are', () => {
  expect(below(1)).toEqual(['a', 'chat'])
  expect(below(2)).toEqual(['chat'])
  expect(below(3)).toEqual(['g'])
  expect(below(0)).toEqual(['a', 'chat', 'g', 'unknown'])
  expect(below(-1)).toEqual([])
})

test('lines are ascribed to the step or gate above them', () => {
  expect(Object.fromEntries(stepNames(run))).toEqual({ a: 'plan', chat: 'plan', g: 'review' })
})
