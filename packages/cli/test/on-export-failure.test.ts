// `--on-export-failure log`: what nobody took is printed as OTLP/JSON, for those who have no disk to keep it on.

import { beforeAll, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { decodeJson } from '@stepwell/otlp'
import { closedPort, EXEC, linesOfOurs, spooled } from './untouched.ts'
import {
  baseEnvironment,
  buildWrapper,
  stepwell,
  temporaryFolder,
  type Variables,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

const absent = (folder: string): Variables => ({
  ...baseEnvironment(folder),
  OTEL_EXPORTER_OTLP_ENDPOINT: closedPort(),
})
const LOG = ['--on-export-failure', 'log', '--announce', 'off', '--']

/** Of the lines that are requests: the span's names, and the bodies of the log records. */
function read(lines: readonly string[]) {
  const spans: string[] = []
  const bodies: string[] = []
  for (const line of lines) {
    if (line.startsWith('{"resourceSpans":'))
      for (const { scopeSpans = [] } of decodeJson('traces', line).resourceSpans)
        for (const scope of scopeSpans) spans.push(...scope.spans.map(({ name }) => name))
    else
      for (const { scopeLogs = [] } of decodeJson('logs', line).resourceLogs)
        for (const { logRecords } of scopeLogs)
          for (const { body } of logRecords)
            bodies.push(body && 'stringValue' in body ? body.stringValue : '')
  }
  return { spans, bodies }
}

test('by flag and by variable: one line a request, after the command’s own, and nothing on disk', async () => {
  using folder = temporaryFolder()
  const environment = absent(folder.path)
  const [, ...rest] = EXEC
  for (const run of [
    await stepwell(['exec', '--on-export-failure=log', ...rest], environment),
    await stepwell(EXEC, { ...environment, STEPWELL_ON_EXPORT_FAILURE: 'log' }),
    await stepwell(['gate', 'lint', '--on-export-failure=log', ...rest], environment),
  ]) {
    const [sentence, ...lines] = linesOfOurs(run)
    expect(sentence).toContain('not delivered (nobody answers')
    expect(sentence).toContain(`${lines.length} requests follow as OTLP/JSON`)
    const { spans, bodies } = read(lines)
    expect(spans).toHaveLength(1)
    expect(bodies.sort()).toEqual(['err', 'out'])
  }
  expect(existsSync(environment.STEPWELL_SPOOL!)).toBe(false)

  const kept = await stepwell(['exec', '--on-export-failure=spool', ...rest], {
    ...environment,
    STEPWELL_ON_EXPORT_FAILURE: 'log',
  })
  expect(linesOfOurs(kept)).toHaveLength(1)
  expect(spooled(environment)).toHaveLength(2)
})

test('a line of the command’s that has no end gets one first', async () => {
  using folder = temporaryFolder()
  const run = await stepwell(['exec', ...LOG, 'printf', 'no end'], absent(folder.path))
  expect([run.exitCode, run.stdout.toString()]).toEqual([0, 'no end'])
  const stderr = await stepwell(
    ['exec', ...LOG, 'sh', '-c', 'printf "no end" >&2'],
    absent(folder.path),
  )
  const [first, sentence, ...lines] = stderr.stderr.toString().trimEnd().split('\n')
  expect(first).toBe('no end')
  expect(sentence).toStartWith('stepwell: ')
  expect(read(lines).spans).toHaveLength(1)
})

test('it is bounded: of too much the last is printed, the span among it', async () => {
  using folder = temporaryFolder()
  const run = await stepwell(['exec', ...LOG, 'seq', '1', '60000'], absent(folder.path))
  expect([run.exitCode, run.stdout.length]).toEqual([0, 348_894])
  const [sentence, ...lines] = run.stderr.toString().trimEnd().split('\n')
  expect(sentence).toMatch(/\d+ more are lost/)
  expect(run.stderr.length).toBeLessThan(8 << 20)
  const { spans, bodies } = read(lines)
  expect([spans.length, bodies.at(-1)]).toEqual([1, '60000'])
})

test('a value that is none: by flag nothing is run, in the environment one line says so', async () => {
  using folder = temporaryFolder()
  const environment = absent(folder.path)
  const wrong = await stepwell(
    ['exec', '--on-export-failure', 'mail', '--', 'echo', 'run'],
    environment,
  )
  expect([wrong.exitCode, wrong.stdout.toString()]).toEqual([125, ''])
  const run = await stepwell(EXEC, { ...environment, STEPWELL_ON_EXPORT_FAILURE: 'mail' })
  expect(run.exitCode).toBe(3)
  expect(run.stderr.toString()).toContain('STEPWELL_ON_EXPORT_FAILURE=mail is ignored')
  expect(spooled(environment)).toHaveLength(2)
})
