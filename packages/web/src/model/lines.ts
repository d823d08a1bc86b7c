// Which log lines belong to which part of a run.

import type { Run } from './run.ts'
import type { LogLine } from './telemetry.ts'

/** Lines written under the node `index` or anything below it; all lines of the trace for the run itself. */
export function linesBelow(run: Run, index: number, lines: readonly LogLine[]): readonly LogLine[] {
  const node = run.nodes[index]
  if (!node) return []
  if (node.kind === 'workflow' && run.parent[index] === -1) return lines
  const ids = new Set<string>()
  for (let at = index; at <= index + run.below[index]!; at++) ids.add(run.nodes[at]!.id)
  return lines.filter(({ spanId }) => ids.has(spanId))
}

/** For each span id, the step or gate that its lines are ascribed to. */
export function stepNames(run: Run): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  run.nodes.forEach((node, index) => {
    const parent = run.parent[index]!
    const inherited = parent >= 0 ? names.get(run.nodes[parent]!.id) : undefined
    const own =
      node.kind === 'gate' ? node.facts.gate : node.kind === 'step' ? node.facts.step : undefined
    const name = own ?? inherited
    if (name !== undefined) names.set(node.id, name)
  })
  return names
}
