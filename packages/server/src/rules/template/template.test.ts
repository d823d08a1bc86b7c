import { expect, test } from 'bun:test'
import type { Environment, Sample } from './sample.ts'
import { expandTemplate, templateProblem } from './template.ts'

const UP: Sample[] = [
  { labels: { job: 'b', instance: 'two' }, value: 1 },
  { labels: { job: 'a', instance: 'one', __value__: 'text' }, value: 0.5 },
]

const ENVIRONMENT: Environment = {
  time: 1_700_000_000_000,
  externalLabels: { cluster: 'eu' },
  externalUrl: 'https://prometheus.example.com/prom',
  async query(query) {
    if (query === 'bad(') throw new Error('1:5: parse error')
    return query === 'up' ? UP : []
  },
}

const write = (source: string, value = 1234.5678) =>
  expandTemplate('__alert_A', source, { labels: { job: 'x', n: '2' }, value }, ENVIRONMENT)

test.each([
  ['no template }}', 'no template }}'],
  ['{{ $labels.job }} {{ .Labels.job }} [{{ $labels.none }}] {{ $value }}', 'x x [] 1234.5678'],
  [
    '{{ index $labels "job" }} {{ $externalLabels.cluster }} {{ $externalURL }}',
    'x eu https://prometheus.example.com/prom',
  ],
  ['{{ externalURL }} {{ pathPrefix }}', 'https://prometheus.example.com/prom /prom'],
  [
    '{{ printf "%.1f" $value }} {{ $value | printf "%.2f" }} {{ $value | humanize }}',
    '1234.6 1234.57 1.235k',
  ],
  [
    '{{ humanize $labels.n }} {{ humanize1024 2048.0 }} {{ humanizePercentage 0.123456 }}',
    '2 2ki 12.35%',
  ],
  [
    '{{ humanizeDuration 3661.0 }} {{ humanizeTimestamp 1700000000 }}',
    '1h 1m 1s 2023-11-14 22:13:20 +0000 UTC',
  ],
  [
    '{{ (toTime 0.0).Year }}',
    "<error expanding template: error executing template __alert_A: template: __alert_A:1: can't evaluate field Year in type time.Time>",
  ],
  [
    '{{ parseDuration "1h30m" }} {{ parseDuration "-5s" }} {{ now }} {{ toDuration 90 }}',
    '5400 -5 1.7e+09 1m30s',
  ],
  ['{{ printf "%.1f %.4g" 2.25 12345.0 }} [{{ index $labels "none" }}]', '2.2 1.234e+04 []'],
  ['{{ html "<\'>" }} {{ urlQueryEscape "a*~ b" }}', '&lt;&#39;&gt; a%2A~+b'],
  ['{{ title "hello 1st" }} {{ toUpper "a" }} {{ "B" | toLower }}', 'Hello 1St A b'],
  ['{{ reReplaceAll "(.)b" "$1-" "abcb" }} {{ match "^a" "ab" }}', 'a-c- true'],
  ['{{ with query "up" }}{{ . | first | value }} {{ . | first | label "job" }}{{ end }}', '1 b'],
  [
    '{{ range query "up" | sortByLabel "job" }}{{ .Labels.instance }}={{ .Value }}{{ strvalue . }} {{ end }}',
    'one=0.5text two=1 ',
  ],
  ['{{ range query "none" }}x{{ else }}none{{ end }}', 'none'],
  [
    '{{ $n := len (query "up") }}{{ if and (gt $n 1) (lt $value 2000.0) }}{{ $n }}{{ else }}no{{ end }}',
    '2',
  ],
  ['{{ with args 1 "b" }}{{ .arg0 }}{{ .arg1 }}{{ end }}', '1b'],
  [
    'a {{- /* comment */ -}} b {{- if eq $labels.job "y" }}y{{ else if ne $labels.job "z" }} ok{{ end }}',
    'ab ok',
  ],
  [
    '{{ tableLink "up == 0" }} {{ graphLink "up" }}',
    '/graph?g0.expr=up+%3D%3D+0&g0.tab=1 /graph?g0.expr=up&g0.tab=0',
  ],
  [
    '{{ stripPort "a.b:80" }} {{ stripDomain "a.b:80" }} {{ stripDomain "10.0.0.1:80" }}',
    'a.b a:80 10.0.0.1:80',
  ],
])('%s', async (source, expected) => {
  expect(await write(source)).toBe(expected)
})

test('what fails is said in the text', async () => {
  const failed = (reason: string) =>
    `<error expanding template: error executing template __alert_A: template: __alert_A:1: ${reason}>`
  expect(await write('{{ humanize "x" }}')).toBe(
    failed('strconv.ParseFloat: parsing "x": invalid syntax'),
  )
  expect(await write('{{ query "none" | first }}')).toBe(
    failed('first() called on vector with no elements'),
  )
  expect(await write('{{ query "bad(" }}')).toBe(failed('1:5: parse error'))
  expect(await write('{{ .Nobody }}')).toBe(failed("can't evaluate field Nobody"))
})

test.each([
  [0, '0', '0', '0s'],
  [Number.NaN, 'NaN', 'NaN', 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf', '+Inf', '+Inf'],
  [999.96, '1000', '1000', '16m 39s'],
  [-1_234_567, '-1.235M', '-1.177Mi', '-14d 6h 56m 7s'],
  [0.001_234, '1.234m', '0.001234', '1.234ms'],
  [59.999, '60', '60', '60s'],
  [1e30, '1e+06Y', '8.272e+05Yi', '11574074074074074112000000d 0h 0m 0s'],
])('%p for people', async (value, plain, binary, duration) => {
  const source = '{{ humanize $value }}|{{ humanize1024 $value }}|{{ humanizeDuration $value }}'
  const [first, second, third] = (await write(source, value)).split('|')
  expect([first, second]).toEqual([plain, binary])
  // Go's own overflows there.
  if (value < 1e30) expect(third).toBe(duration)
})

test('a template is refused before it is run', () => {
  expect(templateProblem('t', '{{ $labels.a }}{{ $value }}{{ $externalURL }}')).toBeUndefined()
  expect(templateProblem('t', '{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}')).toBe(
    'template: t:1: undefined variable "$x"',
  )
  expect(templateProblem('t', '{{ range $i, $x := query "up" }}{{ $i }}{{ $x }}{{ end }}')).toBe(
    undefined,
  )
})
