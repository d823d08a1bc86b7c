// `by` and `without`: which series of a vector belong together.

import { ABSENT, type StepSeries } from '../evaluate/values.ts'
import type { LabelSet } from '../labels/label-set.ts'
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
  const { keyOf, labelsOf } = groupLabels(grouping)
  const keepsName =
    grouping?.without === false && grouping.labels.some((label) => METRIC_LABELS.has(label))
  const groups = new Map<string, Group>()
  for (const one of series) {
    const key = keyOf(one.labels)
    let group = groups.get(key)
    if (group === undefined) {
      group = { labels: labelsOf(one.labels), members: [], dropName: false }
      groups.set(key, group)
    }
    group.members.push(one)
  }
  if (keepsName) for (const group of groups.values()) group.dropName = losesName(group.members)
  return [...groups.values()]
}

/** Whether any is to lose its name of those that are there last. */
function losesName(members: readonly StepSeries[]): boolean {
  let last = -1
  let losesIt = false
  for (const { kinds, dropName } of members) {
    const at = kinds.findLastIndex((kind) => kind !== ABSENT)
    if (at > last) losesIt = dropName
    else if (at === last) losesIt ||= dropName
    last = Math.max(last, at)
  }
  return losesIt
}

/** How a series is grouped: equal keys for equal labels. */
interface Labelling {
  readonly keyOf: (labels: LabelSet) => string
  readonly labelsOf: (labels: LabelSet) => LabelSet
}

function groupLabels(grouping: Grouping | undefined): Labelling {
  if (grouping?.without === true) {
    const names = new Set([...grouping.labels, ...METRIC_LABELS])
    return {
      keyOf: (labels) => labels.without(names).key,
      labelsOf: (labels) => labels.without(names),
    }
  }
  const names = new Set(grouping?.labels ?? [])
  const inOrder = [...names]
  return {
    // The labels' values suffice, and no set is made for each series.
    keyOf: (labels) => labels.keyOf(inOrder),
    labelsOf: (labels) => labels.only(names),
  }
}
