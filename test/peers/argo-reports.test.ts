// The reports of coderun-template on Argo's own controllers: one that fails is no failure of the workflow, and a
// workflow that is stopped is reported, with what Argo says of its steps.

import { afterAll, expect } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deathOf } from '../../packages/cli/src/workflow/death.ts'
import { parseFailures } from '../../packages/cli/src/workflow/failures.ts'
import { documentsOf, templateSets } from '../support/argo/documents.ts'
import { temporaryFolder } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { ARGO_PEERS } from './argo.ts'
import { ArgoController } from './argo-controller.ts'
import type { KubernetesObject } from './kubernetes/objects.ts'

const controllers: ArgoController[] = []
afterAll(async () => {
  for (const controller of controllers) await controller.stop()
})

/** A controller of the pack's templates, with a script in place of the wrapper. */
function start(path: string, wrapper: string): ArgoController {
  const stepwell = join(temporaryFolder('wrapper'), 'stepwell')
  writeFileSync(stepwell, `#!/bin/sh\n${wrapper}\n`, { mode: 0o755 })
  const documents = templateSets()[0]!.files.flatMap(documentsOf)
  const controller = new ArgoController(
    path,
    documents.map(({ document }) => document as unknown as KubernetesObject),
    { stepwell, services: {} },
  )
  controllers.push(controller)
  return controller
}

const PARAMETERS = { 'github-app': 'rex', repo: 'owner/name' }

for (const program of ARGO_PEERS) {
  testWith([program], `${program}: the workflow ends as its steps do`, async (path) => {
    // A step ends as the task says; what reports ends with 9.
    const controller = start(path, '[ "$1" = exec ] || exit 9; [ "$TASK_ID" = works ]')
    for (const [taskId, phase, stages] of [
      ['works', 'Succeeded', 3],
      ['fails', 'Failed', 1],
    ] as const) {
      const { status } = await controller.run('coderun-template', { ...PARAMETERS, taskId })
      expect([taskId, status.phase]).toEqual([taskId, phase])
      const reports = Object.values(status.nodes!).filter(({ templateName }) =>
        ['stage-finish', 'workflow-finish'].includes(templateName ?? ''),
      )
      expect(reports.map((node) => node.phase)).toEqual(Array(stages + 1).fill('Failed'))
    }
  })

  testWith([program], `${program}: a workflow that is stopped is reported`, async (path) => {
    const said = join(temporaryFolder('said'), 'lines')
    writeFileSync(said, '')
    const line = `printf '%s %s\\t%s\\n' "$1" "$2" "$WORKFLOW_FAILURES" >>'${said}'`
    // A step runs for as long as this test.
    const endless = `[ "$1" != exec ] || while [ -e '${said}' ]; do sleep 0.1; done`
    const controller = start(path, `${line}; ${endless}`)
    const running = controller.run('coderun-template', PARAMETERS)
    await waitFor('a step', () => readFileSync(said, 'utf8') !== '')
    const [{ metadata }] = controller.api.objects.list('workflows') as [KubernetesObject]
    const stop = { spec: { shutdown: 'Stop' } }
    const change = (changes: object) =>
      controller.api.objects.merge('workflows', metadata.namespace, metadata.name, changes)
    change(stop)
    // A controller that was at work on the step when it heard of this may wait for the next change: in a cluster there is
    // always one.
    let beat = 0
    const heart = setInterval(
      () => change({ metadata: { annotations: { beat: `${beat++}` } } }),
      5000,
    )
    const { status } = await running.finally(() => clearInterval(heart))
    expect(status).toMatchObject({ phase: 'Failed', message: "Stopped with strategy 'Stop'" })

    const lines = readFileSync(said, 'utf8').trimEnd().split('\n')
    expect(lines.map((each) => each.split('\t')[0])).toEqual(['exec --announce', 'workflow finish'])
    const failures = parseFailures(lines.at(-1)!.split('\t')[1]!, metadata.name)
    const [step, ...others] = failures.filter(({ template }) => template === 'traced-agent-step')
    expect([step!.attempt, deathOf(step!.message).errorType, others]).toEqual([1, 'canceled', []])
    const pod = Object.values(status.nodes!).find(({ displayName }) => displayName === 'step(0)')
    expect(step!.nodeId).toBe(pod!.id)
  })
}
