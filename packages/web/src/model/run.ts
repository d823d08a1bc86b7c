// Turns what is known of a trace into the tree of a run: workflow, stages, steps, gates, and the agents' own
// spans below them. Pure: the same spans, announcements and time give the same tree (derivation.md, life cycle).

import { ATTRIBUTE, LOST_AFTER_MILLISECONDS, type StepwellKind, TWIN } from '@stepwell/model'
import {
  type Announcement,
  fromMilliseconds,
  type Microseconds,
  microseconds,
  type Span,
  type Telemetry,
  textOf,
} from './telemetry.ts'

/** `plain`: an agent's own span, which has no outcome unless it failed. */
export type NodeState = 'running' | 'lost' | 'success' | 'failure' | 'skipped' | 'plain'
export type NodeKind = StepwellKind | 'span'

export interface RunNode {
  /** The span id; of what nobody reported, a name of ours that no span id can be. */
  readonly id: string
  readonly kind: NodeKind
  readonly name: string
  readonly state: NodeState
  readonly start: Microseconds
  /** Undefined while it runs; of lost work, its last word. */
  readonly end: Microseconds | undefined
  /** False where a workflow or stage is only known from its steps. */
  readonly reported: boolean
  readonly attempt: number
  readonly errorType: string | undefined
  readonly facts: NodeFacts
  readonly span: Span | undefined
  readonly announcement: Announcement | undefined
}

/** What the page says of a node by name, from the span or, while it runs, from its announcement. */
export interface NodeFacts {
  readonly agent: string | undefined
  readonly step: string | undefined
  readonly stage: string | undefined
  readonly gate: string | undefined
  readonly repo: string | undefined
  readonly prNumber: string | undefined
  readonly taskId: string | undefined
  readonly commitSha: string | undefined
  readonly workflowUid: string | undefined
  readonly workflowName: string | undefined
  readonly workflowTemplate: string | undefined
}

/**
 * The nodes in pre-order, each before its children, siblings by start; and their shape as arrays, so that
 * hiding a subtree or finding a parent costs nothing even in large traces.
 */
export interface Run {
  readonly traceId: string
  readonly nodes: readonly RunNode[]
  /** Index of the parent, -1 of a root. */
  readonly parent: Int32Array
  readonly depth: Uint16Array
  /** How many nodes are below. */
  readonly below: Int32Array
  readonly start: Microseconds
  /** Undefined while something runs. */
  readonly end: Microseconds | undefined
}

const LOST_AFTER = fromMilliseconds(LOST_AFTER_MILLISECONDS)

/**
 * The tree of a run at the time `now`. `listeningSince`: silence counts from then at the earliest, because before
 * nobody could have been heard (the engine was away). Left out, silence counts from the last word.
 */
export function buildRun(
  telemetry: Telemetry,
  now: Microseconds,
  listeningSince: Microseconds = microseconds(0),
): Run {
  const nodes = new Map<string, RunNode>()
  const parents = new Map<string, string | undefined>()
  for (const span of telemetry.spans.values()) {
    nodes.set(span.spanId, endedNode(span))
    parents.set(span.spanId, span.parentSpanId)
  }
  for (const announcement of telemetry.announcements.values()) {
    if (nodes.has(announcement.spanId)) continue
    nodes.set(announcement.spanId, announcedNode(announcement, now, listeningSince))
    parents.set(announcement.spanId, announcement.parentSpanId)
  }
  adoptOrphans(nodes, parents)
  return inPreOrder(telemetry.traceId, nodes, parents)
}

function endedNode(span: Span): RunNode {
  const { attributes } = span
  const outcome = textOf(attributes, ATTRIBUTE.outcome)
  const skipped =
    (textOf(attributes, TWIN.taskRunResult) ?? textOf(attributes, TWIN.pipelineResult)) === 'skip'
  let state: NodeState
  if (span.kind === undefined) state = span.failed ? 'failure' : 'plain'
  else if (skipped) state = 'skipped'
  else if (outcome === 'failure' || span.failed) state = 'failure'
  else state = 'success'
  return {
    id: span.spanId,
    kind: span.kind ?? 'span',
    name: span.name,
    state,
    start: span.start,
    end: microseconds(span.start + span.duration),
    reported: true,
    attempt: Number(textOf(attributes, ATTRIBUTE.stepAttempt) ?? 1),
    errorType: textOf(attributes, ATTRIBUTE.errorType),
    facts: factsBy((key) => textOf(attributes, key)),
    span,
    announcement: undefined,
  }
}

function announcedNode(
  announcement: Announcement,
  now: Microseconds,
  listeningSince: Microseconds,
): RunNode {
  const { metadata, kind } = announcement
  const facts = factsBy((key) => metadata[key.replaceAll('.', '_')] || undefined)
  const lost = now - Math.max(announcement.heardAt, listeningSince) > LOST_AFTER
  return {
    id: announcement.spanId,
    kind,
    name: announcedName(kind, facts),
    state: lost ? 'lost' : 'running',
    start: announcement.start,
    end: lost ? announcement.heardAt : undefined,
    reported: true,
    attempt: Number(metadata[ATTRIBUTE.stepAttempt.replaceAll('.', '_')] ?? 1),
    errorType: undefined,
    facts,
    span: undefined,
    announcement,
  }
}

/** The name that the span will have: `spanName` of the model, from what the announcement says. */
function announcedName(kind: StepwellKind, facts: NodeFacts): string {
  switch (kind) {
    case 'workflow':
      return facts.workflowTemplate ?? facts.workflowName ?? 'workflow'
    case 'stage':
      return `stage ${facts.stage ?? ''}`.trim()
    case 'step':
      return `${facts.agent ?? 'unknown'}/${facts.step ?? 'execute'}`
    case 'gate':
      return `gate ${facts.gate ?? ''}`.trim()
    case 'task':
      return `task ${facts.taskId ?? ''}`.trim()
  }
}

function factsBy(value: (key: string) => string | undefined): NodeFacts {
  return {
    agent: value(ATTRIBUTE.agent),
    step: value(ATTRIBUTE.stepName),
    stage: value(ATTRIBUTE.stage),
    gate: value(ATTRIBUTE.gate),
    repo: value(ATTRIBUTE.repo),
    prNumber: value(ATTRIBUTE.prNumber),
    taskId: value(ATTRIBUTE.taskId),
    commitSha: value(ATTRIBUTE.commitSha),
    workflowUid: value(ATTRIBUTE.workflowUid),
    workflowName: value(ATTRIBUTE.workflowName),
    workflowTemplate: value(ATTRIBUTE.workflowTemplate),
  }
}

/**
 * Finds a place for every node whose parent is not there: a step under its stage, else its workflow, both by
 * `workflow.uid`, made up from the steps where nobody reported them; an agent's span under the step that its
 * resource names. Nothing is dropped: what has no place stays a root.
 */
function adoptOrphans(nodes: Map<string, RunNode>, parents: Map<string, string | undefined>): void {
  const isOrphan = (id: string) => {
    const parent = parents.get(id)
    return parent === undefined || !nodes.has(parent)
  }
  const workflows = new Map<string, string>()
  const stages = new Map<string, string>()
  for (const node of nodes.values()) {
    const { workflowUid, stage } = node.facts
    if (workflowUid === undefined) continue
    if (node.kind === 'workflow') workflows.set(workflowUid, node.id)
    if (node.kind === 'stage' && stage) stages.set(stageKey(workflowUid, stage), node.id)
  }

  const madeUp = new Map<string, RunNode[]>()
  const place = (id: string, member: RunNode) => {
    if (!nodes.has(id)) madeUp.set(id, [...(madeUp.get(id) ?? []), member])
    return id
  }
  for (const node of [...nodes.values()]) {
    if (!isOrphan(node.id)) continue
    const { workflowUid, stage } = node.facts
    if (node.kind === 'span') {
      const step = textOf(node.span?.resource ?? [], ATTRIBUTE.stepSpanId)
      if (step !== undefined && step !== node.id && nodes.has(step)) parents.set(node.id, step)
    } else if (workflowUid !== undefined && node.kind !== 'workflow') {
      const workflow = workflows.get(workflowUid) ?? place(`workflow ${workflowUid}`, node)
      if (stage === undefined || node.kind === 'stage') parents.set(node.id, workflow)
      else {
        const known = stages.get(stageKey(workflowUid, stage))
        const id = known ?? place(stageKey(workflowUid, stage), node)
        parents.set(node.id, id)
        if (known === undefined) parents.set(id, workflow)
      }
    }
  }
  for (const [id, members] of madeUp)
    nodes.set(id, madeUpNode(id, id.startsWith('workflow ') ? 'workflow' : 'stage', members))
}

const stageKey = (uid: string, stage: string) => `stage ${uid}/${stage}`

/** A workflow or stage that nobody reported, as its steps tell of it. */
function madeUpNode(id: string, kind: 'workflow' | 'stage', members: readonly RunNode[]): RunNode {
  const [first] = members
  const facts = first!.facts
  return {
    id,
    kind,
    name: announcedName(kind, facts),
    state: stateOfMembers(members),
    start: microseconds(
      members.reduce((time, node) => Math.min(time, node.start), Number.POSITIVE_INFINITY),
    ),
    end: latestEnd(members),
    reported: false,
    attempt: 1,
    errorType: undefined,
    facts: { ...facts, agent: undefined, step: undefined, gate: undefined },
    span: undefined,
    announcement: undefined,
  }
}

/** Of several attempts of a step only the last counts. */
export function stateOfMembers(members: readonly RunNode[]): NodeState {
  const last = lastAttempts(members)
  for (const state of ['running', 'lost', 'failure', 'success'] as const)
    if (last.some((node) => node.state === state)) return state
  return 'skipped'
}

/** The last attempt of each step, and all that is no step. */
export function lastAttempts(nodes: readonly RunNode[]): RunNode[] {
  const last = new Map<string, RunNode>()
  for (const node of nodes) {
    const key = attemptKey(node)
    const known = last.get(key)
    if (!known || isLater(node, known)) last.set(key, node)
  }
  return [...last.values()]
}

/** Equal for the attempts of one step or gate. */
export const attemptKey = ({ kind, id, facts }: RunNode) =>
  kind === 'step' || kind === 'gate'
    ? [kind, facts.workflowUid, facts.stage, facts.agent, facts.step, facts.gate].join('\n')
    : id

const isLater = (a: RunNode, b: RunNode) =>
  a.attempt === b.attempt ? a.start > b.start : a.attempt > b.attempt

function latestEnd(nodes: readonly RunNode[]): Microseconds | undefined {
  let latest = Number.NEGATIVE_INFINITY
  for (const { end } of nodes) {
    if (end === undefined) return undefined
    latest = Math.max(latest, end)
  }
  return microseconds(latest)
}

function inPreOrder(
  traceId: string,
  nodes: ReadonlyMap<string, RunNode>,
  parents: ReadonlyMap<string, string | undefined>,
): Run {
  const children = new Map<string, RunNode[]>()
  const roots: RunNode[] = []
  for (const node of nodes.values()) {
    const parent = parents.get(node.id)
    if (parent === undefined || !nodes.has(parent)) roots.push(node)
    else {
      const siblings = children.get(parent)
      if (siblings) siblings.push(node)
      else children.set(parent, [node])
    }
  }
  for (const siblings of children.values()) siblings.sort(bySiblingOrder)
  roots.sort(bySiblingOrder)

  const order: RunNode[] = []
  const parent = new Int32Array(nodes.size)
  const depth = new Uint16Array(nodes.size)
  const below = new Int32Array(nodes.size)
  const seen = new Set<string>()
  // An own stack: traces may nest deeper than the call stack.
  const walk = (root: RunNode) => {
    const stack = [{ node: root, parent: -1 }]
    for (let entry = stack.pop(); entry; entry = stack.pop()) {
      if (seen.has(entry.node.id)) continue
      seen.add(entry.node.id)
      const index = order.push(entry.node) - 1
      parent[index] = entry.parent
      depth[index] = entry.parent < 0 ? 0 : depth[entry.parent]! + 1
      const own = children.get(entry.node.id) ?? []
      for (let child = own.length - 1; child >= 0; child--)
        stack.push({ node: own[child]!, parent: index })
    }
  }
  roots.forEach(walk)
  // Spans that are their own ancestors hang from no root: begin anywhere in the ring.
  if (order.length < nodes.size) for (const node of nodes.values()) walk(node)
  for (let index = order.length - 1; index > 0; index--)
    if (parent[index]! >= 0) below[parent[index]!]! += below[index]! + 1

  const start = order.reduce((time, node) => Math.min(time, node.start), Number.POSITIVE_INFINITY)
  return {
    traceId,
    nodes: order,
    parent,
    depth,
    below,
    start: microseconds(order.length ? start : 0),
    end: order.length ? latestEnd(order) : undefined,
  }
}

/** Workflows before foreign roots of the same trace, then by start, then by id so that the order never wavers. */
function bySiblingOrder(a: RunNode, b: RunNode): number {
  const rank = Number(b.kind === 'workflow') - Number(a.kind === 'workflow')
  return rank || a.start - b.start || a.attempt - b.attempt || (a.id < b.id ? -1 : 1)
}
