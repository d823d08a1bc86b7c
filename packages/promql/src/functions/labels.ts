// label_replace and label_join.

import { RE2JS } from 're2js'
import { executionError, PromqlError } from '../error.ts'
import { joined } from '../evaluate/merge.ts'
import { stringOf, vectorOf } from '../evaluate/operands.ts'
import type { StepSeries } from '../evaluate/values.ts'
import { METRIC_NAME } from '../labels/label-set.ts'
import { isValidUtf8 } from '../text/quote.ts'
import type { CallEvaluator } from './define.ts'

/** A value that is made of itself again and again takes all memory; characters. */
const MAX_VALUE = 2 ** 20

/** label_replace(v, destination, replacement, source, regex). */
export const labelReplace: CallEvaluator = async (context, call) => {
  const [operand, ...rest] = call.arguments
  const strings: string[] = []
  for (const argument of rest) strings.push(await stringOf(context, argument))
  const [destination = '', replacement = '', source = '', pattern = ''] = strings
  const regex = compile(pattern)
  if (destination === '' || !isValidUtf8(destination)) {
    throw executionError(`invalid destination label name in label_replace(): ${destination}`)
  }
  const series = await vectorOf(context, operand)
  return joined(
    series.map((one) => {
      const matcher = regex.matcher(one.labels.get(source))
      if (!matcher.matches()) return one
      const groups = namedGroups(regex)
      let room = MAX_VALUE
      const value = expand(replacement, (name) => {
        const index = /^\d+$/.test(name) ? Number(name) : groups.get(name)
        const group =
          index === undefined || index > matcher.groupCount() ? '' : (matcher.group(index) ?? '')
        room -= group.length
        if (room < 0) throw tooLong('label_replace', destination)
        return group
      })
      return relabel(one, destination, value)
    }),
  )
}

/** label_join(v, destination, separator, source…). */
export const labelJoin: CallEvaluator = async (context, call) => {
  const [operand, ...rest] = call.arguments
  const strings: string[] = []
  for (const argument of rest) strings.push(await stringOf(context, argument))
  const [destination = '', separator = '', ...sources] = strings
  const invalid = sources.find((source) => source === '' || !isValidUtf8(source))
  if (invalid !== undefined) {
    throw executionError(`invalid source label name in label_join(): ${invalid}`)
  }
  if (destination === '' || !isValidUtf8(destination)) {
    throw executionError(`invalid destination label name in label_join(): ${destination}`)
  }
  const series = await vectorOf(context, operand)
  return joined(
    series.map((one) => {
      const values = sources.map((source) => one.labels.get(source))
      const length = values.reduce((sum, value) => sum + value.length + separator.length, 0)
      if (length > MAX_VALUE) throw tooLong('label_join', destination)
      return relabel(one, destination, values.join(separator))
    }),
  )
}

function relabel(series: StepSeries, name: string, value: string): StepSeries {
  // A name that was just set is not the one to be dropped.
  const dropName = name === METRIC_NAME ? false : series.dropName
  return series.relabelled(series.labels.with(name, value), dropName)
}

const tooLong = (name: string, label: string): PromqlError =>
  new PromqlError(
    'limit',
    `${name}() would give label ${label} a value of more than ${MAX_VALUE} characters`,
  )

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(`^(?s:${pattern})$`)
  } catch {
    throw executionError(`invalid regular expression in label_replace(): ${pattern}`)
  }
}

function namedGroups(regex: RE2JS): ReadonlyMap<string, number> {
  return new Map(Object.entries(regex.namedGroups()))
}

/** Replaces `$1`, `${1}`, `$name`, `${name}` and `$$` as Go's `Regexp.Expand` does. */
function expand(template: string, group: (name: string) => string): string {
  return template.replaceAll(
    /\$(?:\$|(\w+)|\{(\w+)\})/g,
    (whole, bare?: string, braced?: string) => {
      if (whole === '$$') return '$'
      return group(bare ?? braced ?? '')
    },
  )
}
