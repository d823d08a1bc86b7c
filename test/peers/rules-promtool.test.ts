// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Go's templates
// What promtool says of rule files and of their unit tests is what ours says: whether they are sound, where they are
// not, and whether the tests pass.

import { expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, temporaryFolder } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'

const PACK = join(root, 'deploy/prometheus')

const rule = (lines: string) =>
  `groups:\n- name: g\n  rules:\n  - ${lines.replaceAll('\n', '\n    ')}\n`

/** Files that are no good, and some that only look so. */
const FILES: readonly string[] = [
  '',
  'groups:\n',
  'groups:\n- name: a\n',
  'foo: 1\n',
  'groups: 5\n',
  '- a\n',
  'groups:\n- name: a\n  intervall: 5m\n',
  'groups:\n- name: a\n  interval: 5x\n',
  'groups:\n- name: a\n  interval: 1m1h\n',
  'groups:\n- name: a\n  interval: 0\n',
  'groups:\n- name: a\n  query_offset: -5m\n',
  'groups:\n- name: a\n  limit: many\n',
  'groups:\n- name: a\n  limit: 2\n  labels: {a: 1, b: true}\n',
  'groups:\n- name: a\n  labels: {__name__: b}\n',
  'groups:\n- name: a\n  name: b\n',
  'groups:\n- name: a\n- name: a\n',
  'groups:\n- rules: []\n',
  'groups:\n- name: [a\n',
  'groups:\n- name: a\n---\nnot: read\n',
  'groups:\n- &x\n  <<: *x\n  name: a\n',
  'groups:\n- &a {name: a, limit: 1}\n- {<<: *a, name: b}\n- {<<: *a}\n',
  'groups: *nobody\n',
  rule('alert: A\nannotations: {a: &b "{{ nobody }}"}\nlabels: {b: *b}\nexpr: up'),
  rule('record: r\nexpr: up'),
  rule('record: r\nexpr: 1'),
  rule('record: r\nexpr: [1]'),
  rule('record: r'),
  rule('record: r\nexpr: ""'),
  rule('expr: up'),
  rule('record: r\nalert: A\nexpr: up'),
  rule('record: r\nexpr: rate(up)'),
  rule('record: r\nexpr: |\n  sum(\n    up'),
  rule('record: r\nexpr: up\nfor: 5m'),
  rule('record: r\nexpr: up\nfor: 0s'),
  rule('record: r\nexpr: up\nkeep_firing_for: 5m'),
  rule('record: r\nexpr: up\nannotations: {a: b}'),
  rule('record: "a b"\nexpr: up'),
  rule('record: r{a="b"}\nexpr: up'),
  rule('record: r\nexpr: up\nlabels: {"": b}'),
  rule('record: r\nexpr: up\nlabels: {"a-b": "{{ nobody }}"}'),
  rule('record: r\nexpr: up\nlabels: [a]'),
  rule('record: r\nexpr: up\ncolour: red'),
  rule('alert: A\nexpr: up\nfor: 5q'),
  rule('alert: A\nexpr: up\nfor: 5m\nkeep_firing_for: 1h\nlabels: {a: "{{ $value }}"}'),
  rule('alert: A\nexpr: up\nlabels: {__name__: b}'),
  rule('alert: A\nexpr: up\nannotations: {"": b}'),
  ...[
    '{{ $labels.a }} {{ .Labels.b }} {{ $externalLabels.c }} {{ $externalURL }} {{ $value }}',
    '{{ nobody 1 }}',
    '{{ $nobody }}',
    '{{ $x := 1 }}{{ if true }}{{ $y := $x }}{{ end }}{{ $y }}',
    '{{ if }}',
    '{{ if true }}',
    '{{ end }}',
    '{{ $labels.a ',
    '{{ "a }}',
    '{{ range $i, $s := query "up" }}{{ $i }}{{ $s.Labels.a }}{{ else }}none{{ end }}',
    '{{ with $x := query "up" }}{{ $x | first | value | humanize }}{{ end }}',
    '{{- /* a comment */ -}} {{ printf "%.2f" $value | toUpper }}',
    '{{ 1 | 2 }}',
    '{{ (query "up" }}',
    '{{ not sound }}',
    '{{ query "sum(" }}',
    '{{ and 1 (or 0 (eq 1 2 3)) | print | len }}',
  ].map((text) => rule(`alert: A\nexpr: up\nannotations: {a: ${JSON.stringify(text)}}`)),
]

testWith(['promtool'], 'a rule file is sound for both or for neither', async (promtool) => {
  const folder = temporaryFolder('rules-promtool')
  const files = [join(PACK, 'agent-recording.yaml'), join(PACK, 'agent-alerting.yaml')]
  for (const [i, text] of FILES.entries()) {
    const file = join(folder, `${i}.yaml`)
    writeFileSync(file, text)
    files.push(file)
  }
  const different: unknown[] = []
  let unsound = 0
  for (const file of files) {
    const [theirs, ours] = await Promise.all([
      said([promtool, 'check', 'rules', file]),
      said([join(root, 'stepwell'), 'rules', 'check', file]),
    ])
    if (theirs.code !== 0) unsound++
    const named = linesIn(ours.text)
    const missing = [...linesIn(theirs.text)].filter((line) => !named.has(line))
    if (ours.code !== theirs.code || missing.length > 0)
      different.push({ file: await Bun.file(file).text(), theirs, ours })
  }
  expect(different).toEqual([])
  expect(unsound).toBeGreaterThan(30)
})

const RULES = `groups:
- name: g
  rules:
  - {record: 'job:m:sum', expr: sum by (job) (m)}
  - {record: doubled, expr: 2 * job:m:sum, labels: {of: sum}}
  - alert: High
    expr: job:m:sum > 5
    for: 2m
    keep_firing_for: 3m
    labels: {severity: page, none: '{{ $labels.none }}'}
    annotations:
      summary: '{{ $labels.job }} is at {{ $value }}'
      shown: '{{ $value | humanize }} {{ humanizePercentage 0.5 }} {{ $externalLabels.cluster }} {{ $externalURL }}'
      asked: '{{ with query "doubled" }}{{ . | first | value | printf "%.1f" }}{{ end }}'
      times: '{{ 90 | humanizeDuration }} {{ now }} {{ toTime 90 }} {{ humanizeTimestamp 0 }} {{ 1234567.0 }}'
  - {alert: Always, expr: vector(1)}
- name: h
  rules:
  - {record: after, expr: 'count(ALERTS) by (alertname, alertstate)'}
`

const LABELS = '{severity: page, job: a}'
const annotations = (value: number, asked: string, now: string) =>
  `{summary: a is at ${value}, shown: '${value} 50% eu https://example.com', asked: '${asked}', times: '1m 30s ${now} 1970-01-01 00:01:30 +0000 UTC 1970-01-01 00:00:00 +0000 UTC 1.234567e+06'}`
const EIGHT = `[{exp_labels: ${LABELS}, exp_annotations: ${annotations(8, '16.0', '480')}}]`
const alerts = (at: string, expected: string, name = 'High') =>
  `alert_rule_test: [{eval_time: ${at}, alertname: ${name}, exp_alerts: ${expected}}]`
const answers = (at: string, expr: string, expected: string) =>
  `promql_expr_test: [{eval_time: ${at}, expr: ${JSON.stringify(expr)}, exp_samples: ${expected}}]`

/** Bodies of a test over one series, and whether it passes. */
const TESTS: readonly (readonly [passes: boolean, body: string])[] = [
  [true, alerts('8m', EIGHT)],
  [true, alerts('8m30s', EIGHT)],
  // Kept firing, it says what it said last.
  [true, alerts('9m', EIGHT)],
  [false, alerts('8m', `[{exp_labels: ${LABELS}}]`)],
  [false, alerts('8m', '[]')],
  [true, alerts('7m59s', '[]')],
  [false, alerts('11m59s', '[]')],
  [true, alerts('12m', '[]')],
  [true, alerts('0m', '[{}]', 'Always')],
  [true, alerts('0m', '[{exp_labels: {alertname: Other}}]', 'Always')],
  [false, alerts('0m', '[{}, {}]', 'Always')],
  [true, alerts('0m', '[]', 'Nobody')],
  [false, alerts('0m', '[{}]', '""')],
  [true, answers('4m', 'job:m:sum', `[{labels: 'job:m:sum{job="a"}', value: 4}]`)],
  [false, answers('4m', 'job:m:sum', `[{labels: 'job:m:sum{job="b"}', value: 4}]`)],
  [
    true,
    answers('4m', 'doubled', `[{labels: '{__name__="doubled", job="a", of="sum"}', value: 8}]`),
  ],
  [false, answers('4m', 'sum(doubled)', '[{value: 8.0000001}]')],
  [
    true,
    answers(
      '8m',
      'after{alertname="High"}',
      `[{labels: 'after{alertname="High", alertstate="firing"}', value: 1}]`,
    ),
  ],
  [
    true,
    answers(
      '6m',
      'ALERTS_FOR_STATE{alertname="High"}',
      `[{labels: 'ALERTS_FOR_STATE{alertname="High", job="a", severity="page", none="{{ $labels.none }}"}', value: 360}]`,
    ),
  ],
  [true, answers('8m', 'count(ALERTS{alertstate="firing"})', '[{value: 2}]')],
  [true, answers('8m', 'count(ALERTS{alertstate="pending"})', '[]')],
  [false, answers('8m', 'ALERTS', '[]')],
  [true, answers('30m', 'doubled', '[]')],
  [false, answers('4m', '0 / vector(0)', '[{value: .nan}]')],
  [true, answers('4m', '1 / vector(0)', '[{value: .inf}]')],
  [false, answers('4m', 'sum(', '[]')],
  [false, answers('4m', '"text"', '[]')],
  [true, answers('4m', '7', '[{value: 7}]')],
  [true, answers('3m', 'rate(m[2m:])', `[{labels: '{job="a"}', value: 0.016666666666666666}]`)],
  [true, `start_timestamp: 1700000000\n  ${answers('1m', 'time()', '[{value: 1700000060}]')}`],
  [
    true,
    `start_timestamp: 2024-01-01T00:00:00Z\n  ${answers('1m', 'm', `[{labels: 'm{job="a"}', value: 1}]`)}`,
  ],
  [false, `start_timestamp: yesterday\n  ${answers('1m', 'm', '[]')}`],
  [false, 'colour: red'],
  [false, 'promql_expr_test: [{eval_time: 1q, expr: m}]'],
  [false, answers('1m', 'm', "[{labels: 'm{', value: 1}]")],
  [false, answers('1m', 'm', `[{labels: 'm{job="a"}', value: one}]`)],
]

const HEADS: readonly string[] = [
  'rule_files: [rules.yaml]\nevaluation_interval: 1m\ngroup_eval_order: [g, h]\n',
  'rule_files: [rul*.yaml]\ngroup_eval_order: [g, h]\n',
]

const SERIES = `- {series: 'm{job="a"}', values: '0+1x8 4x2 _x3 stale'}`

testWith(['promtool'], 'unit tests pass with both or with neither', async (promtool) => {
  const folder = temporaryFolder('rules-promtool')
  writeFileSync(join(folder, 'rules.yaml'), RULES)
  const files = new Map<string, boolean>()
  for (const name of ['alerting', 'recording']) files.set(join(PACK, `tests/${name}.yaml`), true)
  const write = (passes: boolean, text: string) => {
    const file = join(folder, `test-${files.size}.yaml`)
    writeFileSync(file, text)
    files.set(file, passes)
  }
  for (const [i, [passes, body]] of TESTS.entries())
    write(
      passes,
      `${HEADS[i % HEADS.length]}tests:\n- interval: 1m\n  external_labels: {cluster: eu}\n  external_url: https://example.com\n  input_series:\n  ${SERIES}\n  ${body}\n`,
    )
  write(true, 'rule_files: [nobody.yaml]\ntests: []\n')
  write(false, 'group_eval_order: [a, a]\n')
  write(false, 'tests: 5\n')
  const different: unknown[] = []
  for (const [file, passes] of files) {
    const [theirs, ours] = await Promise.all([
      said([promtool, 'test', 'rules', file]),
      said([join(root, 'stepwell'), 'rules', 'test', file]),
    ])
    const code = passes ? 0 : 1
    if (ours.code !== code || theirs.code !== code)
      different.push({ file: await Bun.file(file).text(), passes, theirs, ours })
  }
  expect(different).toEqual([])
})

const NUMBERS = [
  ...[
    '0.0',
    '0.5',
    '1234.5',
    '12345.0',
    '1.0',
    '-1.5',
    '999.95',
    '1234.5678',
    '9999.96',
    '1e6',
    '123456789.0',
    '1e21',
    '-0.000123',
    '1e-7',
    '59.99',
  ],
  ...['3599.0', '86461.5', '-93784.0', '1024.0', '1e30', '"12.5"', '7', '1700000000.123'],
]

/** What templates may hold; all of them come to something. */
const TEMPLATES: readonly string[] = [
  ...NUMBERS.flatMap((number) => [
    `{{ ${number} }} {{ humanize ${number} }} {{ humanize1024 ${number} }} {{ humanizePercentage ${number} }}`,
    `{{ printf "%v %s" ${number} "a" }} {{ ${number} | print }} {{ println ${number} }}`,
  ]),
  ...NUMBERS.filter((number) => !/e30|e21/.test(number)).map(
    (number) =>
      `{{ humanizeDuration ${number} }} {{ humanizeTimestamp ${number} }} {{ toTime ${number} }} {{ toDuration ${number} }}`,
  ),
  '{{ printf "%.2f|%6.1f|%-8.3f|%+.0f|%e|%g|%06.2f" 1.005 2.25 3.14159 2.5 12345.678 1e7 -3.14159 }}',
  '{{ printf "%d|%5d|%-5d|%05d|%x|%X|%c|%q|%b|%o" 42 42 42 42 255 255 65 65 5 8 }}',
  '{{ printf "%s|%10s|%-10s|%q|%x|%.2s|%v|%t|%T" "ab" "ab" "ab" "a\\"b" "ab" "abc" "v" true "s" }}',
  '{{ printf "%d %s" 1.5 2 }}{{ printf "%d" }}{{ printf "a" 1 }}{{ printf "%%" }}',
  '{{ $labels.a }}{{ $labels.none }}{{ .Labels.a }}{{ index $labels "a" }}{{ index $labels "none" }}{{ len $labels }}',
  '{{ $externalLabels.cluster }} {{ .ExternalURL }} {{ $value }} {{ .Value }}',
  '{{ range $name, $value := $labels }}{{ $name }}={{ $value }},{{ end }}',
  '{{ range query "many" | sortByLabel "a" }}{{ .Labels.a }}:{{ .Value }} {{ end }}',
  '{{ range $i, $s := query "many" | sortByLabel "a" }}{{ if $i }}, {{ end }}{{ $s.Labels.a | toUpper }}{{ end }}',
  '{{ with query "none" }}some{{ else }}none{{ end }}{{ range query "none" }}x{{ else }}none{{ end }}',
  '{{ query "sum(many)" | first | value | humanize }} {{ label "a" (query "many{a=\\"x\\"}" | first) }}',
  '{{ query "count_values(\\"__value__\\", many)" | len }}{{ strvalue (query "label_replace(many{a=\\"x\\"}, \\"__value__\\", \\"text\\", \\"\\", \\"\\")" | first) }}',
  '{{ if eq 1 1 }}a{{ end }}{{ if eq "a" "b" "a" }}b{{ end }}{{ if ne 1 2 }}c{{ end }}{{ if lt 1.5 2.5 }}d{{ end }}{{ if ge "b" "a" }}e{{ end }}',
  '{{ if and true "x" 1 }}a{{ else if false }}b{{ end }}{{ or "" 0 "z" }}{{ and 1 0 2 }}{{ not 0 }}{{ not "x" }}',
  '{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}{{ with $y := "y" }}{{ $y }}{{ . }}{{ end }}',
  ' a {{- " b " -}} c {{- /* gone */ -}} d {{ "e" }}\n{{- "f" }} ',
  '{{ reReplaceAll "(.*)-(.*)" "$2/${1}x$$" "one-two" }} {{ match "^a.c$" "abc" }} {{ match "b" "a" }}',
  '{{ title "foo bar-baz o\'neil 1st x_y" }} {{ toUpper "é" }} {{ toLower "ÀB" }}',
  '{{ parseDuration "1d2h3m4s5ms" }} {{ parseDuration "-1h" }} {{ parseDuration "0" }}',
  '{{ with args 1 "two" 3.5 }}{{ .arg0 }} {{ .arg1 }} {{ .arg2 }} {{ .none }}{{ end }} {{ args 1 "a" }}',
  '{{ tableLink "up{a=\\"b c\\"} > 1" }} {{ graphLink "a+b" }} {{ urlQueryEscape "a b/ü*~" }} {{ urlquery "a b" 1 }}',
  '{{ stripPort "[::1]:80" }} {{ stripPort "a" }} {{ stripDomain "a.b.c:8080" }} {{ stripDomain "::1" }} {{ stripDomain "[::1]:80" }}',
  '{{ html "<a href=\'b\'>&\\"" }} {{ safeHtml "<b>" }} {{ slice "abcdef" 1 3 }} {{ len "é" }} {{ index "abc" 1 }}',
  '{{ print 1 2 "a" "b" 3 4.5 }} {{ println "a" 1 true }} {{ print nil }} {{ true }} {{ 0x1F }} {{ \'a\' }} {{ `raw\\n` }}',
  '{{ 1 | printf "%d-%d" 2 }} {{ ("a" | toUpper) | printf "%s%s" "b" }} {{ now }}',
]

testWith(['promtool'], 'templates write what promtool writes', async (promtool) => {
  const folder = temporaryFolder('rules-promtool')
  const different: unknown[] = []
  const rules = TEMPLATES.map((text, i) => ({ alert: `A${i}`, expr: 'm', annotations: { text } }))
  writeFileSync(join(folder, 'rules.yaml'), JSON.stringify({ groups: [{ name: 'g', rules }] }))
  const tests = [
    {
      name: 'templates',
      input_series: [
        { series: 'm{a="b",c="d"}', values: '2.5' },
        ...['x', 'y', 'z'].map((a, i) => ({ series: `many{a="${a}"}`, values: `${i + 0.5}` })),
      ],
      external_labels: { cluster: 'eu' },
      external_url: 'https://example.com/prom',
      alert_rule_test: rules.map(({ alert }) => ({
        eval_time: '0m',
        alertname: alert,
        exp_alerts: [{ exp_labels: { a: 'b', c: 'd' }, exp_annotations: { text: 'unlike' } }],
      })),
    },
  ]
  const file = join(folder, 'test.yaml')
  writeFileSync(file, JSON.stringify({ rule_files: ['rules.yaml'], tests }))
  const [theirs, ours] = await Promise.all([
    said([promtool, 'test', 'rules', file]),
    said([join(root, 'stepwell'), 'rules', 'test', file]),
  ])
  const theirTexts = [...theirs.text.matchAll(/got:\[[\s\S]*?Annotations:\{text=(".*")\}/g)]
  const ourTexts = [...ours.text.matchAll(/\+ labels .*\n +annotations \{text=(".*")\}/g)]
  for (const [i, template] of TEMPLATES.entries()) {
    const [one, other] = [theirTexts[i]?.[1], ourTexts[i]?.[1]]
    if (one === undefined || one !== other) different.push({ template, theirs: one, ours: other })
  }
  expect(different).toEqual([])
})

async function said(command: readonly string[]): Promise<{ code: number; text: string }> {
  const run = Bun.spawn([...command], { stdout: 'pipe', stderr: 'pipe' })
  const text = (await new Response(run.stdout).text()) + (await new Response(run.stderr).text())
  return { code: await run.exited, text }
}

/** Lines of the file that are named. promtool says 0:0 where it does not know, and counts differently where YAML ends. */
function linesIn(text: string): Set<number> {
  const places = text.matchAll(/(?:yaml: | {2}line )(\d+)(?::\d+)?: (?!did not find)/g)
  return new Set([...places].map(([, line]) => Number(line)).filter((line) => line > 0))
}
