// Whether a result is what a script expects, and if not, in which way.

import type { Evaluation, Point, Result } from '../evaluate/evaluate.ts'
import { compact } from '../histogram/compact.ts'
import type { Buckets, FloatHistogram } from '../histogram/float-histogram.ts'
import { formatLabels } from '../labels/format.ts'
import { LabelSet } from '../labels/label-set.ts'
import { unquote } from '../text/quote.ts'
import type { Expectation } from './script.ts'
import type { ScriptSeries } from './series.ts'

const TOLERANCE = 1e-6

/** What is wrong with the warnings or infos; undefined if nothing is. */
export function compareRemarks(
  expectations: readonly Expectation[],
  evaluation: Evaluation,
): string | undefined {
  for (const [what, remarks] of [
    ['warn', evaluation.warnings],
    ['info', evaluation.infos],
  ] as const) {
    if (expectations.some((one) => one.what === `no_${what}`) && remarks.length > 0) {
      return `unexpected ${what}: ${remarks.join('; ')}`
    }
    const wanted = expectations.filter((one) => one.what === what)
    for (const expectation of wanted) {
      if (!remarks.some((remark) => matchesText(expectation, remark))) {
        return `expected ${what} ${expectation.match?.text ?? ''}, got ${JSON.stringify(remarks)}`
      }
    }
    // Where one is expected, so must be all others.
    const other = remarks.find((remark) => !wanted.some((one) => matchesText(one, remark)))
    if (wanted.length > 0 && other !== undefined) return `unexpected ${what}: ${other}`
  }
  return undefined
}

/** Whether a message is as an expectation has it. */
export function matchesText({ match }: Expectation, message: string): boolean {
  if (match === undefined) return true
  return match.kind === 'msg' ? message === match.text : new RegExp(match.text).test(message)
}

/** What is wrong with the result; undefined if nothing is. */
export function compareResult(
  result: Result,
  expected: readonly ScriptSeries[],
  scalar: number | undefined,
  times: readonly number[],
  expectations: readonly Expectation[],
): string | undefined {
  const text = expectations.find((one) => one.what === 'string')?.text
  if (result.type === 'string') {
    return text !== undefined && unquote(text) === result.value
      ? undefined
      : `string ${result.value}`
  }
  if (result.type === 'scalar') {
    return scalar !== undefined && equalFloats(scalar, result.value)
      ? undefined
      : `expected ${scalar ?? 'series'}, got the scalar ${result.value}`
  }
  if (scalar !== undefined) return `expected a scalar, got a ${result.type}`
  const actual =
    result.type === 'vector'
      ? result.samples.map((sample) => ({ labels: LabelSet.from(sample.labels), points: [sample] }))
      : result.series.map(({ labels, points }) => ({ labels: LabelSet.from(labels), points }))
  const isOrdered = expectations.some((one) => one.what === 'ordered')
  if (isOrdered) {
    const order = actual.map(({ labels }) => labels.key).join('\n')
    const wanted = expected.map(({ labels }) => labels.key).join('\n')
    if (order !== wanted) {
      return `in the order ${actual.map(({ labels }) => formatLabels(labels)).join(' ')}`
    }
  }
  return compareSeries(actual, expected, times)
}

function compareSeries(
  actual: readonly { readonly labels: LabelSet; readonly points: readonly Point[] }[],
  expected: readonly ScriptSeries[],
  times: readonly number[],
): string | undefined {
  const byKey = new Map(actual.map((series) => [series.labels.key, series]))
  for (const { labels, points } of expected) {
    const series = byKey.get(labels.key)
    const wanted = points.slice(0, times.length)
    if (series === undefined) {
      // A series of nothing but gaps needn't be there.
      if (wanted.every((point) => point === undefined)) continue
      const got = actual.map((one) => formatLabels(one.labels)).join(' ')
      return `no series ${formatLabels(labels)}, only ${got}`
    }
    byKey.delete(labels.key)
    const found = new Map(series.points.map((point) => [point.time, point.value]))
    for (const [i, time] of times.entries()) {
      const want = wanted[i]
      const got = found.get(time)
      found.delete(time)
      if (want === 'stale' || !equalValues(want, got)) {
        return `${formatLabels(labels)} at ${time} ms: expected ${print(want)}, got ${print(got)}`
      }
    }
    if (found.size > 0) return `${formatLabels(labels)}: points at ${[...found.keys()].join(' ')}`
  }
  const [extra] = byKey.values()
  if (extra === undefined) return undefined
  return `unexpected series ${formatLabels(extra.labels)} ${print(extra.points[0]?.value)}`
}

function print(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function equalValues(
  wanted: number | FloatHistogram | undefined,
  got: number | FloatHistogram | undefined,
): boolean {
  if (wanted === undefined || got === undefined) return wanted === got
  if (typeof wanted === 'number' || typeof got === 'number') {
    return typeof wanted === 'number' && typeof got === 'number' && equalFloats(wanted, got)
  }
  return equalHistograms(compact(wanted), compact(got))
}

function equalHistograms(wanted: FloatHistogram, got: FloatHistogram): boolean {
  return (
    wanted.schema === got.schema &&
    equalFloats(wanted.count, got.count) &&
    equalFloats(wanted.sum, got.sum) &&
    equalFloats(wanted.zeroCount, got.zeroCount) &&
    equalFloats(wanted.zeroThreshold, got.zeroThreshold) &&
    equalLists(wanted.customBounds, got.customBounds) &&
    equalBuckets(wanted.positive, got.positive) &&
    equalBuckets(wanted.negative, got.negative) &&
    (wanted.counterReset === 'unknown' || wanted.counterReset === got.counterReset)
  )
}

function equalBuckets(wanted: Buckets, got: Buckets): boolean {
  return equalLists(wanted.indexes, got.indexes) && equalLists(wanted.counts, got.counts)
}

function equalLists(wanted: readonly number[], got: readonly number[]): boolean {
  return wanted.length === got.length && wanted.every((value, i) => equalFloats(value, got[i] ?? 0))
}

function equalFloats(wanted: number, got: number): boolean {
  if (Number.isNaN(wanted) && Number.isNaN(got)) return true
  if (wanted === got) return true
  const sum = Math.abs(wanted) + Math.abs(got)
  if (wanted === 0 || got === 0 || sum < 2.2250738585072014e-308) {
    return Math.abs(wanted - got) < TOLERANCE * 2.2250738585072014e-308
  }
  return Math.abs(wanted - got) / Math.min(sum, Number.MAX_VALUE) < TOLERANCE
}
