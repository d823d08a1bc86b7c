import { expect, test } from 'bun:test'
import { parseRules, RulesError } from './rules.ts'
import { repeatsARepetition } from './rules-pattern.ts'

test('patterns in their order, exceptions by name, redaction', () => {
  const rules = parseRules(
    JSON.stringify({
      errors: [
        { type: 'quota_exceeded', pattern: 'quota .* exceeded', flags: 'i' },
        { type: 'rate_limited', pattern: '^slow down' },
        { type: 'bad_input', exception: 'ValidationError' },
        { type: 'other', exception: 'ValidationError' },
      ],
      redact: ['ACME-[0-9]{8}'],
    }),
  )
  expect(rules.patterns.map(({ type, pattern }) => [type, String(pattern)])).toEqual([
    ['quota_exceeded', '/quota .* exceeded/i'],
    ['rate_limited', '/^slow down/'],
  ] as never)
  expect([...rules.exceptions]).toEqual([['ValidationError', 'bad_input']] as never)
  expect(rules.redact.map(String)).toEqual(['/ACME-[0-9]{8}/g'])
  expect(parseRules('{}')).toMatchObject({ patterns: [], redact: [] })
})

test('what cannot be used is named: the entry, what is wrong, what would do', () => {
  for (const [file, sentence] of [
    ['{', /^it is no JSON: /],
    ['[]', 'the file is no object'],
    ['{"error": []}', 'the file has an unknown key "error"; known are errors, redact'],
    ['{"errors": {}}', 'errors is no list'],
    ['{"errors": [7]}', 'errors[0] is no object'],
    ['{"errors": [{"type": "a", "patern": "x"}]}', /^errors\[0\] has an unknown key "patern"/],
    ['{"errors": [{"type": "Bad one", "pattern": "x"}]}', /^errors\[0\]\.type "Bad one" is no/],
    ['{"errors": [{"pattern": "x"}]}', /^errors\[0\]\.type is missing and is no/],
    ['{"errors": [{"type": "a"}]}', 'errors[0] needs either a pattern or an exception'],
    ['{"errors": [{"type": "a", "pattern": "x", "exception": "E"}]}', /needs either/],
    ['{"errors": [{"type": "a", "exception": 5}]}', /^errors\[0\]\.exception is the name/],
    ['{"errors": [{"type": "a", "pattern": "("}]}', /^errors\[0\]\.pattern "\(": /],
    ['{"errors": [{"type": "a", "pattern": "x", "flags": "y"}]}', /flags "y" are none of/],
    ['{"errors": [{"type": "a", "pattern": "x*"}]}', /matches empty text/],
    ['{"errors": [{"type": "a", "pattern": "(x+)+y"}]}', /repeats a repetition/],
    ['{"redact": ["ok", "["]}', /^redact\[1\] "\[": /],
    ['{"redact": [""]}', 'redact[0] is a regular expression, as text'],
  ] as const) {
    let message = 'nothing was thrown'
    try {
      parseRules(file)
    } catch (error) {
      expect(error).toBeInstanceOf(RulesError)
      message = (error as Error).message
    }
    if (typeof sentence === 'string') expect(message).toBe(sentence)
    else expect(message).toMatch(sentence)
  }
})

test('a repetition of a repetition is seen, and nothing else is taken for one', () => {
  for (const source of ['(a+)+', '(?:a*b)*c', '((x|y+)z)*', '(a{2,})+', '([^"]+,)*$'])
    expect([source, repeatsARepetition(source)]).toEqual([source, true])
  for (const source of [
    'a+b+',
    '(a+)?b',
    '(?:ab)+',
    '[(+*]+(x)*',
    '\\(a+\\)+',
    '(a{1,3})+',
    '(a+){2}',
  ])
    expect([source, repeatsARepetition(source)]).toEqual([source, false])
})
