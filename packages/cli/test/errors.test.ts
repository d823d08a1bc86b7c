// Why a step failed: its error class by its last lines, by the kernel, by a user's rules.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  attributes,
  buildWrapper,
  Receiver,
  start,
  stepwell,
  temporaryFolder,
  type Variables,
  WRAPPER,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

interface Ended {
  readonly errorType: unknown
  readonly result: unknown
  readonly exitCode: number | null
  readonly signal: unknown
  readonly stderr: string
}

async function ended(
  folder: string,
  script: string,
  { flags = [], variables = {} }: { flags?: readonly string[]; variables?: Variables } = {},
): Promise<Ended> {
  using receiver = new Receiver()
  const run = await stepwell(['exec', '--announce', 'off', ...flags, '--', 'sh', '-c', script], {
    ...receiver.environment(folder),
    ...variables,
  })
  const span = receiver.spans[0] && attributes(receiver.spans[0].record)
  return {
    errorType: span?.['error.type'],
    result: span?.['cicd.pipeline.task.run.result'],
    exitCode: run.exitCode,
    signal: run.signal,
    stderr: run.stderr.toString(),
  }
}

test('the last lines of either stream give the class; the exit code stays', async () => {
  using folder = temporaryFolder()
  for (const [script, errorType, result, exitCode] of [
    ['echo "API Error: 429 Too Many Requests"; exit 3', 'rate_limited', 'error', 3],
    ['echo "Error: getaddrinfo ENOTFOUND h" >&2; echo bye; exit 1', 'network', 'error', 1],
    ['printf "Prompt is too long"; exit 1', 'context_exhausted', 'failure', 1],
    ['echo "x: No space left on device" >&2; exit 1', 'disk_full', 'error', 1],
    ['echo "HTTP/1.1 401 Unauthorized"; exit 22', 'authentication', 'error', 22],
    ['echo "nothing that is known"; exit 5', 'nonzero_exit', 'failure', 5],
    ['no-such-program', 'command_not_found', 'error', 127],
    ['echo "429 Too Many Requests"; exit 0', undefined, 'success', 0],
  ] as const)
    expect(await ended(folder.path, script)).toMatchObject({ errorType, result, exitCode })
})

test('signals, timeouts and cancellations stay what they are, whatever was printed', async () => {
  using folder = temporaryFolder()
  const said = 'echo "429 Too Many Requests";'
  expect(await ended(folder.path, `${said} kill -KILL $$`)).toMatchObject({
    errorType: 'signal_kill',
    signal: 'SIGKILL',
  })
  expect(await ended(folder.path, `${said} kill -SEGV $$`)).toMatchObject({
    errorType: 'signal_segv',
  })
  expect(
    await ended(folder.path, `${said} sleep 30`, { flags: ['--timeout', '200ms'] }),
  ).toMatchObject({
    errorType: 'timeout',
    exitCode: 124,
  })
  const heap = 'echo "FATAL ERROR: JavaScript heap out of memory" >&2;'
  expect(await ended(folder.path, `${heap} kill -ABRT $$`)).toMatchObject({
    errorType: 'oom_killed',
  })
})

test('the class is found where nothing was recorded: in a flood, and without logs', async () => {
  using folder = temporaryFolder()
  const flood = 'seq 1 600000; echo "429 Too Many Requests"; exit 1'
  expect(await ended(folder.path, flood)).toMatchObject({ errorType: 'rate_limited' })
  expect(
    await ended(folder.path, 'echo "429 Too Many Requests"; exit 1', {
      variables: { OTEL_LOGS_EXPORTER: 'none' },
    }),
  ).toMatchObject({ errorType: 'rate_limited' })
})

test('a rules file by flag, by variable, in the working folder; the strongest alone is read', async () => {
  using folder = temporaryFolder()
  const rules = (type: string) =>
    JSON.stringify({ errors: [{ type, pattern: '^quota', flags: 'i' }] })
  mkdirSync(join(folder.path, '.stepwell'))
  writeFileSync(join(folder.path, '.stepwell/rules.json'), rules('by_folder'))
  writeFileSync(join(folder.path, 'a.json'), rules('by_variable'))
  writeFileSync(join(folder.path, 'b.json'), rules('by_flag'))
  const script = 'echo "Quota is used up"; echo "429 Too Many Requests"; exit 1'
  const variables = { STEPWELL_ERROR_RULES: 'a.json' }
  expect(await ended(folder.path, script)).toMatchObject({
    errorType: 'by_folder',
    result: 'failure',
  })
  expect(await ended(folder.path, script, { variables })).toMatchObject({
    errorType: 'by_variable',
  })
  expect(
    await ended(folder.path, script, { variables, flags: ['--error-rules', 'b.json'] }),
  ).toMatchObject({ errorType: 'by_flag' })
})

test('a bad rules file: by flag nothing is run; found elsewhere, one warning, and the command runs', async () => {
  using folder = temporaryFolder()
  writeFileSync(join(folder.path, 'bad.json'), '{"errors": [{"type": "a", "pattern": "("}]}')
  writeFileSync(join(folder.path, 'no.json'), 'nonsense')
  for (const [file, sentence] of [
    ['bad.json', '--error-rules bad.json: errors[0].pattern "(": '],
    ['no.json', '--error-rules no.json: it is no JSON: '],
    ['absent.json', '--error-rules absent.json: there is no such file'],
  ] as const) {
    const run = await ended(folder.path, 'echo ran >&2; exit 3', { flags: ['--error-rules', file] })
    expect(run).toMatchObject({ exitCode: 125, errorType: undefined })
    expect(run.stderr).toContain(sentence)
    expect(run.stderr).not.toContain('ran')
  }
  const run = await ended(folder.path, 'echo ran >&2; exit 3', {
    variables: { STEPWELL_ERROR_RULES: 'bad.json' },
  })
  expect(run).toMatchObject({ exitCode: 3, errorType: 'nonzero_exit' })
  expect(run.stderr).toMatch(
    /^stepwell: STEPWELL_ERROR_RULES=bad\.json is ignored: errors\[0\]\.pattern "\(": .*\nran\n$/,
  )
})

/** A control group of 160 MiB, where we may make one: cgroup v1's, or v2's with the memory controller given down. */
function smallGroup(): string | undefined {
  for (const [root, limit] of [
    ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes'],
    ['/sys/fs/cgroup', 'memory.max'],
  ] as const) {
    const group = join(root, `stepwell-test-${process.pid}`)
    try {
      mkdirSync(group)
    } catch {
      continue
    }
    try {
      writeFileSync(join(group, limit), String(160 << 20))
      return group
    } catch {
      rmdirSync(group)
    }
  }
  return undefined
}

const group = smallGroup()
afterAll(() => {
  if (group) rmdirSync(group)
})

test.skipIf(!group)(
  'what the kernel killed for memory is oom_killed, itself or below a shell; another KILL is not (needs a memory control group to write to)',
  async () => {
    using folder = temporaryFolder()
    for (const [script, errorType, exitCode] of [
      ['exec tail /dev/zero', 'oom_killed', null],
      ['tail /dev/zero; exit $?', 'oom_killed', 137],
      ['kill -KILL $$', 'signal_kill', null],
      ['exit 137', 'nonzero_exit', 137],
    ] as const) {
      using receiver = new Receiver()
      const inGroup = `echo $$ > ${group}/cgroup.procs; exec "$@"`
      const run = await start(
        ['sh', '-c', inGroup, 'sh', WRAPPER, 'exec', '--announce', 'off', '--', 'sh', '-c', script],
        receiver.environment(folder.path),
      ).ended
      expect(run.exitCode).toBe(exitCode)
      expect(attributes(receiver.spans[0]!.record)['error.type']).toBe(errorType)
    }
  },
)
