// Whether a query answers what a test expects.

import {
  equalHistograms,
  type FloatHistogram,
  formatHistogram,
  formatLabels,
  formatValue,
  LabelSet,
} from '@stepwell/promql'
import { instantVector, keyOf, type Setting } from '../evaluate.ts'
import type { Sample } from '../template/sample.ts'
import { difference } from './difference.ts'
import type { ExpressionCase } from './file.ts'

/** What is wrong; undefined where nothing is. */
export async function checkExpression(
  { place, at, expr, expected }: ExpressionCase,
  setting: Setting,
  time: number,
  isFuzzy: boolean,
): Promise<string | undefined> {
  const where = `${place.line}:${place.column}: ${expr} at ${at / 1000} s`
  let vector: readonly Sample[]
  try {
    vector = await instantVector(setting, expr, time)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return `${where}: ${error.message}`
  }
  const wanted = ordered(expected)
  const got = ordered(vector)
  const isSame =
    wanted.length === got.length && wanted.every((one, i) => isEqual(one, got[i]!, isFuzzy))
  if (isSame) return undefined
  return `${where}, expected (-) and got (+):\n${difference(wanted.map(textOf), got.map(textOf))}`
}

const ordered = (samples: readonly Sample[]): readonly Sample[] =>
  samples.toSorted((a, b) => LabelSet.from(a.labels).compare(LabelSet.from(b.labels)))

function isEqual(wanted: Sample, got: Sample, isFuzzy: boolean): boolean {
  if (keyOf(wanted.labels) !== keyOf(got.labels)) return false
  const [a, b] = [wanted.value, got.value]
  if (typeof a === 'number' && typeof b === 'number')
    return a === b || (isFuzzy && areNeighbours(a, b))
  if (typeof a === 'number' || typeof b === 'number') return false
  return a.counterReset === b.counterReset && equalHistograms(a, b)
}

/** Two floats with none between them. */
function areNeighbours(a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return false
  const distance = orderOf(a) - orderOf(b)
  return distance === 1n || distance === -1n
}

/** The floats as numbers in their order. */
function orderOf(value: number): bigint {
  const bits = new BigInt64Array(Float64Array.of(value).buffer)[0]!
  return bits < 0n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits
}

const textOf = ({ labels, value }: Sample): string =>
  `${formatLabels(LabelSet.from(labels))} ${valueText(value)}`

const valueText = (value: number | FloatHistogram): string =>
  typeof value === 'number'
    ? formatValue(value)
    : `${formatHistogram(value)} counter_reset_hint:${value.counterReset}`
