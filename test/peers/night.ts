// Real work to look at: a night's run with stages, steps, gates and a task, and another run that fails.

import { expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { launcher, stepwell, temporaryFolder } from '../support/engine.ts'

/** Names that would be read as regular expressions. */
export const [AGENT, STEP, REPO] = ['claude (c++)', 'implement', 'acme/shop.js']
export const TEMPLATE = 'nightly (all)'

/** A night's work: two stages, three steps, of which one fails, two gates and a task; and a run that fails. */
const NIGHT = `
set -e
${launcher} stage run --stage implement -- \\
  ${launcher} exec --agent '${AGENT}' --step ${STEP} --task T-1 -- \\
    sh -c 'echo working; head -c 3000000 /dev/zero >written; sleep 0.2'
${launcher} stage run --stage quality -- \\
  ${launcher} exec --agent codex --step review -- sh -c 'echo no >&2; exit 3' || true
${launcher} exec --agent '${AGENT}' --step ${STEP} --task T-1 -- false || true
${launcher} gate lint --agent codex -- true
${launcher} gate tests --agent codex -- false || true
${launcher} task report T-1 --result done
`

/** With `env` for where telemetry goes. */
export async function work(env: Record<string, string>): Promise<void> {
  const folder = temporaryFolder('night')
  writeFileSync(join(folder, 'night.sh'), NIGHT)
  const run = async (template: string, command: readonly string[], code: number) => {
    const flags = ['--template', template, '--name', `${template}-1`, '--repo', REPO, '--pr', '7']
    const args = ['workflow', 'run', ...flags, '--', ...command]
    expect(await stepwell(args, env, folder)).toMatchObject({ code })
  }
  await run(TEMPLATE, ['sh', 'night.sh'], 0)
  await run('hotfix', ['false'], 1)
}

/** A step that runs until it is released, and then does `last`. */
export function held(env: Record<string, string>, last = '') {
  const file = join(temporaryFolder('held'), 'released')
  const script = `until [ -e ${file} ]; do sleep 0.1; done${last}`
  const flags = ['--agent', AGENT, '--step', STEP, '--repo', REPO]
  return {
    ended: stepwell(['exec', ...flags, '--', 'sh', '-c', script], env),
    release: () => writeFileSync(file, ''),
  }
}
