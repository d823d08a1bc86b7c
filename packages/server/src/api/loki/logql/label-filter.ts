// Label filters: `| status >= 500 or took > 1s`.

import { compileMatcher } from '@stepwell/promql'
import type { Entry } from '../entry.ts'
import type { Comparison, LabelFilter } from './ast.ts'
import { hasError, labelOf, withError } from './entry-labels.ts'
import { containsIp } from './ip.ts'
import { parseBytes, parseDurationSeconds, parseNumber } from './units.ts'

/** The entry, or undefined where the filter drops it. One that cannot compare keeps the line and says so. */
export function compileLabelFilter(filter: LabelFilter): (entry: Entry) => Entry | undefined {
  const test = compileTest(filter)
  return (entry) => {
    const problems: string[] = []
    if (!test(entry, problems)) return undefined
    return problems.length ? withError(entry, 'LabelFilterErr', problems[0]!) : entry
  }
}

type Test = (entry: Entry, problems: string[]) => boolean

function compileTest(filter: LabelFilter): Test {
  switch (filter.kind) {
    case 'match': {
      const { name } = filter.matcher
      const test = compileMatcher(filter.matcher)
      return (entry) => test(labelOf(entry, name) ?? '')
    }
    case 'and':
    case 'or': {
      const left = compileTest(filter.left)
      const right = compileTest(filter.right)
      return filter.kind === 'and'
        ? (entry, problems) => left(entry, problems) && right(entry, problems)
        : (entry, problems) => left(entry, problems) || right(entry, problems)
    }
    case 'ip': {
      const { name, range, negative } = filter
      return tolerant(name, (text) => containsIp(range, text) !== negative)
    }
    case 'compare':
      return compileComparison(filter)
  }
}

/** A line that something went wrong with is dropped by matchers only; one without the label is dropped. */
const tolerant =
  (name: string, test: (text: string, problems: string[]) => boolean): Test =>
  (entry, problems) => {
    if (hasError(entry)) return true
    const text = labelOf(entry, name)
    return text !== undefined && test(text, problems)
  }

const READERS = { number: parseNumber, duration: parseDurationSeconds, bytes: parseBytes }

const COMPARE: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
}

function compileComparison({ name, comparison, value, unit }: LabelFilter & { kind: 'compare' }) {
  const [read, compare] = [READERS[unit], COMPARE[comparison]]
  return tolerant(name, (text, problems) => {
    const found = read(text)
    if (found !== undefined) return compare(found, value)
    problems.push(problemOf(text, unit))
    return true
  })
}

/** What is wrong with a value, in Go's words. */
export function problemOf(text: string, unit: keyof typeof READERS): string {
  const quoted = JSON.stringify(text.slice(0, 100))
  switch (unit) {
    case 'number':
      return `strconv.ParseFloat: parsing ${quoted}: invalid syntax`
    case 'duration':
      return `time: invalid duration ${quoted}`
    case 'bytes':
      return `cannot parse ${quoted} as a size in bytes`
  }
}
