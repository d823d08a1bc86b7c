// Runs a workflow as Argo's controller does, for what the pack's templates are made of: steps and DAGs, retries, exit
// hooks, the exit handler. Of what it does not do nothing happens.

import { randomBytes } from 'node:crypto'
import { evaluate, nested } from '../../support/argo/evaluate.ts'
import { parseExpression } from '../../support/argo/expression.ts'
import { replaceTags, type Texts, textOf } from '../../support/argo/replace.ts'
import type {
  Arguments,
  Hook,
  Parameter,
  Step,
  Template,
  WorkflowTemplate,
} from '../../support/argo/template.ts'
import type { Config } from './config.ts'
import { dependsOf, isMet, namesIn } from './depends.ts'
import { failuresOf, globalsOf } from './globals.ts'
import { type Ended, runPod } from './pod.ts'
import {
  type Node,
  nodeIdOf,
  now,
  type Phase,
  podNameOf,
  type Store,
  type Workflow,
} from './record.ts'
import { isTrue, knownOf } from './scope.ts'

/** One call of a template. */
interface Call {
  readonly name: string
  readonly displayName: string
  readonly document: WorkflowTemplate
  readonly template: Template
  readonly arguments: readonly Parameter[]
  readonly boundaryID?: string
}

export class Run {
  readonly #config: Config
  readonly #store: Store
  readonly #workflow: Workflow
  readonly #documents: readonly WorkflowTemplate[]
  readonly #traceId = randomBytes(16).toString('hex')
  readonly #globals: Record<string, string> = {}

  constructor(
    config: Config,
    store: Store,
    workflow: Workflow,
    documents: readonly WorkflowTemplate[],
  ) {
    this.#config = config
    this.#store = store
    this.#workflow = workflow
    this.#documents = documents
  }

  async run(): Promise<void> {
    const { metadata, spec, status } = this.#workflow
    const document = this.#document(spec.workflowTemplateRef.name)
    Object.assign(status, { phase: 'Running', startedAt: now(), nodes: {} })
    Object.assign(this.#globals, globalsOf(this.#workflow, document))
    this.#save()
    const { entrypoint, onExit } = document.spec
    const main = await this.#call({
      name: metadata.name,
      displayName: metadata.name,
      document,
      template: find(document, entrypoint),
      arguments: document.spec.arguments?.parameters ?? [],
    })
    let last = main
    if (onExit) {
      this.#globals['workflow.status'] = main.phase
      // Quoted, so that what is put into a JSON text is a JSON text again: whoever reads it decodes twice.
      this.#globals['workflow.failures'] = JSON.stringify(
        JSON.stringify(failuresOf(this.#workflow)),
      )
      const handler = await this.#call({
        name: `${metadata.name}.onExit`,
        displayName: `${metadata.name}.onExit`,
        document,
        template: find(document, onExit),
        arguments: [],
      })
      if (!isDone(handler)) last = handler
    }
    status.phase = last.phase
    if (last.message) status.message = last.message
    status.finishedAt = now()
    this.#save()
  }

  async #call(call: Call): Promise<Node> {
    const { template } = call
    const inputs = replaceTags(template.inputs?.parameters ?? [], this.#globals).map((input) => ({
      name: input.name,
      value:
        call.arguments.find(({ name }) => name === input.name)?.value ??
        input.value ??
        input.default,
    }))
    const absent = inputs.find(({ value }) => value === undefined)
    if (absent) {
      const node = this.#begin(call, 'Skipped')
      return this.#end(node, {
        phase: 'Error',
        message: `inputs.parameters.${absent.name} was not supplied`,
      })
    }
    const variables: Texts = {
      ...this.#globals,
      ...Object.fromEntries(inputs.map(({ name, value }) => [`inputs.parameters.${name}`, value!])),
      'inputs.parameters': JSON.stringify(inputs),
      'node.name': call.name,
    }
    const replaced: Call = { ...call, template: replaceTags(template, variables) }
    if (template.steps) return this.#steps(replaced, variables)
    if (template.dag) return this.#dag(replaced, variables)
    if (template.retryStrategy) return this.#tries(replaced, variables)
    return this.#pod(replaced, variables)
  }

  async #pod(call: Call, variables: Texts): Promise<Node> {
    const { metadata } = this.#workflow
    const node = this.#begin(call, 'Pod')
    const name = podNameOf(metadata.name, call.name, call.template.name)
    const own = { ...variables, 'pod.name': name }
    const pod = replaceTags(call.template, own)
    const { podMetadata } = replaceTags(call.document.spec, own)
    return this.#end(
      node,
      await runPod(
        {
          name,
          nodeId: node.id,
          template: pod,
          metadata: {
            labels: { ...podMetadata?.labels, ...pod.metadata?.labels },
            annotations: { ...podMetadata?.annotations, ...pod.metadata?.annotations },
          },
          traceParent: `00-${this.#traceId}-${randomBytes(8).toString('hex')}-01`,
        },
        this.#workflow,
        this.#config,
        this.#store,
      ),
    )
  }

  /** Each try is a pod of its own, with a node of its own, below that of the step. */
  async #tries(call: Call, variables: Texts): Promise<Node> {
    const node = this.#begin(call, 'Retry')
    const { limit, retryPolicy, expression } = call.template.retryStrategy!
    const policy = retryPolicy ?? (expression ? 'Always' : 'OnFailure')
    let last: Node | undefined
    for (let retries = 0; ; retries++) {
      const own: Texts = {
        retries: String(retries),
        'lastRetry.exitCode': last?.outputs?.exitCode ?? '0',
        'lastRetry.status': last?.phase ?? '',
        'lastRetry.duration': '0',
        'lastRetry.message': last?.message ?? '',
      }
      const name = `${call.name}(${retries})`
      const attempt: Call = {
        ...call,
        name,
        displayName: `${call.displayName}(${retries})`,
        template: replaceTags(call.template, own),
      }
      last = await this.#pod(attempt, { ...variables, ...own, 'node.name': name })
      node.children = [...(node.children ?? []), last.id]
      const { phase, message, outputs } = last
      const ended = { phase, ...(message && { message }), ...(outputs && { outputs }) }
      if (isDone(last)) return this.#end(node, ended)
      const retried =
        policy === 'Always' || policy === (phase === 'Failed' ? 'OnFailure' : 'OnError')
      const again =
        !expression ||
        evaluate(
          parseExpression(expression),
          nested({
            ...own,
            'lastRetry.exitCode': outputs?.exitCode ?? '-1',
            'lastRetry.status': phase,
          }),
        ) === true
      if (!retried || !again) return this.#end(node, ended)
      if (limit !== undefined && retries >= Number(limit))
        return this.#end(node, { ...ended, message: 'No more retries left' })
    }
  }

  async #steps(call: Call, variables: Texts): Promise<Node> {
    const node = this.#begin(call, 'Steps')
    const scope: Record<string, string> = {}
    for (const [at, group] of call.template.steps!.entries()) {
      const groupNode = this.#begin(
        {
          ...call,
          name: `${call.name}[${at}]`,
          displayName: `[${at}]`,
          boundaryID: node.id,
          template: { name: '' },
        },
        'StepGroup',
      )
      node.children = [...(node.children ?? []), groupNode.id]
      const before = { ...variables, ...scope }
      const done = await Promise.all(
        group.map((step) => this.#step(call, step, `${groupNode.name}.`, node.id, before, 'steps')),
      )
      groupNode.children = done.map(({ node }) => node.id)
      for (const { known } of done) Object.assign(scope, known)
      const failed = done.find(({ node, step }) => !isDone(node) && !goesOn(step, node))?.node
      const ended: Ended = failed
        ? { phase: failed.phase, message: `child '${failed.id}' failed` }
        : { phase: 'Succeeded' }
      this.#end(groupNode, ended)
      if (failed) return this.#end(node, ended)
    }
    return this.#end(node, this.#outputsOf(call, variables, scope))
  }

  async #dag(call: Call, variables: Texts): Promise<Node> {
    const node = this.#begin(call, 'DAG')
    const { tasks, target } = call.template.dag!
    const scope: Record<string, string> = {}
    const done = new Map<string, Promise<Node>>()
    const runTask = async (task: Step, after: readonly Promise<Node>[]): Promise<Node> => {
      const before = await Promise.all(after)
      const prior = { ...variables, ...scope }
      const runs = isMet(dependsOf(task), before)
      const { node: own, known } = runs
        ? await this.#step(call, task, `${call.name}.`, node.id, prior, 'tasks')
        : this.#omit(call, task, node.id)
      Object.assign(scope, known)
      return own
    }
    const remaining = [...tasks]
    while (remaining.length > 0) {
      const at = remaining.findIndex((task) => namesIn(dependsOf(task)).every((n) => done.has(n)))
      if (at < 0)
        throw new Error(`${call.template.name}: its tasks wait for each other, or for none`)
      const [task] = remaining.splice(at, 1)
      const after = namesIn(dependsOf(task!)).map((name) => done.get(name)!)
      done.set(task!.name, runTask(task!, after))
    }
    const nodes = await Promise.all(done.values())
    node.children = nodes.map(({ id }) => id)
    const before = new Set(tasks.flatMap((task) => namesIn(dependsOf(task))))
    const targets =
      target?.split(' ') ?? tasks.map(({ name }) => name).filter((name) => !before.has(name))
    const failed = nodes.find((each) => targets.includes(each.displayName) && !isDone(each))
    return this.#end(
      node,
      failed ? { phase: failed.phase } : this.#outputsOf(call, variables, scope),
    )
  }

  #omit({ name, document }: Call, task: Step, boundaryID: string): { node: Node; known: Texts } {
    const [home, template] = this.#target(document, task)
    const call: Call = {
      name: `${name}.${task.name}`,
      displayName: task.name,
      document: home,
      template,
      arguments: [],
      boundaryID,
    }
    const message = 'omitted: depends condition not met'
    const node = this.#end(this.#begin(call, 'Skipped'), { phase: 'Omitted', message })
    return { node, known: knownOf(`tasks.${task.name}`, node) }
  }

  async #step(
    { document }: Call,
    step: Step,
    prefix: string,
    boundaryID: string,
    variables: Texts,
    kind: 'steps' | 'tasks',
  ): Promise<{ node: Node; step: Step; known: Texts }> {
    const { hooks, ...plain } = step
    const resolved = replaceTags<Step>(plain, variables)
    const name = `${prefix}${step.name}`
    const [home, template] = this.#target(document, resolved)
    const call: Call = {
      name,
      displayName: step.name,
      document: home,
      template,
      arguments: resolved.arguments?.parameters ?? [],
      boundaryID,
    }
    if (resolved.when !== undefined && !isTrue(resolved.when)) {
      const message = `when '${resolved.when}' evaluated false`
      const node = this.#end(this.#begin(call, 'Skipped'), { phase: 'Skipped', message })
      return { node, step, known: knownOf(`${kind}.${step.name}`, node) }
    }
    const node = await this.#call(call)
    const known = knownOf(`${kind}.${step.name}`, node)
    if (hooks?.exit) await this.#hook(document, hooks.exit, node, { ...variables, ...known })
    return { node, step, known }
  }

  async #hook(document: WorkflowTemplate, hook: Hook, node: Node, variables: Texts): Promise<void> {
    // The exit code is in no hook's scope: its tag stays as it is.
    const scope = Object.fromEntries(
      Object.entries(variables).filter(([name]) => !name.endsWith('.exitCode')),
    )
    const resolved = replaceTags<Hook>(hook, scope)
    const [home, template] = this.#target(document, resolved)
    const given: Arguments = resolved.arguments ?? {}
    await this.#call({
      name: `${node.name}.onExit`,
      displayName: `${node.displayName}.onExit`,
      document: home,
      template,
      arguments: given.parameters ?? [],
      ...(node.boundaryID && { boundaryID: node.boundaryID }),
    })
  }

  #outputsOf({ template }: Call, variables: Texts, scope: Texts): Ended {
    const parameters: Parameter[] = []
    const inputs = Object.entries(variables).filter(([name]) => name.startsWith('inputs.'))
    for (const output of template.outputs?.parameters ?? []) {
      const { expression, parameter, default: otherwise } = output.valueFrom ?? {}
      let value: string | undefined
      try {
        // Of the workflow's variables it knows none.
        const known = nested({ ...Object.fromEntries(inputs), ...scope })
        if (expression !== undefined) value = textOf(evaluate(parseExpression(expression), known))
        else value = scope[/^\{\{\s*(.*?)\s*\}\}$/.exec(parameter ?? '')?.[1] ?? '']
      } catch (error) {
        if (otherwise === undefined) return { phase: 'Error', message: (error as Error).message }
      }
      value ??= otherwise
      if (value === undefined) return { phase: 'Error', message: `Unable to resolve: ${parameter}` }
      parameters.push({ name: output.name, value })
    }
    return { phase: 'Succeeded', ...(parameters.length > 0 && { outputs: { parameters } }) }
  }

  #target(
    from: WorkflowTemplate,
    { template, templateRef }: Step | Hook,
  ): [WorkflowTemplate, Template] {
    if (!templateRef) return [from, find(from, template)]
    const document = this.#document(templateRef.name)
    return [document, find(document, templateRef.template)]
  }

  #document(name: string): WorkflowTemplate {
    const document = this.#documents.find(({ metadata }) => metadata.name === name)
    if (!document) throw new Error(`workflowtemplates.argoproj.io "${name}" not found`)
    return document
  }

  #begin({ name, displayName, template, boundaryID }: Call, type: Node['type']): Node {
    const node: Node = {
      id: nodeIdOf(this.#workflow.metadata.name, name),
      name,
      displayName,
      type,
      ...(template.name && { templateName: template.name }),
      ...(boundaryID && { boundaryID }),
      phase: 'Running',
      startedAt: now(),
    }
    this.#workflow.status.nodes![node.id] = node
    this.#save()
    return node
  }

  #end(node: Node, ended: Ended): Node {
    Object.assign(node, ended, { finishedAt: now() })
    this.#save()
    return node
  }

  #save(): void {
    this.#store.write(this.#workflow)
  }
}

const DONE: readonly Phase[] = ['Succeeded', 'Skipped', 'Omitted']
const isDone = ({ phase }: Node) => DONE.includes(phase)

const goesOn = ({ continueOn }: Step, { phase }: Node) =>
  phase === 'Failed' ? continueOn?.failed === true : continueOn?.error === true

function find(document: WorkflowTemplate, name: string | undefined): Template {
  const template = document.spec.templates.find((each) => each.name === name)
  if (!template) throw new Error(`${document.metadata.name}: template name '${name}' undefined`)
  return template
}
