// `stepwell rules` as users type it.

import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MAIN = join(import.meta.dir, '..', 'main.ts')
const folder = mkdtempSync(join(tmpdir(), 'stepwell-rules-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SOUND = `groups:
- name: g
  rules:
  - {record: r, expr: '1'}
  - {alert: A, expr: r > 0}
`
const FILES = {
  'sound.yaml': SOUND,
  'twice.yaml': `${SOUND}  - {record: r, expr: '2'}\n`,
  'broken.yaml': SOUND.replace('r > 0', 'r >'),
  'passing.yaml':
    'rule_files: [sound.yaml]\ntests: [{alert_rule_test: [{alertname: A, exp_alerts: [{}]}]}]\n',
  'failing.yaml':
    'rule_files: [sound.yaml]\ntests: [{name: t, alert_rule_test: [{alertname: A}]}]\n',
  'derived.yaml':
    'groups:\n  - name: g\n    rules:\n      - record: agent_step_duration_seconds_count\n        expr: x\n',
  'unsound.yaml': 'rule_files: [broken.yaml]\ntests: []\n',
}
for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text)

test.each([
  ['check sound.yaml', 0, 'sound.yaml: 2 rules in 1 group\n'],
  [
    'check twice.yaml',
    0,
    'twice.yaml: 3 rules in 1 group\ntwice.yaml: 6:14: warning: "r" is there before, with the same labels\n',
  ],
  [
    'check derived.yaml',
    0,
    'derived.yaml: 1 rule in 1 group\nderived.yaml: 4:17: warning: for the engine, "agent_step_duration_seconds_count" is derived from spans: record it under another name\n',
  ],
  [
    'check sound.yaml broken.yaml',
    1,
    'sound.yaml: 2 rules in 1 group\nbroken.yaml: 5:22: group "g", rule 2, "A": could not parse expression: 1:4: parse error: unexpected end of input\nbroken.yaml: FAILED, 1 problem\n',
  ],
  ['check none.yaml', 1, 'none.yaml: it cannot be read: '],
  ['check', 125, 'stepwell rules check: which files? stepwell rules check FILE…\n'],
  ['test passing.yaml', 0, 'passing.yaml: 1 test passed, 1 expectation\n'],
  [
    'test failing.yaml passing.yaml',
    1,
    'passing.yaml: 1 test passed, 1 expectation\nfailing.yaml: t: 2:37: alert A at 0 s, expected (-) and firing (+):\n  + labels {alertname="A"}\n    annotations {}\nfailing.yaml: FAILED, 1 of 1 test\n',
  ],
  ['test unsound.yaml', 1, 'unsound.yaml: FAILED, nothing was run\n'],
  ['test .', 1, '.: it cannot be read: '],
  ['test', 125, 'stepwell rules test: which files? stepwell rules test FILE…\n'],
  ['test --colour', 125, 'unknown flag --colour'],
])('rules %s', async (words, code, said) => {
  const run = Bun.spawn([process.execPath, MAIN, 'rules', ...words.split(' ')], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '' },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const text = (await new Response(run.stdout).text()) + (await new Response(run.stderr).text())
  expect([await run.exited, text]).toEqual([code, expect.stringContaining(said)])
})
