// The shortcuts of patterns must match exactly what RE2 does.

import { expect, test } from 'bun:test'
import { RE2JS } from 're2js'
import { compilePattern } from './pattern.ts'

const PATTERNS = [
  ...['', 'a', 'a.*', '.*a', '.*a.*', '.+a.+', 'a.+', '.+', '.*', 'a|b', '(a|bc)', '(?:a|b|)'],
  ...['a\\.b', 'a.b', '\\.', 'a?', '[ab]', '(a)(b)', 'a|b.*', '(?i)a', '.+a.*', '.*\\*', 'a-b|c/d'],
]
const TEXTS = [
  '',
  'a',
  'b',
  'ab',
  'ba',
  'bab',
  'a.b',
  'axb',
  '.',
  'bc',
  'a\nb',
  '\na',
  'A',
  'aa',
  '*',
]
const MORE_TEXTS = ['b*', 'a-b', 'c/d', 'ab\n']

test.each(PATTERNS)('%j', (pattern) => {
  const reference = RE2JS.compile(`^(?s:${pattern})$`)
  for (const text of [...TEXTS, ...MORE_TEXTS]) {
    expect({ text, matches: compilePattern(pattern).test(text) }).toEqual({
      text,
      matches: reference.matches(text),
    })
  }
})

test('an error quotes the pattern as it was written', () => {
  expect(compilePattern('a(').error).toBe('missing closing ): `a(`')
})
