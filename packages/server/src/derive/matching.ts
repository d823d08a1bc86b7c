// Prometheus' label matchers over label sets; regular expressions are RE2's, fully anchored.

import type { Labels, Matcher } from '@stepwell/promql'
import { RE2JS } from 're2js'

/** Whether a label's value ('' where the series lacks it) passes. */
export interface LabelTest {
  readonly name: string
  test(value: string): boolean
}

export function labelTests(matchers: readonly Matcher[]): LabelTest[] {
  return matchers.map(({ name, type, value }) => {
    if (type === '=') return { name, test: (text) => text === value }
    if (type === '!=') return { name, test: (text) => text !== value }
    const wanted = type === '=~'
    const matches = fullMatch(value)
    return { name, test: (text) => matches(text) === wanted }
  })
}

export const allPass = (tests: readonly LabelTest[], labels: Labels): boolean =>
  tests.every(({ name, test }) => test(labels[name] ?? ''))

/** The tests of one label: applied once where many series share its value. */
export const testsOf = (tests: readonly LabelTest[], name: string): LabelTest[] =>
  tests.filter((test) => test.name === name)

/** A label has few values and many series: each value is matched once. */
function fullMatch(pattern: string): (text: string) => boolean {
  const compiled = RE2JS.compile(pattern, RE2JS.DOTALL)
  const known = new Map<string, boolean>()
  return (text) => {
    let found = known.get(text)
    if (found === undefined) {
      found = compiled.matches(text)
      known.set(text, found)
    }
    return found
  }
}
