// What leaves the wrapper has no secrets in it; what passes through it is as it was.

import { beforeAll, expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { privateKey, TOKENS } from '@stepwell/model/redact/testing/samples'
import { attributes, buildWrapper, Receiver, stepwell, temporaryFolder } from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

const SECRET = 'correct-horse-battery'

/** All that the receiver got, as text. */
const told = (receiver: Receiver) =>
  JSON.stringify([receiver.spans, receiver.logs], (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  )

test('lines that are recorded have no secrets; the output has them all, byte for byte', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const random = Math.random
  const key = privateKey(random)
  const tokens = Object.values(TOKENS).map((make) => make(random))
  const output = [
    'plain text',
    ...tokens.map((token) => `token ${token} was used`),
    ...key,
    `the value is ${SECRET}, in base64 ${btoa(`user:${SECRET}`)}`,
    'curl -H "Authorization: Bearer abcdef" https://u:hunter2@h.example/',
    '\x1b[1mpassword\x1b[0m=\x1b[32mhunter2\x1b[0m',
    'done',
    '',
  ].join('\n')
  writeFileSync(join(folder.path, 'output'), output)
  const run = await stepwell(
    ['exec', '--announce', 'off', '--', 'sh', '-c', 'cat output; cat output >&2'],
    { ...receiver.environment(folder.path), DEPLOY_TOKEN: SECRET },
  )
  expect(run.stdout.toString()).toBe(output)
  expect(run.stderr.toString()).toBe(output)
  for (const stream of ['stdout', 'stderr'] as const)
    expect(receiver.lines(stream)).toEqual([
      'plain text',
      ...tokens.map(() => 'token [REDACTED] was used'),
      ...key.map(() => '[REDACTED]'),
      expect.stringMatching(/^the value is \[REDACTED\], in base64 \S{0,8}\[REDACTED\]\S{0,4}$/),
      'curl -H "Authorization: Bearer [REDACTED]" https://u:[REDACTED]@h.example/',
      '\x1b[1mpassword\x1b[0m=[REDACTED]\x1b[0m',
      'done',
    ])
  for (const secret of [...tokens, ...key.slice(1, -1), SECRET, 'hunter2'])
    expect(told(receiver)).not.toContain(secret)
})

test('no half of a secret stands where a long line is cut', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  // Around the cut, in one line each: not so many that a busy machine would leave some out.
  const script = `for (let n = 0; n < 40; n += 4) console.log('x'.repeat(16384 - n) + process.env.DEPLOY_TOKEN + 'y'.repeat(9000))`
  writeFileSync(join(folder.path, 'print.js'), script)
  await stepwell(['exec', '--announce', 'off', '--', process.execPath, 'print.js'], {
    ...receiver.environment(folder.path),
    DEPLOY_TOKEN: SECRET,
  })
  const lines = receiver.lines('stdout')
  expect(lines).toHaveLength(10)
  for (const [at, line] of lines.entries()) {
    const n = 4 * at
    expect(line).not.toContain('corr')
    expect(line.slice(16384 - n)).toStartWith(n === 0 ? '…' : '[REDACTED]')
  }
})

test('arguments are told where asked for, redacted, and not at all where not', async () => {
  using folder = temporaryFolder()
  const command = ['sh', '-c', 'exit 0', 'x', '--password', 'hunter2', '--token=abcdef', SECRET]
  for (const recorded of [true, false]) {
    using receiver = new Receiver()
    const run = await stepwell(
      ['exec', ...(recorded ? ['--record-args'] : []), '--announce', 'stderr', '--', ...command],
      { ...receiver.environment(folder.path), DEPLOY_TOKEN: SECRET },
    )
    const shown = [
      'sh',
      '-c',
      'exit 0',
      'x',
      '--password',
      '[REDACTED]',
      '--token=[REDACTED]',
      '[REDACTED]',
    ]
    const values = recorded ? { values: shown.map((stringValue) => ({ stringValue })) } : undefined
    for (const { record } of [receiver.spans[0]!, receiver.logs[0]!])
      expect(attributes(record)['process.command_args'] as unknown).toEqual(values)
    for (const line of run.stderr.toString().trim().split('\n'))
      expect(JSON.parse(line)['process.command_args']).toEqual(recorded ? shown : undefined)
    for (const text of [told(receiver), run.stderr.toString()]) {
      for (const secret of ['hunter2', 'abcdef', SECRET]) expect(text).not.toContain(secret)
      if (!recorded) expect(text).not.toContain('exit 0')
    }
  }
})

test('facts and resource attributes are told without secrets', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const run = await stepwell(
    [
      'exec',
      '--agent',
      `a-${SECRET}`,
      '--workflow-name',
      'https://u:hunter2@h.example/x',
      '--announce',
      'stderr',
      '--',
      'true',
    ],
    {
      ...receiver.environment(folder.path),
      TASK_ID: SECRET,
      OTEL_RESOURCE_ATTRIBUTES: `team=${SECRET}`,
      DEPLOY_TOKEN: SECRET,
    },
  )
  expect(receiver.spans[0]!.record.name).toBe('a-[REDACTED]/execute')
  for (const text of [told(receiver), run.stderr.toString()]) {
    expect(text).toContain('https://u:[REDACTED]@h.example/x')
    for (const secret of [SECRET, 'hunter2']) expect(text).not.toContain(secret)
  }
})

test('what is reported without a command is told without secrets, and so is what context prints', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = {
    ...receiver.environment(folder.path),
    DEPLOY_TOKEN: SECRET,
    OTEL_RESOURCE_ATTRIBUTES: `team=${SECRET}`,
  }
  const facts = ['--task', `T-${SECRET}`, '--workflow-uid', 'w']
  for (const verb of [
    ['step', 'report', '--status', 'success', '--duration', '1s', ...facts],
    ['gate', 'report', SECRET, '--result', 'pass', '--judge', SECRET, ...facts],
    ['exec', '--announce', 'off', '--', `./${SECRET}`],
    [
      'stage',
      'finish',
      'test',
      '--status',
      'success',
      '--start',
      '2026-01-01T00:00:00Z',
      '--workflow-uid',
      SECRET,
    ],
    ['context', '--json', ...facts],
    ['context', ...facts],
  ]) {
    const run = await stepwell(verb, environment)
    expect([verb, run.exitCode]).toEqual([verb, verb[0] === 'exec' ? 127 : 0])
    expect(run.stdout.toString()).not.toContain(SECRET)
  }
  expect(receiver.spans).toHaveLength(4)
  expect(told(receiver)).not.toContain(SECRET)
  const [step] = receiver.spans
  expect(attributes(step!.record)['task.id']).toBe('T-[REDACTED]')
  expect(attributes(step!.resource!).team).toBe('[REDACTED]')
})

test('a list of tasks is told without secrets: its tags, its ids, what they depend on', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const tasks = [
    { id: 'a', status: 'done', dependencies: [SECRET] },
    { id: SECRET, status: 'done' },
  ]
  writeFileSync(join(folder.path, 'tasks.json'), JSON.stringify({ [SECRET]: { tasks } }))
  const environment = { ...receiver.environment(folder.path), DEPLOY_TOKEN: SECRET }
  await stepwell(['task', 'sync', 'tasks.json', '--all'], environment)
  expect(receiver.spans).toHaveLength(2)
  expect(receiver.spans[0]!.record.links).toHaveLength(1)
  expect(told(receiver)).not.toContain(SECRET)
})

test('what a rules file names is secret too', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  mkdirSync(join(folder.path, '.stepwell'))
  writeFileSync(join(folder.path, '.stepwell/rules.json'), '{"redact": ["ACME-\\\\d+"]}')
  const run = await stepwell(
    ['exec', '--announce', 'off', '--', 'echo', 'id ACME-123 of'],
    receiver.environment(folder.path),
  )
  expect(run.stdout.toString()).toBe('id ACME-123 of\n')
  expect(receiver.lines('stdout')).toEqual(['id [REDACTED] of'])
})

test('in a flood, too, the last lines are without secrets, and a key that began before them', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  // Its BEGIN is further from the end than the last lines that are kept of what was skipped.
  const key = privateKey(Math.random, 'RSA ', 200)
  writeFileSync(join(folder.path, 'key'), `${key.join('\n')}\nend\n`)
  const script = 'seq 1 900000; cat key'
  await stepwell(
    ['exec', '--announce', 'off', '--', 'sh', '-c', script],
    receiver.environment(folder.path),
  )
  await stepwell(['flush'], receiver.environment(folder.path))
  // What was kept arrives when it is flushed: perhaps after the end.
  expect(receiver.lines('stdout')).toContain('end')
  const lines = new Set(receiver.lines('stdout'))
  for (const line of key.slice(1, -1)) expect(lines).not.toContain(line)
})
