// The stand-in for a cluster beside Argo's own controllers: the same workflow has the same nodes, which come to the
// same ends, with the same outputs, and say the same.

import { afterAll, expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { installArgo } from '../argo/stand-in/install.ts'
import type { Workflow } from '../argo/stand-in/record.ts'
import { COMMANDS, PLAIN } from '../support/argo/plain.ts'
import { launcher, temporaryFolder } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { ARGO_PEERS } from './argo.ts'
import { ArgoController } from './argo-controller.ts'

const templates = temporaryFolder('argo-templates')
writeFileSync(join(templates, 'plain.yaml'), PLAIN)
const controllers: ArgoController[] = []
afterAll(async () => {
  for (const controller of controllers) await controller.stop()
})

interface Line {
  readonly pod: string
  readonly text: string
}

/** Each node by its name, which is the same where the workflow's is, and what its pod said. */
function ended({ status }: Workflow, lines: readonly Line[]) {
  const said = (id: string) =>
    lines
      .filter(({ pod }) => pod.split('-').at(-1) === id.split('-').at(-1))
      .filter(({ text }) => !isOfFailures(text))
      .map(({ text }) => text)
  const nodes = Object.values(status.nodes!).map((node) => ({
    id: node.id,
    name: node.name,
    displayName: node.displayName,
    type: node.type,
    template: node.templateName ?? '',
    boundary: node.boundaryID ?? '',
    phase: node.phase,
    message: node.message ?? '',
    outputs: node.outputs?.parameters?.map(({ name, value }) => `${name}=${value}`) ?? [],
    exitCode: node.outputs?.exitCode,
    said: node.type === 'Pod' ? said(node.id) : [],
  }))
  return {
    phase: status.phase,
    message: status.message,
    nodes: nodes.sort((a, b) => (a.name < b.name ? -1 : 1)),
  }
}

const failuresOf = (lines: readonly Line[]) =>
  lines.flatMap(({ text }) =>
    isOfFailures(text) ? (JSON.parse(JSON.parse(text)) as object[]) : [],
  )
const isOfFailures = (text: string) => text.startsWith('"[')

for (const program of ARGO_PEERS)
  testWith([program], `${program}: the stand-in does as it does`, async (path) => {
    const version = program.replace('argo-', '') as '3.6' | '3.7' | '4.0'
    const argo = installArgo({ templates, version })
    const controller = new ArgoController(path, [parse(PLAIN)], {
      stepwell: launcher,
      services: {},
    })
    controllers.push(controller)
    for (const parameters of COMMANDS) {
      const given = { repo: 'o', ...parameters }
      const real = await controller.run('plain', given)
      const { name } = real.metadata
      const theirs = controller.kubelet.lines.filter(({ pod }) => pod.startsWith(`${name}-`))
      const flags = Object.entries(given).flatMap(([name, value]) => ['-p', `${name}=${value}`])
      const command = ['submit', '--from', 'workflowtemplate/plain', '--name', name, ...flags]
      Bun.spawnSync([join(argo.folder, 'argo'), ...command])
      const ours = await waitFor(`${name} to end`, () => {
        const workflow = argo.workflow(name)
        return workflow?.status.finishedAt ? workflow : undefined
      })
      const lines = argo.lines(name).filter(({ text }) => !text.includes('argo=true'))
      expect(ended(ours, lines)).toEqual(ended(real, theirs))
      const sorted = (all: object[]) =>
        all.map((each) => JSON.stringify({ ...each, finishedAt: undefined })).sort()
      expect(sorted(failuresOf(lines))).toEqual(sorted(failuresOf(theirs)))
    }
  })
