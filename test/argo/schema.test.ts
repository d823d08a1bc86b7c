// Argo's documents of the pack against Argo's published schema, with unknown fields refused.

import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ARGO_FOLDER, argoFiles, documentsOf } from '../support/argo/documents.ts'
import { ARGO_KINDS, argoSchema } from '../support/argo/schema.ts'
import { root } from '../support/engine.ts'

const SCHEMA = join(root, '../shared/argo/workflow-schema.json')
const absent = !existsSync(SCHEMA)
const suffix = absent ? ` (skipped: there is no ${SCHEMA})` : ''

let judge: ReturnType<typeof argoSchema> | undefined
const faults = (document: { readonly kind: string }): string[] => {
  judge ??= argoSchema(readFileSync(SCHEMA, 'utf8'))
  return judge(document)
}

const template = (change: (text: string) => string = (text) => text) =>
  parse(
    change(`
kind: WorkflowTemplate
apiVersion: argoproj.io/v1alpha1
metadata: { name: sound }
spec:
  entrypoint: main
  podMetadata: { labels: { repo: any } }
  templates:
    - name: main
      activeDeadlineSeconds: 60
      retryStrategy: { limit: 2 }
      outputs:
        parameters:
          - { name: trace_id, valueFrom: { path: /tmp/trace_id, default: '' } }
      container:
        image: alpine
        command: [/bin/true]
        env: [{ name: STEP, value: main }]
`),
  )

describe.skipIf(absent)(`Argo's schema${suffix}`, () => {
  test('a sound template has no fault', () => {
    expect(faults(template())).toEqual([])
  })

  test.each([
    ['entrypoint', 'entrypont', '/spec/entrypont: Argo knows no such field there'],
    ['valueFrom', 'valuefrom', '/spec/templates/0/outputs/parameters/0/valuefrom: Argo knows no'],
    ['value: main', 'vale: main', '/spec/templates/0/container/env/0/vale: Argo knows no such'],
    ['limit: 2', 'limits: 2', '/spec/templates/0/retryStrategy/limits: Argo knows no such field'],
    ['[/bin/true]', '/bin/true', '/spec/templates/0/container/command: must be array'],
    ["default: ''", 'default: 7', '/spec/templates/0/outputs/parameters/0/valueFrom/default: must'],
    ['kind: WorkflowTemplate', 'kind: WorkflowTemplat', '/kind: WorkflowTemplat is no kind of'],
  ])('%p as %p is refused, with its path', (right, wrong, fault) => {
    expect(faults(template((text) => text.replace(right, wrong))).join('\n')).toContain(fault)
  })

  for (const file of [...argoFiles(), ...argoFiles(join(ARGO_FOLDER, 'variants'))])
    for (const { title, document } of documentsOf(file))
      if (ARGO_KINDS.some((kind) => kind === document.kind))
        test(title, () => expect(faults(document)).toEqual([]))
})
