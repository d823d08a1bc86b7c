// What promtool says of rule files is what ours says: whether they are sound, and where they are not.

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
