// A pod of the stand-in: its main container is a process here, in a folder that stands for the container's own files.

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Container, Metadata, Parameter, Template } from '../../support/argo/template.ts'
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
  const files = new Files(pod, join(store.folder, metadata.name, pod.name), config)
  const container = pod.template.container ?? pod.template.script!
  const variables = environmentOf(pod, container, files, metadata, config)
  const expanded = (text: string) =>
    files.mapped(text).replace(/\$\((\w+)\)/g, (whole, name) => variables[name] ?? whole)
  const [command, ...args] = [...(container.command ?? []), ...(container.args ?? [])].map(expanded)
  if (!command) return { phase: 'Error', message: 'the stand-in has no image to find a command in' }
  const say = (line: string) => store.log(metadata.name, pod.name, line)
  const limit = Number(pod.template.activeDeadlineSeconds ?? 0)
  const ended = await run(command, args, { env: variables, cwd: files.folder, limit, say })
  say(executorLine(config, ended.exitCode))
  const outputs = {
    exitCode: String(ended.exitCode),
    parameters: files.outputs(pod.template.outputs?.parameters ?? [], !ended.overDeadline),
  }
  const missing = outputs.parameters.find(({ value }) => value === undefined)
  if (ended.overDeadline) return { phase: 'Failed', message: DEADLINE, outputs }
  if (ended.exitCode !== 0)
    return { phase: 'Failed', message: `main: Error (exit code ${ended.exitCode})`, outputs }
  if (missing)
    return {
      phase: 'Error',
      message: `wait: Error (exit code 64): open ${missing.valueFrom?.path}: no such file or directory`,
    }
  return { phase: 'Succeeded', outputs }
}

/** Kubernetes makes no pod of a label that is none. */
function labelFault({ name, metadata }: Pod): string | undefined {
  for (const [label, value] of Object.entries(metadata.labels ?? {}))
    if (!/^(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?$/.test(value))
      return `Pod "${name}" is invalid: metadata.labels: Invalid value: "${value}" (${label})`
  return undefined
}

/** Which path of the container is which here. */
class Files {
  readonly folder: string
  readonly #config: Config
  readonly #mounts: readonly (readonly [path: string, here: string])[]

  constructor({ template }: Pod, folder: string, config: Config) {
    this.folder = folder
    this.#config = config
    const container = template.container ?? template.script!
    const mounts = container.volumeMounts ?? []
    this.#mounts = [
      ...mounts.map(({ name, mountPath }) => [mountPath, join(folder, 'volumes', name)] as const),
      ['/tmp', join(folder, 'tmp')] as const,
    ]
    for (const [, here] of this.#mounts) mkdirSync(here, { recursive: true })
  }

  /** A text in which each absolute path is the one that stands for it. */
  mapped(text: string): string {
    let mapped = text
    for (const [service, here] of Object.entries(this.#config.services))
      mapped = mapped.replaceAll(service, here)
    return mapped.replace(/(?<![\w./:-])\/[\w./-]+/g, (path) => this.here(path))
  }

  here(path: string): string {
    for (const [above, here] of this.#mounts) {
      if (path !== above && !path.startsWith(`${above}/`)) continue
      const mapped = join(here, path.slice(above.length))
      // What an init container or an image volume would have brought.
      if (above !== '/tmp' && basename(path) === 'stepwell' && !existsSync(mapped)) {
        mkdirSync(dirname(mapped), { recursive: true })
        writeFileSync(mapped, `#!/bin/sh\nexec '${this.#config.stepwell}' "$@"\n`, { mode: 0o755 })
      }
      return mapped
    }
    const inImage = this.#config.image && join(this.#config.image, path)
    return inImage && existsSync(inImage) ? inImage : path
  }

  /** @param captured false where the pod was ended with its executor. */
  outputs(parameters: readonly Parameter[], captured: boolean): Parameter[] {
    return parameters.map((parameter) => {
      const { path, default: otherwise } = parameter.valueFrom ?? {}
      const file = path && this.here(path)
      const read = captured && file && existsSync(file)
      const value = read ? readFileSync(file, 'utf8').replace(/\n$/, '') : otherwise
      return { ...parameter, ...(value !== undefined && { value }) }
    })
  }
}

function environmentOf(
  pod: Pod,
  container: Container,
  files: Files,
  { name, namespace }: Workflow['metadata'],
  config: Config,
): Record<string, string> {
  const isTraced = config.version === '4.1'
  const variables: Record<string, string> = {
    PATH: `${dirname(config.stepwell)}:${process.env.PATH}`,
    HOME: files.folder,
    TMPDIR: files.here('/tmp'),
    HOSTNAME: pod.name,
    ARGO_CONTAINER_NAME: 'main',
    ARGO_NODE_ID: pod.nodeId,
    ARGO_DEADLINE: '0001-01-01T00:00:00Z',
    ARGO_INCLUDE_SCRIPT_OUTPUT: 'false',
    ARGO_PROGRESS_FILE: '/var/run/argo/progress',
    ARGO_PROGRESS_FILE_TICK_DURATION: '3s',
    ARGO_PROGRESS_PATCH_TICK_DURATION: '1m0s',
    ...(isTraced && { ARGO_WORKFLOW_NAME: name }),
  }
  const fields: Record<string, string> = {
    'metadata.name': pod.name,
    'metadata.namespace': namespace,
    'spec.nodeName': 'node-1',
    'spec.serviceAccountName': 'default',
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const field = fields[valueFrom?.fieldRef?.fieldPath ?? '']
    const text = value === undefined ? field : files.mapped(value)
    if (text !== undefined)
      variables[name] = text.replace(/\$\((\w+)\)/g, (whole, other) => variables[other] ?? whole)
  }
  // Whatever the template says: the executor puts its own in place of it.
  if (isTraced) {
    variables.TRACEPARENT = pod.traceParent
    variables.TRACESTATE = `workflow=${namespace}/${name}`
  }
  return variables
}

interface Run {
  readonly env: Record<string, string>
  readonly cwd: string
  /** Seconds; 0 for none. */
  readonly limit: number
  readonly say: (line: string) => void
}

const GRACE_MILLISECONDS = 30_000
const DRAIN_MILLISECONDS = 2000

const running = new Set<number>()

/** Ends what runs, for the sake of a test that is done. */
export function endPods(): void {
  for (const pid of running) signal(pid, 'SIGKILL')
}

function run(
  command: string,
  args: readonly string[],
  { env, cwd, limit, say }: Run,
): Promise<{ exitCode: number; overDeadline: boolean }> {
  return new Promise((resolve) => {
    let overDeadline = false
    const child = spawn(command, args, {
      env,
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.on('error', (error) => {
      say(`Error: ${error.message}`)
      resolve({ exitCode: 64, overDeadline })
    })
    if (child.pid === undefined) return
    const { pid } = child
    running.add(pid)
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', say)
    const timers: Timer[] = []
    const after = (milliseconds: number, what: () => void) =>
      timers.push(setTimeout(what, milliseconds))
    if (limit > 0)
      after(limit * 1000, () => {
        overDeadline = true
        signal(pid, 'SIGTERM')
        after(GRACE_MILLISECONDS, () => signal(pid, 'SIGKILL'))
      })
    child.on('exit', (code, by) => {
      // With its first process a container ends; whoever still holds its streams is not waited for.
      signal(pid, 'SIGKILL')
      const end = () => {
        running.delete(pid)
        for (const timer of timers) clearTimeout(timer)
        resolve({ exitCode: code ?? 128 + (NUMBERS[by ?? ''] ?? 0), overDeadline })
      }
      child.on('close', end)
      after(DRAIN_MILLISECONDS, end)
    })
  })
}

const NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name)
  } catch {
    // Gone already.
  }
}

/** The executor says this into the container's own log. */
function executorLine({ version }: Config, exitCode: number): string {
  const time = new Date().toISOString()
  return version.startsWith('4')
    ? `time=${time} level=INFO msg="sub-process exited" argo=true error=${exitCode ? `"exit status ${exitCode}"` : '<nil>'}`
    : `time="${time}" level=info msg="sub-process exited" argo=true error="${exitCode ? `exit status ${exitCode}` : '<nil>'}"`
}
