// The way to Loki by a container's log: what the wrapper prints, as containerd writes it down, as Fluent Bit reads it by
// the pack's config.

import { afterAll, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanUp, launcher, plainEnvironment, root, temporaryFolder } from '../support/engine.ts'
import { ContainerdStream, containerLog } from './containerd.ts'
import { FluentBit, type Pushed } from './fluent-bit.ts'

afterAll(cleanUp)

const RECORDED = join(import.meta.dir, 'recorded')
const fluentBit = new FluentBit(join(root, 'deploy/fluent-bit/fluent-bit.yaml'))

const pathOf = (container: string) =>
  `/var/log/containers/fix-7-implement-42_argo_${container}-${'a'.repeat(64)}.log`
const PATH = pathOf('main')

test('containerd cuts at 16 KiB, marks what goes on, and leaves out the ends of lines', () => {
  const written = (...chunks: readonly string[]) => {
    const entries: string[] = []
    const stream = new ContainerdStream(
      'stdout',
      (entry) => entries.push(Buffer.from(entry).toString('latin1')),
      () => 'T',
    )
    for (const chunk of chunks) stream.push(Buffer.from(chunk, 'latin1'))
    stream.end()
    return entries
  }
  const kib = (count: number) => 'x'.repeat(count << 10)
  expect(written('a\r\n', '\n', 'b')).toEqual(['T stdout F a\n', 'T stdout F \n', 'T stdout P b\n'])
  expect(written(`${kib(16)}\n`)).toEqual([`T stdout F ${kib(16)}\n`])
  expect(written(`${kib(16)}y\n`)).toEqual([`T stdout P ${kib(16)}\n`, 'T stdout F y\n'])
  expect(written(kib(16), kib(16), 'y')).toEqual([
    `T stdout P ${kib(16)}\n`,
    `T stdout P ${kib(16)}\n`,
    'T stdout P y\n',
  ])
  // The return is at the end of what it reads at once, and the newline is not.
  expect(written(`${kib(4).slice(1)}\r\nz\n`)).toEqual([
    `T stdout F ${kib(4).slice(1)}\n`,
    'T stdout F z\n',
  ])
})

test('only the containers that Argo calls main are followed', () => {
  expect(['main', 'wait', 'init'].map((name) => fluentBit.follows(pathOf(name)))).toEqual([
    true,
    false,
    false,
  ])
})

for (const name of ['json', 'text'])
  test(`what a real Fluent Bit pushed of --log-format ${name} is what is pushed here`, () => {
    const recorded = JSON.parse(readFileSync(join(RECORDED, `${name}.pushed.json`), 'utf8'))
    const log = readFileSync(join(RECORDED, `${name}.container.log`))
    expect(inOrder(fluentBit.push(PATH, log))).toEqual(inOrder(recorded as Pushed[]))
  })

/** It pushes a line once it is whole: of two streams, not in the order of their times. */
const inOrder = (lines: readonly Pushed[]) =>
  lines.toSorted((a, b) => (BigInt(a.time) < BigInt(b.time) ? -1 : 1))

test('each line that --log-format json rewrites arrives whole, with its step and level, labelled as the seed has it', async () => {
  const { code, lines } = await step('--log-format', 'json')
  expect(code).toBe(3)
  for (const { labels } of lines)
    expect(labels).toEqual({
      job: 'agent-steps',
      service: 'agent-steps',
      namespace: 'argo',
      pod: 'fix-7-implement-42',
    })

  const started = JSON.parse(lines[0]!.line) as { trace_id: string; span_id: string }
  const { trace_id, span_id } = started
  const own = `"trace_id":"${trace_id}","span_id":"${span_id}"`
  const told = (
    line: string,
    level: string | undefined,
    stream = 'stdout',
  ): [string, Record<string, string>] => [
    line,
    { trace_id, span_id, ...(level && { level }), log_iostream: stream },
  ]
  expect(started).toMatchObject({ msg: 'agent step started', agent: 'rex' })
  expect(lines.map(({ line, metadata }) => [line, metadata])).toEqual([
    told(lines[0]!.line, 'info'),
    told('plain', 'info'),
    told('', 'info'),
    told('windows', 'info'),
    told('ERROR: red', 'error'),
    told(
      `{${own},"level":"warn","msg":"its own","n":12345678901234567890,"kubernetes":"k","log":"l"}`,
      'warn',
    ),
    [
      '{"trace_id":"11111111111111111111111111111111","span_id":"2222222222222222","msg":"else"}',
      { trace_id: '1'.repeat(32), span_id: '2'.repeat(16), log_iostream: 'stdout' },
    ],
    told(`{${own},"stream":"s","msg":"its own too","pid":7}`, undefined),
    ['{"trace_id":5,"stream":"s"}', { trace_id: '5', log_iostream: 'stdout' }],
    told('{"a":1} and more', 'info'),
    told('[1,2]', 'info'),
    told('{broken', 'info'),
    told(`{${own}}`, undefined),
    told('quotes " and \\ and \t and \u0007, é € 😀', 'info'),
    told('no UTF-8: \ufffd\ufffd', 'info'),
    told('é'.repeat(8300), 'info'),
    told(`a${'é'.repeat(8300)}`, 'info'),
    told('to stderr', 'info', 'stderr'),
    told('€'.repeat(5600), 'info', 'stderr'),
    told('a last line without an end', 'info'),
    told(lines.at(-1)!.line, 'error'),
  ])
  expect(JSON.parse(lines.at(-1)!.line)).toMatchObject({ msg: 'agent step failed', exit_code: 3 })
})

test('without --log-format json the announcements alone name their step; every line is there', async () => {
  const { lines } = await step()
  const named = lines.filter(({ metadata }) => metadata.trace_id?.length === 32)
  expect(named.map(({ line }) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    'agent step started',
    'else',
    'agent step failed',
  ])
  expect(lines).toHaveLength(21)
})

test('a line of a mebibyte comes whole, a longer one in two parts', async () => {
  const program = `process.stdout.write('y'.repeat(1 << 20) + '\\n' + 'z'.repeat((1 << 20) + 9) + '\\n')`
  const { lines } = await run(['--log-format', 'json'], [process.execPath, '-e', program])
  expect(lines.slice(1, -1).map(({ line }) => [line[0], line.length])).toEqual([
    ['y', 1 << 20],
    ['z', 1 << 20],
    ['z', 9],
  ])
})

const step = (...flags: readonly string[]) =>
  run(flags, [process.execPath, join(import.meta.dir, 'agent.ts')])

async function run(flags: readonly string[], command: readonly string[]) {
  const home = temporaryFolder('home')
  // Where nobody answers, stderr would say so.
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('') })
  try {
    const { code, log } = await containerLog(
      [launcher, 'exec', '--announce', 'stdout', ...flags, '--', ...command],
      {
        ...plainEnvironment(home),
        AGENT: 'rex',
        OTEL_EXPORTER_OTLP_ENDPOINT: server.url.origin,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      },
    )
    const lines = fluentBit.push(PATH, log)
    const of = (stream: string) => lines.filter(({ metadata }) => metadata.log_iostream === stream)
    // The two streams are read apart.
    const [first, ...rest] = of('stdout')
    return { code, lines: [first!, ...rest.slice(0, -2), ...of('stderr'), ...rest.slice(-2)] }
  } finally {
    server.stop(true)
  }
}
