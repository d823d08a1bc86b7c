// The same with the real engine: what it knows of a step that was killed, before and after `workflow finish`.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { workflowSpanId, workflowTraceId } from '@stepwell/model/identity'
import {
  cleanUp,
  temporaryFolder as engineFolder,
  spawnEngine,
} from '../src/up/test/engine-process.ts'
import { NAME, pod, quoted, sha256, spanIdOf, UID, WORKFLOW } from './argo.ts'
import {
  buildWrapper,
  start,
  stepwell,
  temporaryFolder,
  until,
  type Variables,
  WRAPPER,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)
afterAll(cleanUp)

test('a step killed together with its wrapper ends as the same span, and is lost no more', async () => {
  using folder = temporaryFolder()
  const data = engineFolder()
  const engine = spawnEngine(data)
  const { urls } = await engine.ready()
  const environment: Variables = {
    PATH: process.env.PATH ?? '',
    HOME: folder.path,
    TMPDIR: folder.path,
    STEPWELL_SPOOL: `${folder.path}/spool`,
    STEPWELL_DATA: data,
    WORKFLOW_UID: UID,
    WORKFLOW_NAME: NAME,
  }
  const began = new Date(Date.now() - 2000).toISOString()
  const wrapped = (hash: string, ...command: string[]) =>
    start(
      [
        WRAPPER,
        'exec',
        '--agent',
        'coder',
        '--step',
        'implement',
        '--repo',
        'o/r',
        '--',
        ...command,
      ],
      {
        ...environment,
        ARGO_NODE_ID: `${NAME}-${hash}`,
      },
    )
  const page = urls.ui!
  const traceId = workflowTraceId(sha256, UID)
  const spans = async () => {
    const answer = await fetch(`${page}/api/traces/${traceId}`)
    const { data } = (await answer.json()) as { data: { spans: JaegerSpan[] }[] | null }
    return data?.[0]?.spans ?? []
  }
  const metrics = async () => (await fetch(`${urls.metrics}/metrics`)).text()
  const gauge = async (name: 'running' | 'lost') => {
    const values = (await metrics()).matchAll(
      new RegExp(`^agent_steps_${name}\\{.*\\} (\\d+)`, 'gm'),
    )
    return [...values].reduce((sum, [, value]) => sum + Number(value), 0)
  }
  // One reports its failure itself; of the other nothing is left but that it started.
  await wrapped('3333', 'false').ended
  const killed = wrapped('1111', 'sh', '-c', 'echo "$$"; exec sleep 300')
  await waitUntil(async () => (await gauge('running')) === 1, 'the step to run')
  const child = childOf(killed.process.pid)
  killed.process.kill('SIGKILL')
  process.kill(child, 'SIGKILL')
  await killed.ended
  expect((await spans()).map(({ spanID }) => spanID)).toEqual([spanIdOf('3333')])

  const failures = quoted([
    pod('implement', '1111', 'main: OOMKilled (exit code 137)', new Date().toISOString()),
    pod('review', '3333', 'main: Error (exit code 1)'),
  ])
  const finish = [...WORKFLOW, '--status', 'Failed', '--start', began, '--failures', failures]
  const run = await stepwell([...finish, '--wait', '1s'], environment)
  expect([run.exitCode, run.stderr.toString()]).toEqual([0, ''])
  const found = await spans()
  expect(found.map(({ spanID }) => spanID).sort()).toEqual(
    [spanIdOf('1111'), spanIdOf('3333'), workflowSpanId(sha256, UID)].sort(),
  )
  const reported = found.find(({ spanID }) => spanID === spanIdOf('1111'))!
  const tags = Object.fromEntries(reported.tags.map(({ key, value }) => [key, value]))
  expect(tags).toMatchObject({
    agent: 'coder',
    repo: 'o/r',
    'error.type': 'oom_killed',
    'exit.code': 137,
  })
  expect([await gauge('running'), await gauge('lost')]).toEqual([0, 0])

  // Again, with what is known by now: nothing of the steps is sent a second time.
  const again = await stepwell([...finish, '--query', page, '--wait', '60s'], environment)
  expect([again.exitCode, again.stderr.toString()]).toEqual([0, ''])
  expect((await spans()).filter(({ spanID }) => spanID === spanIdOf('1111'))).toEqual([reported])
  expect(await metrics()).toMatch(/agent_step_fail_total\{[^}]*error_type="oom_killed"[^}]*\} 1\b/)
}, 60_000)

interface JaegerSpan {
  spanID: string
  tags: { key: string; value: unknown }[]
}

async function waitUntil(holds: () => Promise<boolean>, what: string): Promise<void> {
  let held = false
  const asking = (async () => {
    while (!(await holds())) await Bun.sleep(20)
    held = true
  })()
  await Promise.race([asking, until(() => held, what)])
}

function childOf(pid: number): number {
  const children = Bun.spawnSync(['cat', `/proc/${pid}/task/${pid}/children`]).stdout.toString()
  return Number(children.trim().split(' ')[0])
}
