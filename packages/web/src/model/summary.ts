// What is said of a run in one line: its outcome, its name, whom it served, its steps; and why it failed.

import { groupBy } from './group.ts'
import {
  attemptKey,
  lastAttempts,
  type NodeFacts,
  type NodeState,
  type Run,
  type RunNode,
} from './run.ts'
import type { Microseconds } from './telemetry.ts'

export interface RunSummary {
  readonly traceId: string
  readonly state: NodeState
  /** False where nobody reported the workflow and its steps speak for it. */
  readonly reported: boolean
  readonly title: string
  /** The run's own name, where the title is that of its template. */
  readonly name: string | undefined
  readonly facts: NodeFacts
  readonly agents: readonly string[]
  readonly start: Microseconds
  readonly end: Microseconds | undefined
  /** Steps, all their attempts, and gates, in the order in which they started. */
  readonly steps: readonly RunNode[]
  readonly failure: RunNode | undefined
}

/** Undefined while nothing is known of the run. */
export function summarize(run: Run): RunSummary | undefined {
  const head = run.nodes.find((node) => node.kind === 'workflow') ?? run.nodes[0]
  if (!head) return undefined
  const steps = run.nodes
    .filter((node) => node.kind === 'step' || node.kind === 'gate')
    .sort((a, b) => a.start - b.start || a.attempt - b.attempt)
  const first = (pick: (facts: NodeFacts) => string | undefined) =>
    pick(head.facts) ?? steps.map(({ facts }) => pick(facts)).find((value) => value !== undefined)
  const name = head.kind === 'workflow' ? head.facts.workflowName : undefined
  return {
    traceId: run.traceId,
    state: head.state === 'plain' ? 'success' : head.state,
    reported: head.reported,
    title: head.name,
    name: name === head.name ? undefined : name,
    facts: {
      ...head.facts,
      repo: first((facts) => facts.repo),
      prNumber: first((facts) => facts.prNumber),
      taskId: first((facts) => facts.taskId),
      commitSha: first((facts) => facts.commitSha),
    },
    agents: [...new Set(steps.flatMap(({ facts }) => facts.agent ?? []))],
    start: head.start,
    end: head.end,
    steps,
    failure: failureOf(head, steps),
  }
}

/**
 * Why the run failed: the first step that failed or was lost and that no later attempt made good, else such a
 * gate, else the head itself. Undefined for a run that did not fail.
 */
function failureOf(head: RunNode, steps: readonly RunNode[]): RunNode | undefined {
  const isBad = ({ state }: RunNode) => state === 'failure' || state === 'lost'
  if (!isBad(head)) return undefined
  const bad = lastAttempts(steps).filter(isBad)
  return bad.find(({ kind }) => kind === 'step') ?? bad[0] ?? head
}

/** Steps by what they are attempts of, in the order of their first attempt. */
export function groupAttempts(steps: readonly RunNode[]): RunNode[][] {
  return [...groupBy(steps, attemptKey).values()]
}
