// Runs the pods of a workflow controller on this machine: of each its main container, as a process; and does what
// Argo's executor would, which hands the outputs in.

import { join } from 'node:path'
import { expanded, Files, type Machine } from '../../support/argo/files.ts'
import { runContainer } from '../../support/argo/process.ts'
import type { Container, Parameter, Template } from '../../support/argo/template.ts'
import type { KubernetesApi } from './api.ts'
import type { KubernetesObject } from './objects.ts'

interface Pod extends KubernetesObject {
  readonly spec: {
    readonly activeDeadlineSeconds?: number
    readonly containers: readonly Container[]
    readonly initContainers?: readonly Container[]
  }
}

export interface Line {
  readonly pod: string
  readonly text: string
}

const DEADLINE = 'Pod was active on the node longer than the specified deadline'
const WORKFLOW = 'workflows.argoproj.io/workflow'
const ARGO = 'argoproj.io/v1alpha1'

export class Kubelet {
  readonly lines: Line[] = []
  readonly #api: KubernetesApi
  readonly #folder: string
  readonly #machine: Machine

  constructor(api: KubernetesApi, folder: string, machine: Machine) {
    this.#api = api
    this.#folder = folder
    this.#machine = machine
    api.objects.follow(0, ({ resource, before, after }) => {
      // Later, for whoever else follows is to hear of the pod before of what becomes of it.
      if (resource === 'pods' && !before && after) queueMicrotask(() => this.#run(after as Pod))
    })
  }

  async #run(pod: Pod): Promise<void> {
    const { name, namespace, labels, annotations } = pod.metadata
    const main = pod.spec.containers.find((each) => each.name === 'main')!
    const template = templateOf(pod)
    const files = new Files(main, join(this.#folder, name), this.#machine)
    const env = files.environment(
      main.env,
      { HOSTNAME: name },
      {
        'metadata.name': name,
        'metadata.namespace': namespace ?? '',
        "metadata.annotations['workflows.argoproj.io/node-id']":
          annotations?.['workflows.argoproj.io/node-id'] ?? '',
      },
    )
    const words = [...commandOf(main), ...(main.args ?? [])]
    const [command, ...args] = words.map((word) => expanded(files.mapped(word), env))
    const startedAt = new Date().toISOString()
    this.#status(pod, { phase: 'Running', startTime: startedAt })
    const limit = pod.spec.activeDeadlineSeconds ?? 0
    const say = (text: string) => this.lines.push({ pod: name, text })
    const ended = await runContainer(command!, args, { env, cwd: files.folder, limit, say })
    const times = { startedAt, finishedAt: new Date().toISOString() }
    const outputs = files.outputs(template.outputs?.parameters ?? [], !ended.overDeadline)
    const missing = outputs.find(({ value }) => value === undefined)
    const executor = missing ? 64 : 0
    const exits = { main: ended.exitCode, wait: executor }
    const workflow = labels?.[WORKFLOW] ?? ''
    this.#handIn(env.ARGO_NODE_ID!, namespace, workflow, missing ? [] : outputs)
    const failed = ended.exitCode !== 0 || executor !== 0
    this.#status(pod, {
      phase: failed ? 'Failed' : 'Succeeded',
      ...(ended.overDeadline && { reason: 'DeadlineExceeded', message: DEADLINE }),
      containerStatuses: Object.entries(exits).map(([container, exitCode]) => ({
        name: container,
        state: { terminated: { exitCode, reason: exitCode ? 'Error' : 'Completed', ...times } },
      })),
    })
  }

  #handIn(
    nodeId: string,
    namespace: string | undefined,
    workflow: string,
    parameters: Parameter[],
  ): void {
    this.#api.objects.create('workflowtaskresults', namespace, {
      apiVersion: ARGO,
      kind: 'WorkflowTaskResult',
      metadata: {
        name: nodeId,
        labels: {
          [WORKFLOW]: workflow,
          'workflows.argoproj.io/report-outputs-completed': 'true',
        },
      },
      outputs: { parameters: parameters.map(({ name, value }) => ({ name, value })) },
    })
  }

  #status({ metadata }: Pod, status: object): void {
    this.#api.objects.merge('pods', metadata.namespace, metadata.name, { status })
  }
}

/** As the executor is given it. */
function templateOf({ spec }: Pod): Template {
  const all = [...(spec.initContainers ?? []), ...spec.containers].flatMap(({ env }) => env ?? [])
  return JSON.parse(all.find(({ name }) => name === 'ARGO_TEMPLATE')!.value!) as Template
}

/** What the executor would start. */
function commandOf({ command = [] }: Container): readonly string[] {
  return command.slice(command.indexOf('--') + 1)
}
