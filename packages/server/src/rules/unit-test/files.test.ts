import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runTestFile } from './files.ts'

const folder = mkdtempSync(join(tmpdir(), 'stepwell-rules-'))
afterAll(() => rmSync(folder, { recursive: true }))

const RULES = `groups:
- name: g
  rules:
  - {record: 'a:m:sum', expr: sum by (a) (m)}
  - alert: High
    expr: a:m:sum > 2
    annotations: {summary: '{{ $labels.a }} is {{ $value }}'}
`
writeFileSync(join(folder, 'rules.yaml'), RULES)

const HEAD = `rule_files: [rules.yaml]
tests:
- name: one
  input_series:
  - {series: 'm{a="x"}', values: '1+1x9'}
  - {series: 'h', values: '{{schema:0 count:2 sum:3 buckets:[2]}}x9'}
`

function run(text: string) {
  const file = join(folder, 'test.yaml')
  writeFileSync(file, text)
  return runTestFile(file)
}

const failures = async (text: string) =>
  (await run(HEAD + text)).tests.flatMap((one) => one.failures)

test('expectations that are met are counted', async () => {
  const { problems, warnings, tests } = await run(`${HEAD}
  alert_rule_test:
  - {eval_time: 1m, alertname: High, exp_alerts: []}
  - eval_time: 2m30s
    alertname: High
    exp_alerts: [{exp_labels: {a: x}, exp_annotations: {summary: x is 3}}]
  promql_expr_test:
  - {expr: 'a:m:sum', eval_time: 4m, exp_samples: [{labels: 'a:m:sum{a="x"}', value: 5}]}
  - {expr: h, eval_time: 0m, exp_samples: [{labels: h, histogram: '{{count:2 sum:3 buckets:[2]}}'}]}
- promql_expr_test:
  - {expr: m, eval_time: 1m, exp_samples: []}
`)
  expect({ problems, warnings }).toEqual({ problems: [], warnings: [] })
  expect(tests).toEqual([
    { name: 'one', met: 4, failures: [] },
    { name: 'unnamed#1', met: 1, failures: [] },
  ])
})

test('an alert that is not as expected is told, with what is missing and what is too much', async () => {
  const text = `  alert_rule_test:
  - {eval_time: 5m, alertname: High, exp_alerts: [{exp_labels: {a: y}}]}
`
  expect(await failures(text)).toEqual([
    `8:5: alert High at 300 s, expected (-) and firing (+):
  - labels {a="y", alertname="High"}
    annotations {}
  + labels {a="x", alertname="High"}
    annotations {summary="x is 6"}`,
  ])
})

test('so is an answer', async () => {
  const text = `  promql_expr_test:
  - {expr: m, eval_time: 2m, exp_samples: [{labels: 'm{a="x"}', value: 2}]}
  - {expr: sum(, eval_time: 2m}
  - {expr: h, eval_time: 1m, exp_samples: [{labels: h, histogram: '{{count:2 sum:3 buckets:[2]}}'}]}
`
  expect(await failures(text)).toEqual([
    '8:5: m at 120 s, expected (-) and got (+):\n  - {__name__="m", a="x"} 2\n  + {__name__="m", a="x"} 3',
    '9:5: sum( at 120 s: 1:5: parse error: unclosed left parenthesis',
    `10:5: h at 60 s, expected (-) and got (+):
  - {__name__="h"} {count:2, sum:3, (0.5,1]:2} counter_reset_hint:unknown
  + {__name__="h"} {count:2, sum:3, (0.5,1]:2} counter_reset_hint:not_reset`,
  ])
})

test('floats may be neighbours where the file says so', async () => {
  const text = `  promql_expr_test:
  - {expr: vector(0.1) + 0.2, eval_time: 1m, exp_samples: [{value: 0.3}]}
  - {expr: vector(0.1) + 0.2, eval_time: 1m, exp_samples: [{value: 0.3000001}]}
`
  expect(await failures(text)).toHaveLength(2)
  expect(await failures(`${text}fuzzy_compare: true\n`)).toHaveLength(1)
})

test('a rule that fails ends its test', async () => {
  writeFileSync(
    join(folder, 'failing.yaml'),
    `groups: [{name: g, rules: [{record: r, expr: '"text"'}]}]`,
  )
  const { tests } = await run(
    'rule_files: [failing.yaml]\ntests: [{promql_expr_test: [{expr: m, eval_time: 1m}]}]',
  )
  expect(tests).toEqual([
    {
      name: 'unnamed#0',
      met: 0,
      failures: ['rule r at 0 s: rule result is not a vector or scalar'],
    },
  ])
})

test('two rules that give one series are told apart by nobody', async () => {
  writeFileSync(
    join(folder, 'twice.yaml'),
    `groups: [{name: g, rules: [{record: r, expr: '1'}, {record: r, expr: '2'}]}]`,
  )
  const { tests } = await run('rule_files: [twice.yaml]\ntests: [{}]')
  expect(tests[0]!.failures).toEqual(['rule r at 0 s: duplicate sample for timestamp'])
})

test('nothing is run where a file is not sound', async () => {
  const path = join(folder, 'test.yaml')
  expect(await run('tests:\n- alert_rule_test: [{eval_time: 1x}]\n  colour: red\n')).toEqual({
    problems: [
      `${path}: 2:21: an item under alert_rule_test misses required attribute alertname`,
      `${path}: 2:33: unknown unit "x" in duration "1x"`,
      `${path}: 3:3: field colour not found in a test; there are name, interval, input_series, alert_rule_test, promql_expr_test, external_labels, external_url, start_timestamp`,
    ],
    warnings: [],
    tests: [],
  })
  writeFileSync(join(folder, 'bad.yaml'), 'groups: 5\n')
  const { problems } = await run('rule_files: [bad.yaml, rules.yaml]\ntests: []\n')
  expect(problems).toEqual([`${join(folder, 'bad.yaml')}: 1:9: "5" is not a list`])
})

test('rule files are found by patterns; one that finds nothing is told', async () => {
  const { warnings } = await run('rule_files: [rul*.yaml, none/*.yaml]\ntests: []\n')
  expect(warnings).toEqual([`${join(folder, 'test.yaml')}: no file matches none/*.yaml`])
})

test.each([
  [`{series: 'm{a="b"', values: '1'}`, 'labels without an end'],
  ["{series: m, values: '1+1'}", 'points "1+1"'],
  [`{series: 'm{a="b",a="c"}', values: '1'}`, 'label name "a" is not unique'],
  ["{series: '', values: '1'}", 'neither name nor labels'],
  ["{series: m, values: '{{cuont:1}}'}", 'histogram with "cuont"'],
])('%s is no series', async (series, reason) => {
  const { problems } = await run(`tests: [{input_series: [${series}]}]`)
  expect(problems.map((problem) => problem.includes(reason))).toEqual([true])
})
