// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Go's templates
// Templates on one line: `template | what it writes`. The line, its time and its labels are the same for all.

import { expect, test } from 'bun:test'
import { parseTemplate } from './template.ts'

const LINE = {
  line: 'the line',
  time: 1_795_168_800_123_456_789n,
  labels: new Map([
    ['msg', 'job done'],
    ['n', '7'],
    ['f', '2.50'],
    ['list', '[{"q":"a"},{"q":"b"}]'],
    ['constructor', 'a label'],
    ['padded', '  x  '],
  ]),
}

function write(source: string): string {
  const template = parseTemplate('line', source)
  if (typeof template === 'string') throw new Error(template)
  return template(LINE)
}

test.each([
  ['plain }} text', 'plain }} text'],
  ['<{{.msg}}|{{ .none }}|{{.constructor}}|{{ .toString }}>', '<job done||a label|>'],
  ['{{__line__}} {{ __line__ | upper }}', 'the line THE LINE'],
  ['a {{- /* gone */ -}} b {{- .n -}} c', 'ab7c'],
  ['{{ .msg | trunc 3 | upper }}', 'JOB'],
  ['{{ if eq .n "7" "8" }}yes{{ else if eq .n "9" }}nine{{ else }}no{{ end }}', 'yes'],
  ['{{ if and .msg (not .none) }}a{{ end }}{{ if or .none .n }}b{{ end }}', 'ab'],
  ['{{ with .none }}{{ . }}{{ else with .n }}<{{ . }}>{{ end }}', '<7>'],
  ['{{ range $i, $q := fromJson .list }}{{ $i }}{{ $q.q }}{{ end }}', '0a1b'],
  [
    '{{ range 5 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ if gt . 3 }}{{ break }}{{ end }}{{ . }}{{ end }}',
    '023',
  ],
  ['{{ range fromJson "[]" }}x{{ else }}none{{ end }}', 'none'],
  ['{{ $x := "a" }}{{ if true }}{{ $x = "b" }}{{ $y := 1 }}{{ end }}{{ $x }}{{ $.n }}', 'b7'],
  ['{{ (fromJson "{\\"a\\":{\\"b\\":1.5}}").a.b }} {{ fromJson "{" }}|', '1.5 |'],
  ['{{ fromJson "{\\"b\\":[1,null,\\"x\\"],\\"a\\":true}" }}', 'map[a:true b:[1 <nil> x]]'],
  ['{{ add 1 .n "2" }} {{ sub 10 .n }} {{ mul 2 3 }} {{ div 7 2 }} {{ mod -7 2 }}', '10 3 6 3 -1'],
  ['{{ addf 1 .f }} {{ divf 10 4 }} {{ max 1 9 3 }} {{ minf 1.5 .f }}', '3.5 2.5 9 1.5'],
  [
    '{{ int .f }} {{ int .n }} {{ float64 .f }} {{ floor 1.7 }} {{ ceil 1.2 }} {{ round 3.14159 2 }}',
    '0 7 2.5 1 2 3.14',
  ],
  [
    '{{ len .msg }} {{ len "é" }} {{ index (fromJson "[5,6]") 1 }} {{ slice .msg 4 6 }}',
    '8 2 6 do',
  ],
  [
    '{{ printf "%-6s|%5.1f|%03d|%q|%x|%v|%t|%%" .n 2.26 7 .msg "ab" .n true }}',
    '7     |  2.3|007|"job done"|6162|7|true|%',
  ],
  [
    '{{ printf "%s" }}{{ printf "%d" "a" }}{{ printf "" 1 }}',
    '%!s(MISSING)%!d(string=a)%!(EXTRA int=1)',
  ],
  ['{{ print 1 2 "a" "b" 3 }} {{ println "a" 1 }}', '1 2ab3 a 1\n'],
  [
    "{{ 1e21 }} {{ 1234567.0 }} {{ 123456.0 }} {{ 0.00001 }} {{ 0x1F }} {{ 'a' }}",
    '1e+21 1.234567e+06 123456 1e-05 31 97',
  ],
  [
    '{{ trim .padded }}|{{ TrimLeft .padded " " }}|{{ trimAll "x " .padded }}|{{ trimSuffix "done" .msg }}',
    'x|x  ||job ',
  ],
  [
    '{{ replace "o" "0" .msg }} {{ Replace .msg "o" "0" 1 }} {{ repeat 3 "ab" }} {{ title "hello world" }}',
    'j0b d0ne j0b done ababab Hello World',
  ],
  [
    '{{ substr 4 6 .msg }} {{ substr -1 3 .msg }} {{ trunc -4 .msg }} [{{ alignRight 10 .msg }}] [{{ alignLeft 3 .msg }}]',
    'do job done [  job done] [job]',
  ],
  ['{{ nindent 2 "a\\nb" }}', '\n  a\n  b'],
  [
    '{{ contains "job" .msg }} {{ hasPrefix "job" .msg }} {{ hasSuffix "job" .msg }} {{ default "-" .none }}',
    'true true false -',
  ],
  [
    '{{ b64enc .msg }} {{ b64dec "am9i" }} {{ urlencode "a b&c/é" }} {{ urldecode "a+b%26" }}',
    'am9iIGRvbmU= job a+b%26c%2F%C3%A9 a b&',
  ],
  [
    '{{ regexReplaceAll "(j)(ob)" .msg "${2}$1!$$" }} {{ regexReplaceAllLiteral "o" .msg "$1" }} {{ count "o" .msg }}',
    'obj!$ done j$1b d$1ne 2',
  ],
  ['{{ bytes "1.5 KiB" }} {{ duration "1m30s" }} {{ duration_seconds "250ms" }}', '1536 90 0.25'],
  ['{{ __timestamp__ }}', '2026-11-20 10:00:00.123456789 +0000 UTC'],
  [
    '{{ __timestamp__ | date "Mon Jan _2 15:04:05.000 2006 MST Z07:00 3PM 002" }}',
    'Fri Nov 20 10:00:00.123 2026 UTC Z 10AM 324',
  ],
  [
    '{{ unixEpoch __timestamp__ }} {{ unixEpochMillis __timestamp__ }} {{ unixEpochNanos __timestamp__ }}',
    '1795168800 1795168800123 1795168800123456789',
  ],
  [
    '{{ toDate "2006-01-02T15:04:05Z07:00" "2026-11-20T11:00:00.5+01:00" | unixEpochMillis }}',
    '1795168800500',
  ],
  [
    '{{ toDateInZone "2006-01-02 15:04" "Europe/Berlin" "2026-07-01 12:00" | date "15:04 -0700" }}',
    '12:00 +0200',
  ],
  [
    '{{ toDateInZone "2006-01-02 15:04" "Europe/Berlin" "2026-07-01 12:00" | unixEpoch }}',
    '1782900000',
  ],
  [
    '{{ unixToTime "1795168800123" | date "2006-01-02" }} {{ toDate "2006" "x" }}',
    '2026-11-20 0001-01-01 00:00:00 +0000 UTC',
  ],
])('%s', (source, text) => {
  expect(write(source)).toBe(text)
})

test.each([
  ['{{.x', 'template: line:1: unclosed action'],
  ['{{if .x}}', 'template: line:1: unexpected EOF'],
  ['{{end}}', 'template: line:1: unexpected {{end}}'],
  ['{{nope .x}}', 'template: line:1: function "nope" not defined'],
  ['{{}}', 'template: line:1: missing value for action'],
  ['{{ define "x" }}{{ end }}', 'template: line:1: {{define}} is not supported here'],
  ['{{ "a }}', 'template: line:1: unterminated quoted string'],
  ['{{break}}', 'template: line:1: {{break}} outside {{range}}'],
  ['{{ .x | 1 }}', 'template: line:1: non executable command in pipeline'],
  [`${'{{if 1}}'.repeat(5000)}`, 'template: line:1: it is nested too deeply'],
  [`{{ ${'('.repeat(50_000)} }}`, 'template: line:1: it is nested too deeply'],
])('%s is no template', (source, problem) => {
  expect(parseTemplate('line', source)).toBe(problem)
})

test.each([
  ['{{ div 1 0 }}', 'integer divide by zero'],
  ['{{ trunc "a" .msg }}', 'wrong type for value; expected int; got string a'],
  ['{{ lt 1 "a" }}', 'incompatible types for comparison'],
  ['{{ upper }}', 'wrong number of args for upper: want 1 got 0'],
  ['{{ .msg.x }}', "can't evaluate field x in type string"],
  ['{{ repeat 1000000000 "x" }}', 'more than 1000000 characters'],
  ['{{ range 1000000000 }}{{ end }}', 'more than 100000 steps'],
  ['{{ range 100 }}{{ repeat 100000 "x" }}{{ end }}', 'more than 8000000 characters'],
  ['{{ printf "%999999999d" 1 }}', 'printf: a width above 10000'],
  ['{{ regexReplaceAll "(" .msg "" }}', 'error parsing regexp: missing closing ): `(`'],
])('%s fails on the line', (source, problem) => {
  expect(() => write(source)).toThrow(problem)
})
