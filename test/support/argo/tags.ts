// Argo writes a tag that it cannot resolve into the pod as it stands, and its linter looks at some of them only. Here
// each `{{…}}` must be one that Argo resolves at its place.

import { type Expression, parseExpression, partsOf, pathOf } from './expression.ts'
import { FUNCTIONS } from './functions.ts'
import {
  doneScope,
  EXIT_HANDLER,
  globals,
  inputs,
  isLeaf,
  itemScope,
  joined,
  METRICS,
  ownScope,
  RETRY,
  resolves,
  type Scope,
  scopeOf,
  without,
} from './scope.ts'
import type { Step, Template, WorkflowTemplate } from './template.ts'

/** The faults of all tags in documents that may refer to each other, each with its place. */
export function tagFaults(documents: readonly WorkflowTemplate[]): string[] {
  const reach = new Reach(documents)
  return documents.flatMap((document) => documentFaults(document, reach))
}

/** Which templates run as part of what. */
class Reach {
  readonly #documents: readonly WorkflowTemplate[]
  readonly #ofEntry = new Set<Template>()
  readonly #ofExit = new Set<Template>()

  constructor(documents: readonly WorkflowTemplate[]) {
    this.#documents = documents
    for (const document of documents) {
      this.#follow(document, document.spec.entrypoint, this.#ofEntry)
      this.#follow(document, document.spec.onExit, this.#ofExit)
    }
  }

  isExitHandler(template: Template): boolean {
    return this.#ofExit.has(template) && !this.#ofEntry.has(template)
  }

  /** The templates of a step, in this document or another; undefined where it is none of these. */
  target(from: WorkflowTemplate, step: Step): [WorkflowTemplate, Template] | undefined {
    const { templateRef } = step
    const document = templateRef
      ? this.#documents.find(({ metadata }) => metadata.name === templateRef.name)
      : from
    const name = templateRef?.template ?? step.template
    const template = document?.spec.templates.find((each) => each.name === name)
    return template && [document!, template]
  }

  #follow(document: WorkflowTemplate, name: string | undefined, reached: Set<Template>): void {
    const template = document.spec.templates.find((each) => each.name === name)
    if (!template || reached.has(template)) return
    reached.add(template)
    for (const step of stepsOf(template)) {
      const [below, target] = this.target(document, step) ?? []
      if (below) this.#follow(below, target!.name, reached)
    }
  }
}

const stepsOf = (template: Template): readonly Step[] =>
  template.dag?.tasks ?? template.steps?.flat() ?? []

function documentFaults(document: WorkflowTemplate, reach: Reach): string[] {
  const { metadata, spec } = document
  const { templates, arguments: given, podMetadata, ...others } = spec
  const everywhere = globals(spec)
  const leaves = templates.filter(isLeaf)
  const [first, ...rest] = leaves.map((template) => [...inputs(template).names])
  const ofAllPods = scopeOf(
    (first ?? []).filter((name) => rest.every((names) => names.includes(name))),
  )
  return [
    ...faultsIn(given, 'spec.arguments', scopeOf([])),
    ...faultsIn(podMetadata, 'spec.podMetadata', joined(everywhere, ofAllPods, POD)),
    ...faultsIn(others, 'spec', joined(everywhere, scopeOf(['workflow.status']))),
    ...templates.flatMap((template) => {
      const all = reach.isExitHandler(template) ? joined(everywhere, EXIT_HANDLER) : everywhere
      return templateFaults(template, all, (step) => reach.target(document, step)?.[1])
    }),
  ].map((fault) => `${metadata.name}: ${fault}`)
}

const POD = scopeOf(['pod.name', 'node.name'])

type Target = (step: Step) => Template | undefined

function templateFaults(template: Template, everywhere: Scope, target: Target): string[] {
  const place = `template ${template.name}: `
  const { name: _, inputs: taken, outputs, steps, dag, ...others } = template
  const { metrics, retryStrategy, ...fields } = others as typeof others & { metrics?: unknown }
  const scope = joined(everywhere, ownScope(template))
  return [
    ...faultsIn(taken, `${place}inputs`, everywhere),
    ...faultsIn(fields, place, scope),
    ...faultsIn(retryStrategy, `${place}retryStrategy`, scope, RETRY),
    ...faultsIn(metrics, `${place}metrics`, joined(scope, METRICS)),
    ...(steps ?? []).flatMap((group, at) =>
      group.flatMap((step) => {
        const before = steps!.slice(0, at).flat()
        return stepFaults(step, `${place}steps.`, scope, 'steps', before, target)
      }),
    ),
    ...(dag?.tasks ?? []).flatMap((task) =>
      stepFaults(task, `${place}dag.`, scope, 'tasks', ancestors(task, dag!.tasks), target),
    ),
    ...outputFaults(template, outputs, `${place}outputs`, scope, target),
  ]
}

function stepFaults(
  step: Step,
  place: string,
  template: Scope,
  kind: 'steps' | 'tasks',
  before: readonly Step[],
  target: Target,
): string[] {
  const done = before.map((each) => doneScope(kind, each, target(each)))
  const scope = joined(template, itemScope(step), ...done)
  const { hooks, ...fields } = step as Step & { hooks?: unknown }
  // Its exit hook sees how a step ended, but for the exit code, which stays a tag.
  const own = without(doneScope(kind, step, target(step)), `${kind}.${step.name}.exitCode`)
  return [
    ...faultsIn(fields, `${place}${step.name}`, scope),
    ...faultsIn(hooks, `${place}${step.name}.hooks`, joined(scope, own)),
  ]
}

/** The tasks that are done before a task begins. */
function ancestors(task: Step, tasks: readonly Step[], seen = new Set<Step>()): readonly Step[] {
  const names = task.dependencies ?? task.depends?.match(/[\w-]+(?=\.|\b)/g) ?? []
  for (const each of tasks)
    if (names.includes(each.name) && !seen.has(each)) {
      seen.add(each)
      ancestors(each, tasks, seen)
    }
  return [...seen]
}

/** Outputs of steps and tasks know these and the template's inputs, and no workflow.*. */
function outputFaults(
  template: Template,
  outputs: Template['outputs'],
  place: string,
  scope: Scope,
  target: Target,
): string[] {
  if (isLeaf(template)) return faultsIn(outputs, place, scope)
  const kind = template.dag ? 'tasks' : 'steps'
  const done = stepsOf(template).map((step) => doneScope(kind, step, target(step)))
  const inside = joined(inputs(template), ...done)
  return faultsIn(outputs, place, joined(scope, ...done), inside)
}

/** Fields whose whole text is an expression. */
const EXPRESSION_FIELDS = new Set(['expression', 'fromExpression'])

/** `inside` is what expressions without braces know, where that is less. */
function faultsIn(value: unknown, place: string, scope: Scope, inside = scope): string[] {
  if (typeof value === 'string')
    return textFaults(value, scope).map((fault) => `${place}: ${fault}`)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, below]) => {
    const named = (below as { name?: unknown } | null)?.name
    const step = Array.isArray(value) ? `[${typeof named === 'string' ? named : key}]` : `.${key}`
    const path = `${place}${/[: .]$/.test(place) ? step.replace(/^\./, '') : step}`
    if (!EXPRESSION_FIELDS.has(key) || typeof below !== 'string')
      return faultsIn(below, path, scope, inside)
    if (below.includes('{{'))
      return [`${path}: a tag would make code of a text; name the variable without braces`]
    return expressionFaults(below, inside).map((fault) => `${path}: ${fault}`)
  })
}

const TAG = /\{\{(=?)((?:(?!\}\})[\s\S])*)(\}\})?/g

function textFaults(text: string, scope: Scope): string[] {
  return [...text.matchAll(TAG)].flatMap(([tag, isExpression, inner, end]) => {
    const faults = !end
      ? ['{{ has no }}']
      : isExpression
        ? expressionFaults(inner!, scope)
        : nameFaults(inner!.trim(), scope)
    return faults.map((fault) => `${tag}: ${fault}`)
  })
}

function expressionFaults(text: string, scope: Scope): string[] {
  try {
    return partFaults(parseExpression(text), scope)
  } catch (error) {
    return [(error as SyntaxError).message]
  }
}

function partFaults(expression: Expression, scope: Scope): string[] {
  if (expression.type === 'call') {
    const name = pathOf(expression.callee)?.join('.') ?? ''
    const faults = expression.values.flatMap((value) => partFaults(value, scope))
    return name in FUNCTIONS ? faults : [`no function ${name} is known here`, ...faults]
  }
  const path = pathOf(expression)
  if (!path) return partsOf(expression).flatMap((part) => partFaults(part, scope))
  const name = path.join('.')
  const isMap = [...scope.names].some((each) => each.startsWith(`${name}.`))
  return isMap ? [] : nameFaults(name, scope, true)
}

function nameFaults(name: string, scope: Scope, inExpression = false): string[] {
  if (resolves(scope, name)) return []
  const hyphened = [...scope.names].find((each) => each.startsWith(`${name}-`))
  if (inExpression && hyphened) {
    const [, above, last] = /^(.*)\.(.*)$/.exec(hyphened)!
    return [`a name with a hyphen needs brackets: ${above}['${last}']`]
  }
  const [, why] = WHY.find(([pattern]) => pattern.test(name)) ?? []
  return [why ?? `${name} is no variable of Argo's at this place`]
}

/** The first that fits tells. */
const WHY: readonly (readonly [RegExp, string])[] = [
  [
    /\|/,
    "Argo has no filters in tags; {{=jsonpath(TEXT, '$.a.b')}} reads JSON that is sure to be there, the command the rest",
  ],
  [
    /^workflow\.status\./,
    'a workflow does not know its nodes here; every container has ARGO_NODE_ID in its environment',
  ],
  [/^workflow\.(status|failures)$/, 'only the templates of spec.onExit know how a workflow ended'],
  [/^(retries|lastRetry\.)/, 'only a container with a retryStrategy has tries'],
  [/^workflow\.parameters\./, 'spec.arguments.parameters of its workflow declares no such one'],
  [/^inputs\.parameters\./, 'its template has no such input'],
  [/^(steps|tasks)\./, 'nothing of that name is done by then and gives that'],
  [/^item/, 'only a step with withItems, withParam or withSequence has items'],
]
