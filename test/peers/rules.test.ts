// The checked-in rules and configs, judged by the programs that read them.

import { expect } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'

const FOLDER = join(root, 'deploy/prometheus')
const RULES = readdirSync(FOLDER).filter((name) => /-(recording|alerting)\.yaml$/.test(name))

testWith(['promtool'], 'promtool finds nothing wrong with config and rules', async (promtool) => {
  await passes([promtool, 'check', 'config', '--lint=all', '--lint-fatal', 'prometheus.yaml'])
  await passes([promtool, 'check', 'rules', '--lint=all', '--lint-fatal', ...RULES])
})

testWith(['promtool'], "the rules pass Prometheus' unit tests", async (promtool) => {
  const files = readdirSync(join(FOLDER, 'tests')).map((name) => join('tests', name))
  expect(files.length).toBeGreaterThanOrEqual(RULES.length)
  await passes([promtool, 'test', 'rules', ...files])
})

testWith(['amtool'], "amtool finds nothing wrong with Alertmanager's config", async (amtool) => {
  await passes([amtool, 'check-config', '../alertmanager/alertmanager.yaml'])
})

async function passes(command: readonly string[]): Promise<void> {
  const run = Bun.spawn([...command], { cwd: FOLDER, stdout: 'pipe', stderr: 'pipe' })
  const said = (await new Response(run.stdout).text()) + (await new Response(run.stderr).text())
  expect([await run.exited, said]).toEqual([0, expect.any(String)])
}
