// A receiver that comes back, dies, or answers one thing and then another: the command's result and output are
// untouched, and the telemetry is kept, or said to be refused. fault-cases.ts is the list of those that always fail.

import { beforeAll, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { closedPort, EXEC, spooled, untouched } from './untouched.ts'
import {
  accepted,
  baseEnvironment,
  buildWrapper,
  Receiver,
  start,
  stepwell,
  temporaryFolder,
  until,
  type Variables,
  WRAPPER,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

test('nobody listens: one line, kept, and the next run sends it after its own', async () => {
  using folder = temporaryFolder()
  const absent: Variables = {
    ...baseEnvironment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: closedPort(),
  }
  const line = await untouched(absent)
  expect(line).toContain('telemetry was not delivered')
  expect(line).toContain(absent.STEPWELL_SPOOL!)
  expect(spooled(absent)).toHaveLength(2)

  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  expect(await untouched(environment)).toBe('')
  expect(receiver.spans).toHaveLength(2)
  expect(receiver.spans[0]!.record.startTimeUnixNano).toBeGreaterThan(
    receiver.spans[1]!.record.startTimeUnixNano,
  )
  expect(receiver.lines('stdout')).toEqual(['out', 'out'])
  // What was announced then does not run now.
  expect(receiver.events()).toEqual(['stepwell.step.started'])
  expect(existsSync(environment.STEPWELL_SPOOL!)).toBe(false)
})

test('an engine that dies in the middle of a run: what it did not take is kept', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  const running = Bun.spawn(
    [WRAPPER, 'exec', '--announce', 'off', '--', 'sh', '-c', 'echo one; read -r go; echo two'],
    { env: environment, stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' },
  )
  await until(() => receiver.lines('stdout').length > 0, 'the first line')
  receiver.stop()
  running.stdin.write('go\n')
  running.stdin.end()
  expect(await running.exited).toBe(0)
  expect(await new Response(running.stdout).text()).toBe('one\ntwo\n')

  using second = new Receiver()
  const flushed = await stepwell(['flush'], second.environment(folder.path))
  expect([flushed.exitCode, flushed.stdout.toString()]).toEqual([0, '2 requests sent\n'])
  expect(second.spans).toHaveLength(1)
  expect(second.lines('stdout')).toEqual(['two'])
})

test('503 is tried again; a Retry-After beyond the bound is not waited for', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  let refusals = 4
  receiver.answer = () => (refusals-- > 0 ? new Response('busy', { status: 503 }) : accepted())
  expect(await untouched(receiver.environment(folder.path))).toBe('')
  expect(receiver.spans).toHaveLength(1)

  receiver.answer = () => new Response('', { status: 429, headers: { 'retry-after': '60' } })
  const environment = receiver.environment(folder.path)
  const started = performance.now()
  expect(await untouched(environment)).toContain('answered 429')
  expect(performance.now() - started).toBeLessThan(2_900)
  expect(spooled(environment)).toHaveLength(2)
})

test('who is told to end while we wait for an answer ends at once', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const never = Promise.withResolvers<Response>()
  receiver.answer = () => never.promise
  const environment = receiver.environment(folder.path)
  const running = start([WRAPPER, ...EXEC], environment)
  await until(() => receiver.requests >= 2, 'the span')
  running.process.kill('SIGTERM')
  expect((await running.ended).exitCode).toBe(3)
  expect(spooled(environment)).toHaveLength(2)
})

test('a web page in answer is no acceptance', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  receiver.answer = () =>
    new Response('<html>Sign in</html>', { headers: { 'content-type': 'text/html' } })
  const environment = receiver.environment(folder.path)
  expect(await untouched(environment)).toContain('web page')
  expect(spooled(environment)).toHaveLength(2)
})

test('what is refused for good is said, and not kept', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  receiver.answer = () => new Response('', { status: 400 })
  const environment = receiver.environment(folder.path)
  expect(await untouched(environment)).toContain('refused')
  expect(spooled(environment)).toHaveLength(0)
})

test('401 is kept: the settings may be put right', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  receiver.answer = () => new Response('', { status: 401 })
  const environment = receiver.environment(folder.path)
  expect(await untouched(environment)).toContain('answered 401')
  expect(spooled(environment)).toHaveLength(2)
})
