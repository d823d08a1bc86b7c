// The waterfall's arithmetic: which rows show, where bars lie, what the time axis says. Pure, on typed arrays,
// so that a hundred thousand spans cost milliseconds.

import type { Run, RunNode } from './run.ts'
import { fromMilliseconds, type Microseconds, microseconds } from './telemetry.ts'

/** Indexes of the nodes that show, in order: all but what is below a collapsed one. */
export function visibleRows(run: Run, collapsed: ReadonlySet<string>): Int32Array {
  const rows = new Int32Array(run.nodes.length)
  let count = 0
  for (let index = 0; index < run.nodes.length; index++) {
    rows[count++] = index
    if (run.below[index]! > 0 && collapsed.has(run.nodes[index]!.id)) index += run.below[index]!
  }
  return rows.subarray(0, count)
}

/** The time that the width of the waterfall stands for. */
export interface TimeSpan {
  readonly start: Microseconds
  readonly end: Microseconds
}

const SHORTEST = fromMilliseconds(1)
const GROWTH = 1.3
const FIRST_LIVE_SPAN = fromMilliseconds(5000)

/**
 * From the run's start to its end. While it runs, to a time ahead that moves in steps, so that bars grow into
 * free space instead of all of them shrinking with every frame.
 */
export function timeSpanOf(run: Run, now: Microseconds): TimeSpan {
  if (run.end !== undefined)
    return { start: run.start, end: microseconds(Math.max(run.end, run.start + SHORTEST)) }
  let length: number = FIRST_LIVE_SPAN
  while (length < (now - run.start) * 1.04) length *= GROWTH
  return { start: run.start, end: microseconds(run.start + length) }
}

export interface Bar {
  /** Fractions of the width. */
  readonly left: number
  readonly width: number
}

export function barOf(node: RunNode, span: TimeSpan, now: Microseconds): Bar {
  const length = span.end - span.start
  const left = clamp((node.start - span.start) / length)
  const right = clamp(((node.end ?? now) - span.start) / length)
  return { left, width: Math.max(0, right - left) }
}

const clamp = (fraction: number) => Math.min(1, Math.max(0, fraction))

const STEPS_MILLISECONDS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000,
  2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000,
  3_600_000, 7_200_000, 14_400_000, 43_200_000, 86_400_000,
]

/** Offsets from the start at which the axis has a mark: round ones, `most` of them at most. */
export function ticksOf(span: TimeSpan, most: number): Microseconds[] {
  const length = span.end - span.start
  const day = STEPS_MILLISECONDS.at(-1)! * 1000
  const step =
    STEPS_MILLISECONDS.map((value) => value * 1000).find((value) => length / value <= most) ??
    Math.ceil(length / most / day) * day
  const ticks: Microseconds[] = []
  for (let index = 0; index * step <= length; index++) ticks.push(microseconds(index * step))
  return ticks
}

/** Index of the node `id`, or -1. */
export const indexOf = (run: Run, id: string | undefined) =>
  id === undefined ? -1 : run.nodes.findIndex((node) => node.id === id)

/** The nodes that failed or were lost themselves. Workflows and stages fail because of what is in them. */
export function errorsOf(run: Run): ReadonlySet<RunNode> {
  const errors = run.nodes.filter(({ state }) => state === 'failure' || state === 'lost')
  const own = errors.filter(({ kind }) => kind !== 'workflow' && kind !== 'stage')
  return new Set(own.length > 0 ? own : errors)
}

/** The next error behind `from`, from the beginning again after the last; -1 if there is none. */
export function nextError(run: Run, from: number): number {
  const errors = errorsOf(run)
  return nextBehind(run, from, (node) => errors.has(node))
}

/** The next node behind `from` whose name, agent or error class has `text` in it, letter case aside; or -1. */
export function nextMatch(run: Run, from: number, text: string): number {
  const matches = matcher(text)
  return nextBehind(run, from, matches)
}

/** Whether a node is found by `text`. */
export function matcher(text: string): (node: RunNode) => boolean {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return () => false
  return (node) =>
    node.name.toLowerCase().includes(wanted) ||
    (node.errorType?.includes(wanted) ?? false) ||
    (node.span?.service.toLowerCase().includes(wanted) ?? false)
}

function nextBehind(run: Run, from: number, wanted: (node: RunNode) => boolean): number {
  const { length } = run.nodes
  for (let offset = 1; offset <= length; offset++) {
    const index = (from + offset + length) % length
    if (wanted(run.nodes[index]!)) return index
  }
  return -1
}

/** Ids of all ancestors of a node: what must be open for it to show. */
export function ancestorsOf(run: Run, index: number): string[] {
  const ids: string[] = []
  for (let at = run.parent[index] ?? -1; at >= 0; at = run.parent[at]!) ids.push(run.nodes[at]!.id)
  return ids
}
