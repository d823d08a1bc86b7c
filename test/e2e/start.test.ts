// `npm start` as a new user has it, in an empty home: engine, demonstration, one URL; again; Ctrl-C.

import { expect, test } from 'bun:test'
import { type JaegerTrace, json, tag } from '../support/ask.ts'
import { plainEnvironment, root, temporaryFolder } from '../support/engine.ts'
import { waitFor } from '../support/wait.ts'

const PORTS = ['--otlp-grpc', '--otlp-http', '--metrics', '--prometheus', '--ui', '--loki'].flatMap(
  (flag) => [flag, '0'],
)

function npmStart(home: string) {
  const run = Bun.spawn(['npm', 'start', '--', ...PORTS], {
    cwd: root,
    env: plainEnvironment(home),
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    // A group of its own, so that the test can end it as Ctrl-C in a terminal would: all of it at once.
    detached: true,
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    void (async () => {
      const decoder = new TextDecoder()
      for await (const chunk of run[name]) output[name] += decoder.decode(chunk, { stream: true })
    })()
  return { run, output }
}

const pageOf = (stdout: string) => /Stepwell is at (http:\/\/\S+?)\//.exec(stdout)?.[1]

async function workflows(page: string): Promise<readonly JaegerTrace[]> {
  const tags = JSON.stringify({ 'stepwell.kind': 'workflow' })
  const query = new URLSearchParams({ service: 'agent-steps', tags, lookback: '1h' })
  return (await json<{ data: JaegerTrace[] }>(`${page}/api/traces?${query}`)).data
}

test('the first start shows the demonstration, the second keeps it and shows no other', async () => {
  const home = temporaryFolder('home')
  const first = npmStart(home)
  const page = await waitFor('the URL', () => pageOf(first.output.stdout), 60_000)
  expect(`${first.output.stdout}${first.output.stderr}`.match(/https?:\/\//g)).toHaveLength(1)
  expect((await fetch(page)).headers.get('content-type')).toContain('text/html')
  const [workflow] = await waitFor(
    'the demonstration to end',
    async () => {
      const found = await workflows(page)
      return found.length > 0 && found
    },
    60_000,
  )
  const span = workflow!.spans.find((each) => tag(each, 'stepwell.kind') === 'workflow')!
  expect(tag(span, 'outcome')).toBe('success')
  process.kill(-first.run.pid, 'SIGINT')
  await first.run.exited

  const second = npmStart(home)
  const again = await waitFor(
    'the URL of the second start',
    () => pageOf(second.output.stdout),
    60_000,
  )
  expect(second.output.stdout).not.toContain('demonstration is running')
  const kept = await workflows(again)
  expect(kept.map((trace) => trace.traceID)).toEqual([workflow!.traceID])
  process.kill(-second.run.pid, 'SIGINT')
  await second.run.exited
  // Nothing of it is left: the engine has gone, and says nothing but where it was.
  expect(
    await fetch(again).then(
      () => 'answers',
      () => 'gone',
    ),
  ).toBe('gone')
  expect(second.output.stderr).not.toMatch(/error|panic|exception/i)
})

test('Ctrl-C during the demonstration ends all of it', async () => {
  const home = temporaryFolder('home')
  const { run, output } = npmStart(home)
  const page = await waitFor('the URL', () => pageOf(output.stdout), 60_000)
  const query = new URLSearchParams({ query: '{service_name="agent-steps"}' })
  await waitFor('the demonstration to run', async () => {
    const answer = await json<{ data: { result: unknown[] } }>(
      `${page}/loki/api/v1/query_range?${query}`,
    )
    return answer.data.result.length > 0
  })
  process.kill(-run.pid, 'SIGINT')
  await run.exited
  await waitFor('every process of the group to be gone', () => {
    try {
      process.kill(-run.pid, 0)
      return false
    } catch {
      return true
    }
  })
})
