// Gates with a score: `gate NAME -- COMMAND` and `gate report`.

import { beforeAll, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stageSpanId } from '@stepwell/model/identity'
import { attributes, buildWrapper, Receiver, stepwell, temporaryFolder } from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

const sha256 = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest()

test('a verdict that was reached elsewhere', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = {
    ...receiver.environment(folder.path),
    WORKFLOW_UID: 'u-1',
    STAGE: 'quality',
  }
  for (const [flags, told] of [
    ['--result pass', { 'gate.result': 'pass', outcome: 'success' }],
    ['--result fail', { 'gate.result': 'fail', outcome: 'failure', 'error.type': 'nonzero_exit' }],
    [
      '--score 7.5 --threshold 8',
      { 'gate.result': 'fail', 'gate.score': 7.5, 'gate.threshold': 8n },
    ],
    ['--score 8 --threshold 8', { 'gate.result': 'pass', 'gate.score': 8n }],
    // The word of the one who judged counts more than the figures.
    ['--result fail --score 9 --threshold 8', { 'gate.result': 'fail', 'gate.score': 9n }],
  ] as const) {
    receiver.spans.length = 0
    const run = await stepwell(['gate', 'report', 'review', ...flags.split(' ')], environment)
    expect([flags, run.exitCode, run.stderr.toString()]).toEqual([flags, 0, ''])
    const { record } = receiver.spans[0]!
    expect(record.name).toBe('gate review')
    expect(record.parentSpanId).toBe(stageSpanId(sha256, 'u-1', 'quality'))
    expect(attributes(record)).toMatchObject({ gate: 'review', stage: 'quality', ...told })
    expect(Object.keys(attributes(record)).filter((name) => /evaluation|judge/.test(name))).toEqual(
      [],
    )
  }
})

test('a model’s judgement has the conventions’ names too, and its times are as given', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  await stepwell(
    [
      'gate',
      'report',
      'review',
      '--judge',
      'some-model',
      '--score',
      '0.5',
      '--threshold',
      '0.8',
    ].concat(['--start', '1795341600', '--duration', '12s']),
    receiver.environment(folder.path),
  )
  const { record } = receiver.spans[0]!
  expect(attributes(record)).toMatchObject({
    'gate.judge': 'some-model',
    'gen_ai.evaluation.name': 'review',
    'gen_ai.evaluation.score.value': 0.5,
    'gen_ai.evaluation.score.label': 'fail',
  })
  expect(record.endTimeUnixNano - record.startTimeUnixNano).toBe(12_000_000_000n)
})

test('a check that passes but does not reach its threshold fails the gate, with exit code 1', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  const gate = (flags: string, script: string) =>
    stepwell(['gate', 'coverage', ...flags.split(' '), '--', 'sh', '-c', script], environment)
  for (const [flags, script, exitCode, told] of [
    [
      '--threshold 80 --score-file out',
      'echo "lines: 81.5 %" > out',
      0,
      { 'gate.result': 'pass', 'gate.score': 81.5 },
    ],
    [
      '--threshold 80 --score-file out',
      'echo 79.9 > out',
      1,
      { 'gate.result': 'fail', 'gate.score': 79.9, 'exit.code': 1n, 'error.type': 'nonzero_exit' },
    ],
    ['--score-file out', 'echo -3e1 > out', 0, { 'gate.result': 'pass', 'gate.score': -30n }],
    ['--threshold 5 --score 3', 'true', 1, { 'gate.result': 'fail', 'gate.score': 3n }],
    // Its own verdict and its own exit code.
    [
      '--threshold 80 --score-file out',
      'echo 99 > out; exit 4',
      4,
      { 'gate.result': 'fail', 'gate.score': 99n, 'exit.code': 4n },
    ],
  ] as const) {
    receiver.spans.length = 0
    const run = await gate(flags, script)
    expect([script, run.exitCode]).toEqual([script, exitCode])
    expect(attributes(receiver.spans[0]!.record)).toMatchObject(told)
    expect(run.stderr.includes('its score')).toBe(exitCode === 1)
  }
})

test('a score that cannot be read is named; with a threshold nobody has reached it', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  writeFileSync(join(folder.path, 'words'), 'no figure')
  for (const [flags, exitCode, sentence] of [
    ['--score-file gone --threshold 1', 1, 'gone cannot be read'],
    ['--score-file words --threshold 1', 1, 'words: no number is in it'],
    ['--score-file words', 0, 'words: no number is in it'],
  ] as const) {
    const run = await stepwell(['gate', 'g', ...flags.split(' '), '--', 'true'], environment)
    expect([flags, run.exitCode]).toEqual([flags, exitCode])
    expect(run.stderr.toString()).toContain(sentence)
  }
  expect(receiver.spans.map(({ record }) => attributes(record)['gate.result'])).toEqual([
    'fail',
    'fail',
    'pass',
  ])
})

test('wrong flags are named, and nothing is run or reported', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  for (const [args, sentence] of [
    [['gate', 'report'], 'name comes first'],
    [['gate', 'report', 'g'], 'no verdict'],
    [['gate', 'report', 'g', '--score', '3'], 'no verdict'],
    [['gate', 'report', 'g', '--score', 'high', '--threshold', '1'], '--score high is no number'],
    [['gate', 'report', 'g', '--result', 'maybe'], 'is none of pass, fail'],
    [['gate', 'report', 'g', '--result', 'pass', '--judge', ''], '--judge is empty'],
    [['gate', 'g', '--threshold', '1', '--', 'touch', 'run'], '--threshold alone is never reached'],
    [
      ['gate', 'g', '--score', '1', '--score-file', 'f', '--', 'touch', 'run'],
      'one of them is enough',
    ],
  ] as const) {
    const run = await stepwell(args, environment)
    expect([args, run.exitCode]).toEqual([args, 125])
    expect(run.stderr.toString()).toContain(sentence)
  }
  expect(receiver.requests).toBe(0)
  expect(await Bun.file(join(folder.path, 'run')).exists()).toBe(false)
})
