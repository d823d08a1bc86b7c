// The pack's coderun-template, submitted on the stand-in for Argo, before the engine.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { copyFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  type Cluster,
  expectAttempts,
  expectFailure,
  expectRaw,
  expectSuccess,
  HOSTILE,
  machineOf,
  parents,
  run,
} from '../support/argo/coderun.ts'
import { ARGO_FOLDER, templateSets } from '../support/argo/documents.ts'
import { cleanUp, type Engine, startEngine, temporaryFolder } from '../support/engine.ts'
import { type Argo, installArgo } from './stand-in/install.ts'

let engine: Engine
const installed: Argo[] = []
beforeAll(async () => {
  engine = await startEngine()
})
afterAll(async () => {
  for (const each of installed) each.stop()
  await cleanUp()
})

function cluster(version: '3.7' | '4.1', templates = ARGO_FOLDER): Cluster {
  const argo = installArgo({ version, templates, ...machineOf(engine.urls) })
  installed.push(argo)
  return {
    async run(template, parameters) {
      const given = Object.entries(parameters).flatMap(([name, value]) => [
        '-p',
        `${name}=${value}`,
      ])
      const command = ['submit', '--from', `workflowtemplate/${template}`, ...given, '-o', 'name']
      const submit = Bun.spawn([join(argo.folder, 'argo'), ...command, '--wait'], {
        stderr: 'inherit',
      })
      const name = (await new Response(submit.stdout).text()).trim()
      const workflow = argo.workflow(name)!
      expect(await submit.exited).toBe(workflow.status.phase === 'Succeeded' ? 0 : 1)
      return workflow
    },
    pods: (workflow) => argo.pods(workflow),
  }
}

for (const version of ['3.7', '4.1'] as const) {
  test(`as on ${version}: one trace, with all steps and stages; outputs and labels`, async () => {
    const ran = await run(cluster(version), engine.urls)
    expectSuccess(ran)
    // From 4.1 on each pod is told a parent of its own, which nobody exports; before, it is the stage.
    const own = new Set(ran.spans.map(({ spanID }) => spanID))
    const present = parents(ran).filter((id) => own.has(id!))
    expect([new Set(parents(ran)).size, present.length]).toEqual([3, version === '3.7' ? 3 : 0])
  })

  test(`as on ${version}: a try that failed is an attempt`, async () => {
    expectAttempts(await run(cluster(version), engine.urls, { taskId: 'flaky' }))
  })

  test(`as on ${version}: a step that fails, and the workflow with it`, async () => {
    expectFailure(await run(cluster(version), engine.urls, { taskId: 'fails' }), 'nonzero_exit')
  })

  test(`as on ${version}: steps that were killed are reported by the exit handler`, async () => {
    const repo = `killed-on/${version}`
    const ran = await run(cluster(version), engine.urls, { taskId: 'killed', repo })
    expectFailure(ran, 'signal_kill')
  })
}

for (const { name, files } of templateSets().slice(1))
  test(`with ${name}: the same`, async () => {
    const folder = temporaryFolder('templates')
    for (const file of files) copyFileSync(file, join(folder, basename(file)))
    expectSuccess(await run(cluster('4.1', folder), engine.urls))
  })

test.each(HOSTILE)('a repository %p, an event %p', async (repo, event) => {
  expectRaw(await run(cluster('4.1'), engine.urls, { repo, event }), repo)
})
