// What an agent usually takes and spends: recorded, as a week is too much to be read with each evaluation.

import { BY_AGENT } from './alert.ts'
import { INTERVAL_SECONDS, recorded } from './recording.ts'

interface RecordingRule {
  readonly record: string
  readonly expr: string
}

const weekOf = (part: 'sum' | 'count') =>
  `sum by (step_name, ${BY_AGENT.join(', ')}) (sum_over_time(${recorded(`agent_step_duration_seconds_${part}`)}[1w]))`

/** Five steps in a week at least: of fewer, nobody knows what is usual. */
export const USUAL_DURATION: RecordingRule = {
  record: 'agent_step_name:agent_step_duration_seconds:mean1w',
  expr: `${weekOf('sum')}\n/\n(${weekOf('count')} > ${4.5 / INTERVAL_SECONDS})`,
}

const spent = (record: string, counter: string): RecordingRule => ({
  record,
  expr: `sum by (${BY_AGENT.join(', ')}) (increase(${counter}[1h]))`,
})

export const HOURLY_COST = spent('agent:agent_cost_usd:increase1h', 'agent_cost_usd_total')
export const HOURLY_TOKENS = spent('agent:agent_tokens:increase1h', 'agent_tokens_total')

/** Every ten minutes, as a week is much to read: a rule asks for the last of half an hour. */
export const USUALLY_TAKES = `last_over_time(${USUAL_DURATION.record}[30m])`

export const USUAL_GROUPS = [
  { name: 'agent-usual', interval: '10m', rules: [USUAL_DURATION] },
  { name: 'agent-spending', interval: '2m', rules: [HOURLY_COST, HOURLY_TOKENS] },
]
