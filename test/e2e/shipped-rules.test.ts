// Nothing is wrong with an engine that has just been started, and no alert says so.

import { expect, test } from 'bun:test'
import { json } from '../support/ask.ts'
import { startEngine } from '../support/engine.ts'
import { waitFor } from '../support/wait.ts'

interface Rule {
  readonly name: string
  readonly type: 'alerting' | 'recording'
  readonly health: string
  readonly lastError?: string
  readonly state?: string
}

test('the shipped alerts are evaluated by a fresh engine, and silent', async () => {
  const { urls } = await startEngine()
  const rules = await waitFor(
    'all alerts to be evaluated',
    async () => {
      const { data } = await json<{ data: { groups: { rules: Rule[] }[] } }>(
        `${urls.prometheus}/api/v1/rules?type=alert`,
      )
      const all = data.groups.flatMap((group) => group.rules)
      return all.every(({ health }) => health !== 'unknown') && all
    },
    100_000,
  )
  for (const name of ['AgentStepFailureRate', 'AgentStepsLost', 'StepwellNotIngesting'])
    expect(rules.map((rule) => rule.name)).toContain(name)
  expect(rules.filter(({ health, state }) => health !== 'ok' || state !== 'inactive')).toEqual([])
}, 150_000)
