import { expect, test } from 'bun:test'
import { ATTRIBUTE } from '@stepwell/model/attributes'
import { matches, metricsOf, namesOf, selectorOf, wantedSeries } from './series.ts'

const step = (name: string, outcome: string, more: Record<string, string> = {}) => ({
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  attributes: new Map(
    Object.entries({
      [ATTRIBUTE.agent]: 'a"b',
      [ATTRIBUTE.stepName]: name,
      [ATTRIBUTE.outcome]: outcome,
      [ATTRIBUTE.prNumber]: '1.7',
      ...more,
    }),
  ),
})

test('a step leaves a duration, and is counted by its outcome', () => {
  const series = wantedSeries([
    step('passes', 'success'),
    step('fails', 'failure', { [ATTRIBUTE.errorType]: 'timeout' }),
    step('passes', 'success'),
  ])
  expect(metricsOf(series)).toBe(
    'agent_step_duration_seconds, agent_step_success_total, agent_step_fail_total',
  )
  expect(namesOf(series)).toBe(
    'agent_step_duration_seconds of a"b/passes, agent_step_duration_seconds of a"b/fails, agent_step_success_total of a"b/passes, agent_step_fail_total of a"b/fails',
  )
  expect(namesOf(series, series)).toBe(metricsOf(series))
  expect(series.map(({ name }) => name)[0]).toBe('agent_step_duration_seconds_count')
  expect(selectorOf(series.at(-1)!)).toBe(
    '{agent="a\\"b",repo="",pr_number=~"|1\\\\.7",step_name="fails",error_type="timeout"}',
  )
})

test('a label that a Prometheus is spared may be missing, another may not', () => {
  const [, , success] = wantedSeries([step('passes', 'success'), step('fails', 'failure')])
  const labels = { agent: 'a"b', step_name: 'passes', job: 'agent-steps', cluster: 'x' }
  expect(matches(success!, labels)).toBe(true)
  expect(matches(success!, { ...labels, pr_number: '1.7' })).toBe(true)
  expect(matches(success!, { ...labels, pr_number: '8' })).toBe(false)
  expect(matches(success!, { ...labels, step_name: '' })).toBe(false)
  expect(matches(success!, { ...labels, repo: 'octo/app' })).toBe(false)
})
