import { expect, test } from 'bun:test'
import { duplicateRules } from './duplicates.ts'
import { parseRuleFile, problemText } from './file.ts'

const read = (text: string) => parseRuleFile(new TextEncoder().encode(text))
const problems = (text: string) => read(text).problems.map((problem) => problemText('f', problem))

test('a group, its rules, and its labels on them', () => {
  const { groups, problems } = read(`
groups:
  - name: a
    interval: 1m30s
    query_offset: 0s
    limit: 5
    labels: {team: x, tier: 1}
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
        labels: {team: yes}
      - &down
        alert: Down
        expr: |-
          up
          == 0
        for: 5m
        keep_firing_for: 1h
        annotations: {summary: '{{ $labels.job }} is at {{ $value }}'}
      - <<: *down
        alert: Off
  - name: b
`)
  expect(problems).toEqual([])
  const [a, b] = groups
  expect(a).toMatchObject({ name: 'a', interval: 90_000, queryOffset: 0, limit: 5 })
  expect(b).toMatchObject({ name: 'b', interval: undefined, queryOffset: undefined, rules: [] })
  const [sum, down, off] = a!.rules
  expect(sum).toMatchObject({ kind: 'recording', name: 'job:up:sum', expr: 'sum by (job) (up)' })
  // What looks like a number or a truth value is text.
  expect([...sum!.labels]).toEqual([
    ['team', 'yes'],
    ['tier', '1'],
  ])
  expect(down).toMatchObject({
    kind: 'alerting',
    expr: 'up\n== 0',
    place: { line: 13, column: 16 },
  })
  expect(off).toMatchObject({ name: 'Off', for: 300_000, keepFiringFor: 3_600_000 })
})

test('an empty file has no groups', () => {
  expect(read('')).toEqual({ groups: [], problems: [] })
  expect(read('groups:\n')).toEqual({ groups: [], problems: [] })
})

const rule = (lines: string) =>
  `groups:\n- name: g\n  rules:\n  - ${lines.replaceAll('\n', '\n    ')}`

test.each([
  ['rules: []', ['f: 1:1: field rules not found in a rule file; there is groups']],
  ['groups: {}', ['f: 1:9: a mapping is not a list']],
  ['groups:\n- name: a\n  name: b', ['f: 3:3: mapping key "name" already defined at line 2']],
  ['groups:\n- name: a\n- name: a', ['f: 3:3: groupname: "a" is repeated in the same file']],
  ['groups:\n- rules: []', ['f: 2:3: Groupname must not be empty']],
  ['groups:\n- name: a\n  interval: 5x', ['f: 3:13: unknown unit "x" in duration "5x"']],
  ['groups:\n- name: a\n  interval: 1s1m', ['f: 3:13: not a valid duration string: "1s1m"']],
  ['groups:\n- name: a\n  interval: 300y', ['f: 3:13: duration out of range']],
  ['groups:\n- name: a\n  limit: many', ['f: 3:10: "many" is not a number']],
  [
    rule('record: r\nexpr: up\nforr: 1m'),
    [
      'f: 6:5: field forr not found in a rule; there are record, alert, expr, for, keep_firing_for, labels, annotations',
    ],
  ],
  [
    rule('record: r\nexpr: sum('),
    [
      'f: 5:11: group "g", rule 1, "r": could not parse expression: 1:5: parse error: unclosed left parenthesis',
    ],
  ],
  [rule('record: r'), [`f: 4:5: group "g", rule 1, "r": field 'expr' must be set in rule`]],
  [
    rule('record: r\nexpr: up\nfor: 1m\nkeep_firing_for: 1m\nannotations: {a: b}'),
    ['annotations', 'for', 'keep_firing_for'].map(
      (name) => `f: 4:13: group "g", rule 1, "r": invalid field '${name}' in recording rule`,
    ),
  ],
  [
    rule('record: r\nalert: A\nexpr: up'),
    [`f: 4:13: group "g", rule 1, "A": only one of 'record' and 'alert' must be set`],
  ],
  [rule('expr: up'), [`f: 4:5: group "g", rule 1, "": one of 'record' or 'alert' must be set`]],
  [
    rule('record: r{a="b"}\nexpr: up'),
    [
      'f: 4:13: group "g", rule 1, "r{a="b"}": braces present in the recording rule name; should it be in expr?: r{a="b"}',
    ],
  ],
  [
    rule('record: r\nexpr: up\nlabels: {__name__: x}'),
    ['f: 6:14: group "g", rule 1, "r": invalid label name: __name__'],
  ],
  [
    rule("alert: A\nexpr: up\nannotations:\n  a: '{{ nobody }}'\n  b: '{{ $x }}'\n  c: '{{ if }}'"),
    [
      'f: 7:7: group "g", rule 1, "A": annotation "a": template: __alert_A:1: function "nobody" not defined',
      'f: 8:7: group "g", rule 1, "A": annotation "b": template: __alert_A:1: undefined variable "$x"',
      'f: 9:7: group "g", rule 1, "A": annotation "c": template: __alert_A:1: missing value for if',
    ],
  ],
])('%j', (text, expected) => {
  expect(problems(text)).toEqual(expected)
})

test('an alias stands for what is before it in the file, whatever is read first', () => {
  const { groups, problems } = read(`groups:
- name: g
  rules:
  - alert: A
    annotations: &a {a: &b one}
    labels: {b: *b, c: &b two, d: *b}
    expr: up
  - {alert: B, expr: up, annotations: *a}
`)
  expect(problems).toEqual([])
  const [a, b] = groups[0]!.rules
  expect(Object.fromEntries(a!.labels)).toEqual({ b: 'one', c: 'two', d: 'two' })
  expect(b).toMatchObject({ annotations: new Map([['a', 'one']]) })
})

test('an alias without an anchor before it is refused', () => {
  expect(problems('groups: *a')).toEqual(["f: 1:9: yaml: unknown anchor 'a' referenced"])
})

test('merging into itself, or without end, is refused', () => {
  expect(problems('groups:\n- &x\n  <<: *x\n  name: a\n')).toEqual([
    'f: 3:3: yaml: a mapping is merged into itself',
  ])
  const levels = Array.from(
    { length: 12 },
    (_, i) => `- &l${i} {name: g${i}, <<: [${`*l${i - 1}, `.repeat(10)}]}`,
  )
  levels[0] = '- &l0 {name: g}'
  expect(problems(`groups:\n${levels.join('\n')}\n`)).toEqual([
    expect.stringContaining('excessive aliasing'),
  ])
})

test('what is no YAML is told with its place', () => {
  expect(problems('groups:\n- a: [1\n')).toEqual([expect.stringMatching(/^f: 3:1: yaml: /)])
  expect(parseRuleFile(Uint8Array.of(0xff)).problems).toEqual([
    { line: 1, column: 1, reason: 'yaml: it is not UTF-8' },
  ])
})

test('a rule is told whose name and labels were there before, in whatever group', () => {
  const { groups } = read(`groups:
- name: a
  rules:
  - {record: r, expr: '1'}
  - {record: r, expr: '2', labels: {a: b}}
- name: b
  labels: {a: b}
  rules:
  - {record: r, expr: '3'}
  - {record: s, expr: '4'}
`)
  expect(duplicateRules(groups).map(({ expr }) => expr)).toEqual(['3'])
})
