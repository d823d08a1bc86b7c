// The stand-in for `argo` and its cluster does what a real one was seen to do.

import { afterAll, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PLAIN } from '../support/argo/plain.ts'
import { cleanUp, temporaryFolder } from '../support/engine.ts'
import { type Argo, installArgo } from './stand-in/install.ts'
import { nodeIdOf } from './stand-in/record.ts'

const templates = temporaryFolder('argo-templates')
writeFileSync(join(templates, 'plain.yaml'), PLAIN)
const stopped: Argo[] = []
afterAll(async () => {
  for (const each of stopped) each.stop()
  await cleanUp()
})

function install(options: Parameters<typeof installArgo>[0] = {}) {
  const argo = installArgo({ templates, ...options })
  stopped.push(argo)
  const run = async (...args: string[]) => {
    const ran = Bun.spawn([join(argo.folder, 'argo'), ...args], { stdout: 'pipe', stderr: 'pipe' })
    const [stdout, stderr] = [
      await new Response(ran.stdout).text(),
      await new Response(ran.stderr).text(),
    ]
    return { code: await ran.exited, stdout, stderr }
  }
  const submit = async (...parameters: string[]) => {
    const from = ['submit', '--from', 'workflowtemplate/plain', '-o', 'name']
    const { stdout } = await run(...from, ...parameters.flatMap((each) => ['-p', each]))
    const name = stdout.trim()
    const waited = await run('wait', name)
    const lines = (await run('logs', name, '--no-color')).stdout.trim().split('\n')
    // What a step of its own said, without the executor.
    const said = (step: string) =>
      lines
        .filter((line) => line.startsWith(`${podOf(name, step)}: `) && !line.includes('argo=true'))
        .map((line) => line.slice(line.indexOf(': ') + 2))
    const node = (path: string) =>
      argo.workflow(name)!.status.nodes![nodeIdOf(name, `${name}${path}`)]!
    return { name, waited, lines, said, node, status: argo.workflow(name)!.status }
  }
  const podOf = (name: string, path: string) =>
    Object.values(argo.workflow(name)!.status.nodes!)
      .filter((each) => each.name === `${name}${path}`)
      .map(({ id, templateName }) => `${name}-${templateName}-${id.slice(name.length + 1)}`)[0]
  return { run, submit }
}

test('a workflow that succeeds: its outputs, its hook, its exit handler, its logs', async () => {
  const { submit } = install()
  const ran = await submit(
    'repo=o',
    'command=echo "$RETRIES $ARGO_NODE_ID $POD"; echo made >/tmp/out',
  )
  expect(ran.waited).toEqual({
    code: 0,
    stdout: expect.stringMatching(new RegExp(`^${ran.name} Succeeded at `)),
    stderr: '',
  })
  expect(ran.said('[0].first(0)')).toEqual([
    `0 ${ran.node('[0].first(0)').id} ${ran.name}-shell-${ran.node('[0].first(0)').id.split('-').at(-1)}`,
  ])
  expect(ran.said('[0].first.onExit')).toEqual(['Succeeded {{steps.first.exitCode}}'])
  expect(ran.said('[1].second')).toEqual(['made'])
  expect(ran.said('.onExit')).toEqual(['ended Succeeded', '"null"'])
  expect(ran.status).toMatchObject({ phase: 'Succeeded' })
  expect(ran.node('').outputs).toEqual({ parameters: [{ name: 'out', value: '<made>' }] })
  expect(ran.lines.filter((line) => line.includes('argo=true')).length).toBe(6)
})

test('one that fails: tries with nodes of their own, failures encoded twice', async () => {
  const { submit } = install()
  const ran = await submit('repo=o', 'command=echo kept >/tmp/out; exit 3')
  expect(ran.waited.code).toBe(1)
  expect(ran.node('[0].first')).toMatchObject({ phase: 'Failed', message: 'No more retries left' })
  for (const name of ['[0].first(0)', '[0].first(1)'])
    expect(ran.node(name)).toMatchObject({
      phase: 'Failed',
      message: 'main: Error (exit code 3)',
      outputs: { exitCode: '3', parameters: [{ name: 'out', value: 'kept' }] },
    })
  const [status, text] = ran.said('.onExit')
  expect(status).toBe('ended Failed')
  const failures = JSON.parse(JSON.parse(text!)) as { displayName: string }[]
  expect(failures.map(({ displayName }) => displayName).sort()).toEqual(
    [ran.name, '[0]', 'first', 'first(0)', 'first(1)'].sort(),
  )
})

test('at its deadline a pod is asked to end, and what it then writes is not captured', async () => {
  const { submit } = install()
  const command =
    "trap 'echo asked; echo late >/tmp/out; exit 9' TERM; while :; do sleep 0.01; done"
  const ran = await submit('repo=o', 'deadline=1', `command=${command}`)
  expect(ran.said('[0].first(0)')).toContain('asked')
  expect(ran.node('[0].first(0)')).toMatchObject({
    phase: 'Failed',
    message: 'Pod was active on the node longer than the specified deadline',
    outputs: { exitCode: '9', parameters: [{ name: 'out', value: 'none' }] },
  })
})

const CONTEXT = 'command=echo "$TRACEPARENT $TRACESTATE $ARGO_WORKFLOW_NAME"; exit 1'

test('from 4.1 on, each try has a parent of its own in one trace, whatever its template says', async () => {
  const { submit } = install({ version: '4.1', namespace: 'agents' })
  const ran = await submit('repo=o', CONTEXT)
  const said = ['[0].first(0)', '[0].first(1)'].map((name) => ran.said(name)[0]!.split(' '))
  for (const [parent, state, name] of said) {
    expect(parent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect([state, name]).toEqual([`workflow=agents/${ran.name}`, ran.name])
  }
  const [first, second] = said.map(([parent]) => parent!.split('-'))
  expect(first![1]).toBe(second![1]!)
  expect(first![2]).not.toBe(second![2]!)
})

test('before 4.1 a container is told neither', async () => {
  const { submit } = install({ version: '3.7' })
  const ran = await submit('repo=o', CONTEXT)
  expect(ran.said('[0].first(0)')).toEqual(['of-the-template  '])
})

test('no pod is made of a label that is none', async () => {
  const { submit } = install()
  const ran = await submit('repo=owner/repository')
  expect(ran.waited.code).toBe(1)
  expect(ran.node('[0].first(0)')).toMatchObject({
    phase: 'Error',
    message: expect.stringContaining('metadata.labels: Invalid value: "owner/repository"'),
  })
})

test('what is wrong at submission is said, with the status 1', async () => {
  const { run } = install()
  for (const [args, why] of [
    [['submit', '--from', 'workflowtemplate/none'], 'workflowtemplates.argoproj.io \\"none\\" not'],
    [['submit', '--from', 'workflowtemplate/plain'], 'spec.arguments.repo.value'],
    [['submit', '--from', 'workflowtemplate/plain', '-p', 'repo'], 'NAME=VALUE'],
    [['submit', '--form', 'x'], 'unknown flag: --form'],
    [['get', 'none', '-o', 'json'], 'workflows.argoproj.io \\"none\\" not found'],
    [['logs', 'none'], 'workflows.argoproj.io \\"none\\" not found'],
    [['lint'], 'unknown command \\"lint\\"'],
  ] as const)
    expect(await run(...args)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(why),
    })
})

test('submit --wait ends with 1 for a workflow that failed, and logs are coloured unless told', async () => {
  const { run } = install()
  const from = [
    'submit',
    '--from',
    'workflowtemplate/plain',
    '-o',
    'name',
    '--wait',
    '-p',
    'repo=o',
  ]
  const { code, stdout } = await run(...from, '-p', 'command=exit 1')
  expect(code).toBe(1)
  expect((await run('logs', stdout.trim())).stdout).toContain('\x1b[')
  expect((await run('logs', stdout.trim(), '--no-color')).stdout).not.toContain('\x1b[')
})
