// The metrics that dashboards show, by what they are of.

import { DERIVED_METRICS, type DerivedMetric } from '@stepwell/model'

function metric(name: string): DerivedMetric {
  const found = DERIVED_METRICS.find((one) => one.name === name)
  if (!found) throw new Error(`no metric ${name}`)
  return found
}

export const STEPS = metric('agent.step.duration')
export const FAILURES = metric('agent.step.fail')
export const STAGES = metric('agent.stage.duration')
export const WORKFLOWS = metric('agent.workflow.duration')
export const GATES = metric('agent.gate.result')
export const TASKS = metric('agent.task')
export const CPU = metric('agent.step.cpu')
export const MEMORY = metric('agent.step.memory.peak')
export const STORAGE = metric('agent.step.storage.written')

/** The series that says how many a histogram has observed. */
export const countOf = ({ prometheusName, labels }: DerivedMetric) => ({
  prometheusName: `${prometheusName}_count`,
  labels,
})
