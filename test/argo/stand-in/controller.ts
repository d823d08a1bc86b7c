// The stand-in's controller: a process for one workflow, which ends with it.

import { argoFiles, documentsOf } from '../../support/argo/documents.ts'
import { endContainers } from '../../support/argo/process.ts'
import type { WorkflowTemplate } from '../../support/argo/template.ts'
import { readConfig } from './config.ts'
import { now, Store } from './record.ts'
import { Run } from './run.ts'

const [name] = process.argv.slice(2)
const config = readConfig()
const store = new Store(config.data)
const workflow = store.read(name!)!
const documents = argoFiles(config.templates)
  .flatMap(documentsOf)
  .map(({ document }) => document)
  .filter(({ kind }) => kind === 'WorkflowTemplate') as WorkflowTemplate[]

process.on('SIGTERM', () => {
  endContainers()
  process.exit(143)
})

try {
  await new Run(config, store, workflow, documents).run()
} catch (error) {
  Object.assign(workflow.status, {
    phase: 'Error',
    message: (error as Error).message,
    finishedAt: now(),
  })
  store.write(workflow)
}
