// What the stand-in is told: a JSON file, named by ARGO_STAND_IN.

import { readFileSync } from 'node:fs'
import type { Machine } from '../../support/argo/files.ts'

export interface Config extends Machine {
  /** The folder of WorkflowTemplates, as `kubectl apply` would be given it. */
  readonly templates: string
  /** Where workflows, their logs and their pods' files are kept. */
  readonly data: string
  /** From 4.1 on a container has TRACEPARENT, and the workflow's name. */
  readonly version: '3.6' | '3.7' | '4.0' | '4.1'
  readonly namespace: string
  /** False where no controller takes workflows up. */
  readonly controller: boolean
}

export const readConfig = (): Config =>
  JSON.parse(readFileSync(process.env.ARGO_STAND_IN!, 'utf8')) as Config
