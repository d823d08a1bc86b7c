import { expect, test } from 'bun:test'
import { labelName, metricName } from './names.ts'

test.each([
  ['http.server.request.duration', 's', 'other', 'http_server_request_duration_seconds'],
  ['claude_code.token.usage', 'tokens', 'counter', 'claude_code_token_usage_tokens_total'],
  ['claude_code.cost.usage', 'USD', 'counter', 'claude_code_cost_usage_USD_total'],
  ['gen_ai.client.token.usage', '{token}', 'other', 'gen_ai_client_token_usage'],
  ['system.io', 'By/s', 'gauge', 'system_io_bytes_per_second'],
  ['requests.total', '1', 'counter', 'requests_total'],
  ['cpu.utilization', '1', 'gauge', 'cpu_utilization_ratio'],
  ['wait_seconds', 's', 'other', 'wait_seconds'],
  ['2xx', '', 'other', '_2xx'],
] as const)('%s in "%s", a %s, is %s', (name, unit, type, expected) => {
  expect(metricName(name, unit, type)).toBe(expected)
})

test('labels', () => {
  expect(['http.method', '2nd', '_own', '__reserved'].map(labelName)).toEqual([
    'http_method',
    'key_2nd',
    'key_own',
    '__reserved',
  ])
})
