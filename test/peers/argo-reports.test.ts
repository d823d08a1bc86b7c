// A report that fails is no failure of the workflow, on Argo's own controllers: in a stage, and in the exit handler.

import { afterAll, expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { documentsOf, templateSets } from '../support/argo/documents.ts'
import { temporaryFolder } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { ARGO_PEERS } from './argo.ts'
import { ArgoController } from './argo-controller.ts'
import type { KubernetesObject } from './kubernetes/objects.ts'

const controllers: ArgoController[] = []
afterAll(async () => {
  for (const controller of controllers) await controller.stop()
})

/** In place of the wrapper: runs a step's command, which ends as the task says, and reports nothing. */
const WRAPPER = `#!/bin/sh
[ "$1" = exec ] || exit 9
[ "$TASK_ID" = works ]
`

for (const program of ARGO_PEERS)
  testWith([program], `${program}: the workflow ends as its steps do`, async (path) => {
    const stepwell = join(temporaryFolder('wrapper'), 'stepwell')
    writeFileSync(stepwell, WRAPPER, { mode: 0o755 })
    const documents = templateSets()[0]!.files.flatMap(documentsOf)
    const controller = new ArgoController(
      path,
      documents.map(({ document }) => document as unknown as KubernetesObject),
      { stepwell, services: {} },
    )
    controllers.push(controller)
    for (const [taskId, phase, stages] of [
      ['works', 'Succeeded', 3],
      ['fails', 'Failed', 1],
    ] as const) {
      const parameters = { 'github-app': 'rex', repo: 'owner/name', taskId }
      const { status } = await controller.run('coderun-template', parameters)
      expect([taskId, status.phase]).toEqual([taskId, phase])
      const reports = Object.values(status.nodes!).filter(({ templateName }) =>
        ['stage-finish', 'workflow-finish'].includes(templateName ?? ''),
      )
      expect(reports.map((node) => node.phase)).toEqual(Array(stages + 1).fill('Failed'))
    }
  })
