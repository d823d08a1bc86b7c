import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { recorded } from './recording.ts'

test('a recorded series is named by what it keeps', () => {
  expect(recorded('agent_step_fail_total')).toBe(
    'agent_repo_step_name_error_type:agent_step_fail:rate5m',
  )
  expect(() => recorded('agent_gate_result_total')).toThrow(
    'agent_gate_result_total is not recorded',
  )
})

test('docs/prometheus.md asks for what is recorded', () => {
  const text = readFileSync(join(import.meta.dir, '../../../../docs/prometheus.md'), 'utf8')
  const asked = new Set(text.match(/\w+:\w+:rate\w+/g))
  const names = ['count', 'bucket'].map((part) => recorded(`agent_step_duration_seconds_${part}`))
  expect([...asked].sort()).toEqual(names.sort())
})
