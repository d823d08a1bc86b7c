// topk and bottomk: the series with the greatest or least values of each group at each step.

import { executionError } from '../error.ts'
import type { Context } from '../evaluate/context.ts'
import { FLOAT, HISTOGRAM, StepSeries } from '../evaluate/values.ts'
import type { Aggregation } from '../parse/ast.ts'
import { formatFloat } from '../text/number.ts'
import { extremes } from './extremes.ts'
import type { Group } from './grouping.ts'
import { ignoreHistogram } from './reduce.ts'

interface Entry {
  readonly value: number
  readonly member: number
}

/** Whether the first is to be thrown out before the second. NaN always is. */
type IsWorse = (a: Entry, b: Entry) => boolean

export async function ranked(
  context: Context,
  groups: readonly Group[],
  parameter: Float64Array,
  aggregation: Aggregation,
): Promise<StepSeries[]> {
  if (extremes(parameter)[0] < 1) return []
  const limits = countsOf(parameter)
  const isWorse: IsWorse =
    aggregation.operator === 'topk'
      ? (a, b) => Number.isNaN(a.value) || a.value < b.value
      : (a, b) => Number.isNaN(a.value) || a.value > b.value
  const ranking: StepSeries[] = []
  for (const group of groups) {
    const results = group.members.map((one) =>
      StepSeries.empty(one.labels, context.grid.count, one.dropName),
    )
    let order: number[] = []
    for (let i = 0; i < context.grid.count; i++) {
      const best = bestAt(group, i, limits[i] ?? 0, isWorse, () =>
        ignoreHistogram(context, aggregation),
      )
      for (const { member, value } of best) results[member]?.setFloat(i, value)
      order = best.map(({ member }) => member)
      await context.pause()
    }
    // The order of a vector is that of its values; of more steps there is none.
    const places = context.grid.count > 1 ? results.keys() : order
    for (const place of places) ranking.push(results[place] as StepSeries)
  }
  return ranking
}

/** The whole numbers of a parameter at each step; NaN and what no integer holds are errors. */
export function countsOf(parameter: Float64Array): number[] {
  return Array.from(parameter, (value) => {
    if (Number.isNaN(value)) throw executionError('Parameter value is NaN')
    if (value <= -(2 ** 63)) {
      throw executionError(`Scalar value ${formatFloat(value)} underflows int64`)
    }
    if (value >= 2 ** 63) throw executionError(`Scalar value ${formatFloat(value)} overflows int64`)
    return Math.trunc(value)
  })
}

function bestAt(
  group: Group,
  index: number,
  limit: number,
  isWorse: IsWorse,
  ignore: () => void,
): Entry[] {
  const heap: Entry[] = []
  group.members.forEach((one, member) => {
    if (one.kinds[index] === HISTOGRAM) ignore()
    if (one.kinds[index] !== FLOAT || limit < 1) return
    const entry = { value: one.values[index] ?? Number.NaN, member }
    const worst = heap[0]
    if (heap.length < limit) {
      heap.push(entry)
      siftUp(heap, isWorse)
    } else if (worst !== undefined && replaces(entry, worst, isWorse)) {
      heap[0] = entry
      siftDown(heap, isWorse)
    }
  })
  return heap.sort((a, b) => (isWorse(b, a) ? -1 : isWorse(a, b) ? 1 : 0))
}

function replaces(entry: Entry, worst: Entry, isWorse: IsWorse): boolean {
  return !Number.isNaN(entry.value) && isWorse(worst, entry)
}

/** The places of values pushed to a heap one by one, as the heap has them. */
export function inHeapOrder(values: readonly number[]): number[] {
  const heap: Entry[] = []
  values.forEach((value, member) => {
    heap.push({ value, member })
    siftUp(heap, (a, b) => Number.isNaN(a.value) || a.value < b.value)
  })
  return heap.map(({ member }) => member)
}

// A binary heap with the worst on top, as in Go's container/heap: which of equals stay depends on it.

function siftUp(heap: Entry[], isWorse: IsWorse): void {
  let child = heap.length - 1
  while (child > 0) {
    const parent = (child - 1) >> 1
    if (!isWorse(heap[child] as Entry, heap[parent] as Entry)) return
    swap(heap, child, parent)
    child = parent
  }
}

function siftDown(heap: Entry[], isWorse: IsWorse): void {
  let parent = 0
  while (true) {
    let child = 2 * parent + 1
    if (child >= heap.length) return
    const right = child + 1
    if (right < heap.length && isWorse(heap[right] as Entry, heap[child] as Entry)) child = right
    if (!isWorse(heap[child] as Entry, heap[parent] as Entry)) return
    swap(heap, child, parent)
    parent = child
  }
}

function swap(heap: Entry[], a: number, b: number): void {
  const entry = heap[a] as Entry
  heap[a] = heap[b] as Entry
  heap[b] = entry
}
