// `--attribute`: what a user puts on the span beside what is ours.

import { beforeAll, expect, test } from 'bun:test'
import { attributes, buildWrapper, Receiver, stepwell, temporaryFolder } from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

const OWN = ['--attribute', 'team=a=b', '--attribute=size=12', '--attribute', 'ratio=0.5']
const MORE = ['--attribute', 'dry=true', '--attribute', 'build=007', '--attribute', 'note=']
const EXPECTED = { team: 'a=b', size: 12n, ratio: 0.5, dry: true, build: '007', note: '' }

test('on the span and its announcement, numbers and booleans as such, without secrets', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = { ...receiver.environment(folder.path), DEPLOY_TOKEN: 'correct-horse' }
  const secret = ['--attribute', 'key=correct-horse']
  for (const verb of [
    ['exec', '--announce', 'off', ...OWN, ...MORE, ...secret, '--', 'true'],
    ['gate', 'lint', '--announce', 'off', ...OWN, ...MORE, ...secret, '--', 'true'],
    ['step', 'report', '--status', 'success', '--duration', '1s', ...OWN, ...MORE, ...secret],
    ['gate', 'report', 'lint', '--result', 'pass', ...OWN, ...MORE, ...secret],
  ]) {
    const seen = receiver.spans.length
    const run = await stepwell(verb, environment)
    expect([verb, run.exitCode]).toEqual([verb, 0])
    expect(attributes(receiver.spans[seen]!.record)).toMatchObject({
      ...EXPECTED,
      key: '[REDACTED]',
    })
  }
  expect(attributes(receiver.logs[0]!.record)).toMatchObject({ ...EXPECTED, key: '[REDACTED]' })
})

test('what is no pair, and a name of ours, is named, and nothing is run', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  for (const [pair, said] of [
    ['team', '--attribute team is no pair: write KEY=VALUE'],
    ['=x', '--attribute =x is no pair'],
    ['outcome=success', '--attribute outcome is a name of stepwell’s own'],
    ['gen_ai.agent.name=x', 'is a name of stepwell’s own'],
  ] as const) {
    const run = await stepwell(
      ['exec', '--attribute', pair, '--', 'true'],
      receiver.environment(folder.path),
    )
    expect([pair, run.exitCode]).toEqual([pair, 125])
    expect(run.stderr.toString()).toContain(said)
  }
  expect(receiver.requests).toBe(0)
})
