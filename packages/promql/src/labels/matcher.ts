// Matchers of a selector, compiled to a test of a label's value.

import type { Labels, Matcher } from '../source.ts'
import { compilePattern } from './pattern.ts'

/** The test that a matcher makes of a label's value ('' where a series lacks the label). */
export function compileMatcher(matcher: Matcher): (value: string) => boolean {
  const { type, value: wanted } = matcher
  switch (type) {
    case '=':
      return (value) => value === wanted
    case '!=':
      return (value) => value !== wanted
    case '=~':
      return compilePattern(wanted).test
    case '!~': {
      const { test } = compilePattern(wanted)
      return (value) => !test(value)
    }
  }
}

/** One test of all matchers, for sources that hold their series in memory. */
export function compileMatchers(matchers: readonly Matcher[]): (labels: Labels) => boolean {
  const tests = matchers.map((matcher) => ({ name: matcher.name, test: compileMatcher(matcher) }))
  return (labels) =>
    tests.every(({ name, test }) => test(Object.hasOwn(labels, name) ? (labels[name] ?? '') : ''))
}
