// The pack's scripts, run as in a pod: `stepwell` is on PATH, and all else is in the environment.

import { afterAll, expect, test } from 'bun:test'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanUp, plainEnvironment, root, temporaryFolder } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'

afterAll(cleanUp)

const WRAPPER = join(root, 'deploy/scripts/tracer-wrapper.sh')
const VALIDATION = join(root, 'deploy/scripts/test-tracing.sh')

/** What a shell, a glob or a split at spaces would change. */
const ARGUMENTS = ['two words', '', '*', '$HOME', `"'\\`, 'a\nb', '--', '--help', 'é']

function run(command: readonly string[], folder: string, env: Record<string, string> = {}) {
  const home = temporaryFolder('home')
  const path = `${folder}:${process.env.PATH}`
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command], {
    env: { ...plainEnvironment(home), PATH: path, ...env },
  })
  return { code: exitCode, stdout: String(stdout), stderr: String(stderr) }
}

const announced = (stderr: string) =>
  stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('tracer-wrapper.sh runs its command as a step, and ends as it does', () => {
  const printing = ['sh', '-c', 'printf "<%s>" "$@"; exit 7', 'sh', ...ARGUMENTS]
  const { code, stdout, stderr } = run([WRAPPER, ...printing], root)
  expect(code).toBe(7)
  expect(stdout).toBe(ARGUMENTS.map((argument) => `<${argument}>`).join(''))
  const [started, failed] = announced(stderr)
  expect(started).toMatchObject({ msg: 'agent step started', agent: 'unknown' })
  expect(started).toMatchObject({ 'step.name': 'execute' })
  expect(started!.trace_id).toMatch(/^[0-9a-f]{32}$/)
  expect(failed).toMatchObject({
    msg: 'agent step failed',
    trace_id: started!.trace_id,
    exit_code: 7,
  })
})

test("tracer-wrapper.sh takes the step's facts from the environment, also under bash", () => {
  const facts = { AGENT: 'rex', STEP: 'review', REPO: 'octo/app', PR_NUMBER: '7', TASK_ID: '9' }
  const { code, stderr } = run(['/bin/bash', WRAPPER, 'true'], root, facts)
  expect(code).toBe(0)
  expect(announced(stderr)[0]).toMatchObject({
    agent: 'rex',
    'step.name': 'review',
    repo: 'octo/app',
    'pr.number': '7',
    'task.id': '9',
  })
})

test('test-tracing.sh is `stepwell validate all`', () => {
  const { code, stdout } = run([VALIDATION, '--help'], root)
  expect([code, stdout]).toEqual([0, expect.stringContaining('stepwell validate all [FLAGS]')])

  const folder = temporaryFolder('stand-in')
  writeFileSync(join(folder, 'stepwell'), '#!/bin/sh\nprintf "<%s>" "$@"\nexit 1\n')
  chmodSync(join(folder, 'stepwell'), 0o755)
  expect(run([VALIDATION, ...ARGUMENTS], folder)).toMatchObject({
    code: 1,
    stdout: ['validate', 'all', ...ARGUMENTS].map((argument) => `<${argument}>`).join(''),
  })
})

testWith(['shellcheck'], 'shellcheck finds nothing in them', async (shellcheck) => {
  const { code, stdout } = run([shellcheck!, WRAPPER, VALIDATION], root)
  expect([code, stdout]).toEqual([0, ''])
})
