// The pack's coderun-template on Argo's own controllers, each of which makes the pods; what these run arrives in the
// engine.

import { afterAll, beforeAll } from 'bun:test'
import {
  expectAttempts,
  expectFailure,
  expectRaw,
  expectSuccess,
  HOSTILE,
  machineOf,
  run,
} from '../support/argo/coderun.ts'
import { documentsOf, templateSets } from '../support/argo/documents.ts'
import { type Engine, startEngine } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { ARGO_PEERS } from './argo.ts'
import { ArgoController } from './argo-controller.ts'
import type { KubernetesObject } from './kubernetes/objects.ts'

let engine: Engine
const controllers = new Map<string, ArgoController>()
beforeAll(async () => {
  engine = await startEngine()
})
afterAll(async () => {
  for (const controller of controllers.values()) await controller.stop()
})

function controllerOf(path: string): ArgoController {
  const { files } = templateSets()[0]!
  const documents = files.flatMap(documentsOf).map(({ document }) => document)
  const started =
    controllers.get(path) ??
    new ArgoController(path, documents as unknown as KubernetesObject[], machineOf(engine.urls))
  controllers.set(path, started)
  return started
}

for (const program of ARGO_PEERS) {
  testWith([program], `${program}: one trace, with all steps and stages`, async (path) => {
    expectSuccess(await run(controllerOf(path), engine.urls))
  })

  testWith([program], `${program}: a try that failed is an attempt`, async (path) => {
    expectAttempts(await run(controllerOf(path), engine.urls, { taskId: 'flaky' }))
  })

  testWith([program], `${program}: a step that fails, and the workflow with it`, async (path) => {
    const ran = await run(controllerOf(path), engine.urls, { taskId: 'fails' })
    expectFailure(ran, 'nonzero_exit')
  })

  testWith([program], `${program}: steps that were killed are reported`, async (path) => {
    const changed = { taskId: 'killed', repo: `killed-on/${program}` }
    expectFailure(await run(controllerOf(path), engine.urls, changed), 'signal_kill')
  })

  testWith([program], `${program}: parameters of any text`, async (path) => {
    const all = HOSTILE.map(async ([repo, event]) => {
      expectRaw(await run(controllerOf(path), engine.urls, { repo, event }), repo)
    })
    await Promise.all(all)
  })
}
