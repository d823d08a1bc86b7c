// `by` and `without`: which series of a vector belong together.

import type { StepSeries } from '../evaluate/values.ts'
import { type LabelSet, METRIC_NAME } from '../labels/label-set.ts'
import { METRIC_LABELS } from '../labels/names.ts'
import type { Grouping } from '../parse/ast.ts'

export interface Group {
  readonly labels: LabelSet
  readonly members: StepSeries[]
  /** The labels keep a name that some member is to lose. */
  dropName: boolean
}

/** The groups of a vector in the order in which they first appear. */
export function groupSeries(
  series: readonly StepSeries[],
  grouping: Grouping | undefined,
): Group[] {
  const labelsOf = groupLabels(grouping)
  const keepsName = grouping?.without === false && grouping.labels.includes(METRIC_NAME)
  const groups = new Map<string, Group>()
  for (const one of series) {
    const labels = labelsOf(one.labels)
    let group = groups.get(labels.key)
    if (group === undefined) {
      group = { labels, members: [], dropName: false }
      groups.set(labels.key, group)
    }
    group.members.push(one)
    if (keepsName && one.dropName) group.dropName = true
  }
  return [...groups.values()]
}

function groupLabels(grouping: Grouping | undefined): (labels: LabelSet) => LabelSet {
  if (grouping?.without === true) {
    const names = new Set([...grouping.labels, ...METRIC_LABELS])
    return (labels) => labels.without(names)
  }
  const names = new Set(grouping?.labels ?? [])
  return (labels) => labels.only(names)
}
