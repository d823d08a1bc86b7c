// Stands in for the `argo` command and a cluster behind it: what a real 4.1.2 was seen to do, for the flags that a
// script or a test uses. Containers run as processes here (`pod.ts`).

import { spawn } from 'node:child_process'
import { openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argoFiles, documentsOf } from '../../support/argo/documents.ts'
import type { WorkflowTemplate } from '../../support/argo/template.ts'
import { type Config, readConfig } from './config.ts'
import { hasEnded, now, Store, type Workflow } from './record.ts'

class Refusal extends Error {}

interface Flags {
  readonly values: ReadonlyMap<string, string>
  readonly parameters: readonly string[]
  readonly rest: readonly string[]
}

const SHORT: Readonly<Record<string, string>> = {
  n: 'namespace',
  o: 'output',
  p: 'parameter',
  w: 'wait',
}
const VALUED: Readonly<Record<string, readonly string[]>> = {
  submit: ['from', 'parameter', 'output', 'namespace', 'name', 'generate-name', 'serviceaccount'],
  wait: ['namespace'],
  logs: ['namespace'],
  get: ['output', 'namespace'],
}
const SWITCHES: Readonly<Record<string, readonly string[]>> = {
  submit: ['wait'],
  wait: [],
  logs: ['no-color', 'follow'],
  get: ['no-color'],
}

function parse(verb: string, args: readonly string[]): Flags {
  const values = new Map<string, string>()
  const parameters: string[] = []
  const rest: string[] = []
  for (let at = 0; at < args.length; at++) {
    const argument = args[at]!
    const [, long, given] = /^--([\w-]+)(?:=([\s\S]*))?$/.exec(argument) ?? []
    const name = long ?? SHORT[/^-(\w)$/.exec(argument)?.[1] ?? '']
    if (!name) {
      if (argument.startsWith('-')) throw new Refusal(`unknown flag: ${argument}`)
      rest.push(argument)
    } else if (SWITCHES[verb]!.includes(name)) values.set(name, 'true')
    else if (VALUED[verb]!.includes(name)) {
      const value = given ?? args[++at]
      if (value === undefined) throw new Refusal(`flag needs an argument: ${argument}`)
      if (name === 'parameter') parameters.push(value)
      else values.set(name, value)
    } else throw new Refusal(`unknown flag: --${name}`)
  }
  return { values, parameters, rest }
}

async function argo([verb = '', ...args]: readonly string[]): Promise<number> {
  const config = readConfig()
  const store = new Store(config.data)
  if (!(verb in VALUED)) throw new Refusal(`unknown command "${verb}" for "argo"`)
  const flags = parse(verb, args)
  if (verb === 'submit') return submit(config, store, flags)
  const [name] = flags.rest
  const workflow = name === undefined ? undefined : store.read(name)
  if (verb === 'wait') return workflow ? wait(store, name!, true) : 1
  if (!workflow) throw new Refusal(`workflows.argoproj.io "${name ?? ''}" not found`)
  if (verb === 'get') process.stdout.write(`${JSON.stringify(workflow, null, 2)}\n`)
  else for (const line of logs(store, name!, flags.values.has('no-color'))) console.log(line)
  return 0
}

async function submit(config: Config, store: Store, flags: Flags): Promise<number> {
  const [, from] = /^workflowtemplate\/(.+)$/.exec(flags.values.get('from') ?? '') ?? []
  if (!from) throw new Refusal('the stand-in submits --from workflowtemplate/NAME alone')
  const templates = argoFiles(config.templates).flatMap(documentsOf)
  const template = templates.find(
    ({ document }) => document.kind === 'WorkflowTemplate' && document.metadata.name === from,
  )?.document as WorkflowTemplate | undefined
  if (!template) throw new Refusal(`workflowtemplates.argoproj.io "${from}" not found`)
  const workflow = workflowOf(template, config, flags)
  const { name } = workflow.metadata
  store.write(workflow)
  if (config.controller) takeUp(config, name)
  console.log(flags.values.get('output') === 'name' ? name : `Name: ${name}`)
  return flags.values.has('wait') ? wait(store, name, false) : 0
}

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

function workflowOf({ metadata, spec }: WorkflowTemplate, config: Config, flags: Flags): Workflow {
  const given = new Map(
    flags.parameters.map((parameter) => {
      const at = parameter.indexOf('=')
      if (at < 0)
        throw new Refusal(`expected parameter of the form: NAME=VALUE. Received: ${parameter}`)
      return [parameter.slice(0, at), parameter.slice(at + 1)]
    }),
  )
  for (const { name, value } of spec.arguments?.parameters ?? [])
    if (value === undefined && !given.has(name))
      throw new Refusal(
        `spec.arguments.${name}.value or spec.arguments.${name}.valueFrom is required`,
      )
  const random = Array.from(
    { length: 5 },
    () => ALPHABET[Math.floor(Math.random() * ALPHABET.length)],
  )
  const prefix = flags.values.get('generate-name') ?? `${metadata.name}-`
  const account = flags.values.get('serviceaccount')
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: {
      name: flags.values.get('name') ?? `${prefix}${random.join('')}`,
      namespace: flags.values.get('namespace') ?? config.namespace,
      uid: crypto.randomUUID(),
      creationTimestamp: now(),
      labels: { 'workflows.argoproj.io/workflow-template': metadata.name },
    },
    spec: {
      workflowTemplateRef: { name: metadata.name },
      arguments: { parameters: [...given].map(([name, value]) => ({ name, value })) },
      ...(account && { serviceAccountName: account }),
    },
    status: {},
  }
}

/** A process of its own, as the cluster goes on when the command has ended. */
function takeUp(config: Config, name: string): void {
  const log = openSync(join(config.data, 'controller.log'), 'a')
  const controller = spawn(process.execPath, [join(import.meta.dir, 'controller.ts'), name], {
    detached: true,
    stdio: ['ignore', log, log],
  })
  writeFileSync(join(config.data, `${name}.pid`), String(controller.pid))
  controller.unref()
}

/** For ever, where no controller is. */
async function wait(store: Store, name: string, says: boolean): Promise<number> {
  for (;;) {
    const workflow = store.read(name)!
    const { phase, finishedAt } = workflow.status
    if (!hasEnded(workflow)) await Bun.sleep(20)
    else {
      if (says) console.log(`${name} ${phase} at ${finishedAt}`)
      return phase === 'Succeeded' ? 0 : 1
    }
  }
}

function* logs(store: Store, name: string, plain: boolean): Generator<string> {
  for (const [pod, line] of store.lines(name))
    yield plain ? `${pod}: ${line}` : `\x1b[3${1 + (pod.length % 6)}m${pod}: \x1b[0m${line}`
}

try {
  process.exitCode = await argo(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  console.error(`time="${now()}" level=fatal msg=${JSON.stringify(error.message)}`)
  process.exitCode = 1
}
