// A pod of the stand-in: its main container is a process here, in a folder that stands for the container's own files.

import { join } from 'node:path'
import { expanded, Files } from '../../support/argo/files.ts'
import { runContainer } from '../../support/argo/process.ts'
import type { Metadata, Template } from '../../support/argo/template.ts'
import type { Config } from './config.ts'
import type { Node, Store, Workflow } from './record.ts'

export interface Pod {
  readonly name: string
  readonly nodeId: string
  /** With every tag replaced. */
  readonly template: Template
  readonly metadata: Metadata
  readonly traceParent: string
}

export type Ended = Pick<Node, 'phase' | 'message' | 'outputs'>

const DEADLINE = 'Pod was active on the node longer than the specified deadline'

export async function runPod(
  pod: Pod,
  { metadata }: Workflow,
  config: Config,
  store: Store,
): Promise<Ended> {
  const fault = labelFault(pod)
  if (fault) return { phase: 'Error', message: fault }
  const container = pod.template.container ?? pod.template.script!
  const files = new Files(container, join(store.folder, metadata.name, pod.name), config)
  store.writePod(metadata.name, { name: pod.name, ...pod.metadata })
  const env = environmentOf(pod, files, metadata, config)
  const [command, ...args] = [...(container.command ?? []), ...(container.args ?? [])].map((text) =>
    expanded(files.mapped(text), env),
  )
  if (!command) return { phase: 'Error', message: 'the stand-in has no image to find a command in' }
  const say = (line: string) => store.log(metadata.name, pod.name, line)
  const limit = Number(pod.template.activeDeadlineSeconds ?? 0)
  const ended = await runContainer(command, args, { env, cwd: files.folder, limit, say })
  say(executorLine(config, ended.exitCode))
  const outputs = {
    exitCode: String(ended.exitCode),
    parameters: files.outputs(pod.template.outputs?.parameters ?? [], !ended.overDeadline),
  }
  const missing = outputs.parameters.find(({ value }) => value === undefined)
  if (ended.overDeadline) return { phase: 'Failed', message: DEADLINE, outputs }
  if (ended.exitCode !== 0)
    return { phase: 'Failed', message: said(config, ended.exitCode), outputs }
  if (missing)
    return {
      phase: 'Error',
      message: `wait: Error (exit code 64): open ${missing.valueFrom?.path}: no such file or directory`,
    }
  return { phase: 'Succeeded', outputs }
}

const said = ({ version }: Config, exitCode: number) =>
  `${version === '3.6' ? '' : 'main: '}Error (exit code ${exitCode})`

/** Kubernetes makes no pod of a label that is none. */
function labelFault({ name, metadata }: Pod): string | undefined {
  for (const [label, value] of Object.entries(metadata.labels ?? {}))
    if (!/^(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?$/.test(value))
      return `Pod "${name}" is invalid: metadata.labels: Invalid value: "${value}" (${label})`
  return undefined
}

function environmentOf(
  { name: podName, nodeId, template, traceParent }: Pod,
  files: Files,
  { name, namespace }: Workflow['metadata'],
  { version }: Config,
): Record<string, string> {
  const own = {
    HOSTNAME: podName,
    ARGO_CONTAINER_NAME: 'main',
    ARGO_NODE_ID: nodeId,
    ARGO_DEADLINE: '0001-01-01T00:00:00Z',
    ARGO_INCLUDE_SCRIPT_OUTPUT: 'false',
    ARGO_PROGRESS_FILE: '/var/run/argo/progress',
    ARGO_PROGRESS_FILE_TICK_DURATION: '3s',
    ARGO_PROGRESS_PATCH_TICK_DURATION: '1m0s',
  }
  const fields = {
    'metadata.name': podName,
    'metadata.namespace': namespace,
    'spec.nodeName': 'node-1',
    'spec.serviceAccountName': 'default',
    "metadata.annotations['workflows.argoproj.io/node-id']": nodeId,
  }
  const { env } = template.container ?? template.script!
  const variables = files.environment(env, own, fields)
  if (version !== '4.1') return variables
  // Whatever the template says: the executor puts its own in place of it.
  return {
    ...variables,
    ARGO_WORKFLOW_NAME: name,
    TRACEPARENT: traceParent,
    TRACESTATE: `workflow=${namespace}/${name}`,
  }
}

/** The executor says this into the container's own log. */
function executorLine({ version }: Config, exitCode: number): string {
  const time = new Date().toISOString()
  return version.startsWith('4')
    ? `time=${time} level=INFO msg="sub-process exited" argo=true error=${exitCode ? `"exit status ${exitCode}"` : '<nil>'}`
    : `time="${time}" level=info msg="sub-process exited" argo=true error="${exitCode ? `exit status ${exitCode}` : '<nil>'}"`
}
