// A workflow as `argo get -o json` shows it, and the folder where the stand-in keeps them.

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Metadata, Parameter } from '../../support/argo/template.ts'

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Skipped' | 'Omitted' | 'Failed' | 'Error'

export interface Node {
  readonly id: string
  readonly name: string
  readonly displayName: string
  readonly type: 'Pod' | 'Steps' | 'StepGroup' | 'DAG' | 'Retry' | 'Skipped'
  readonly templateName?: string
  readonly boundaryID?: string
  phase: Phase
  message?: string
  readonly startedAt: string
  finishedAt?: string
  children?: string[]
  outputs?: { exitCode?: string; parameters?: Parameter[] }
}

export interface PodMetadata extends Metadata {
  readonly name: string
}

export interface Workflow {
  readonly apiVersion: string
  readonly kind: 'Workflow'
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly creationTimestamp: string
    readonly labels: Readonly<Record<string, string>>
  }
  readonly spec: {
    readonly workflowTemplateRef: { readonly name: string }
    readonly arguments: { readonly parameters: readonly Parameter[] }
    readonly serviceAccountName?: string
  }
  readonly status: {
    phase?: Phase
    message?: string
    startedAt?: string
    finishedAt?: string
    nodes?: Record<string, Node>
    outputs?: { parameters: Parameter[] }
  }
}

/** RFC 3339, whole seconds, as Kubernetes writes times. */
export const now = () => `${new Date().toISOString().slice(0, 19)}Z`

export const hasEnded = ({ status }: Workflow) => status.finishedAt !== undefined

export class Store {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    mkdirSync(folder, { recursive: true })
  }

  read(name: string): Workflow | undefined {
    const file = this.#file(name)
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Workflow) : undefined
  }

  /** Whole, or not at all: others read while it is written. */
  write(workflow: Workflow): void {
    const file = this.#file(workflow.metadata.name)
    writeFileSync(`${file}.new`, JSON.stringify(workflow, null, 2))
    renameSync(`${file}.new`, file)
  }

  writePod(workflow: string, pod: PodMetadata): void {
    appendFileSync(this.#podsFile(workflow), `${JSON.stringify(pod)}\n`)
  }

  pods(workflow: string): PodMetadata[] {
    return linesOf(this.#podsFile(workflow)).map((line) => JSON.parse(line))
  }

  /** A line that a container has written, with its pod's name, in the order of their coming. */
  log(workflow: string, pod: string, line: string): void {
    appendFileSync(this.#logFile(workflow), `${JSON.stringify([pod, line])}\n`)
  }

  lines(workflow: string): [pod: string, line: string][] {
    return linesOf(this.#logFile(workflow)).map((line) => JSON.parse(line))
  }

  #file(name: string): string {
    return join(this.folder, `${name}.json`)
  }

  #podsFile(name: string): string {
    return join(this.folder, `${name}.pods`)
  }

  #logFile(name: string): string {
    return join(this.folder, `${name}.log`)
  }
}

const linesOf = (file: string) =>
  existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []

/** The hash in names of nodes and pods: FNV-1a of 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}

export const nodeIdOf = (workflow: string, name: string) =>
  name === workflow ? name : `${workflow}-${hashOf(name)}`

export function podNameOf(workflow: string, name: string, template: string): string {
  if (name === workflow) return name
  const prefix = template ? `${workflow}-${template}` : workflow
  return `${prefix.slice(0, 242)}-${hashOf(name)}`
}
