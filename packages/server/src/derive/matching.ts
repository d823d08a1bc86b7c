// Label matchers, taken apart by label: the name and `le` are many series' alike, and are tested once for all.

import { compileMatcher, type Labels, type Matcher } from '@stepwell/promql'

/** Whether a label's value ('' where the series lacks it) passes. */
export interface LabelTest {
  readonly name: string
  test(value: string): boolean
}

export const labelTests = (matchers: readonly Matcher[]): LabelTest[] =>
  matchers.map((matcher) => ({ name: matcher.name, test: compileMatcher(matcher) }))

export const allPass = (tests: readonly LabelTest[], labels: Labels): boolean =>
  tests.every(({ name, test }) => test(labels[name] ?? ''))

export const testsOf = (tests: readonly LabelTest[], name: string): LabelTest[] =>
  tests.filter((test) => test.name === name)
