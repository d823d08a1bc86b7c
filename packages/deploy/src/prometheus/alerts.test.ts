// Every alert has its part of docs/alerts.md, and a unit test in which it fires and one in which it is silent.

import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { AlertRule } from './alert.ts'
import { PROMETHEUS } from './index.ts'

interface UnitTest {
  readonly alert_rule_test?: readonly { alertname: string; exp_alerts: readonly unknown[] }[]
}

const contents = (pattern: RegExp) =>
  PROMETHEUS.filter(({ path }) => pattern.test(path)).map(({ content }) => parse(content))

const ALERTS: readonly AlertRule[] = contents(/-alerting\.yaml$/)
  .flatMap(({ groups }) => groups ?? [])
  .flatMap(({ rules }) => rules)

const MOMENTS = contents(/tests\//)
  .flatMap(({ tests }) => tests)
  .flatMap(({ alert_rule_test = [] }: UnitTest) => alert_rule_test)

const text = readFileSync(join(import.meta.dir, '../../../../docs/alerts.md'), 'utf8')

test.each(ALERTS.map((rule) => [rule.alert, rule] as const))('%s', (alert, { annotations }) => {
  expect(annotations.runbook_url).toBe(`docs/alerts.md#${alert.toLowerCase()}`)
  expect(text).toContain(`\n### ${alert}\n`)
  const moments = MOMENTS.filter(({ alertname }) => alertname === alert)
  const firing = moments.map(({ exp_alerts }) => exp_alerts.length > 0)
  // It resolves, too: silent after it has fired.
  expect(firing).toContain(true)
  expect(firing.lastIndexOf(false)).toBeGreaterThan(firing.indexOf(true))
})
