// Recording rules: the series that have a label for each run or task, without these labels, for what is asked over
// weeks. Rates and not totals: a total sinks when one of its series goes stale, which reads as a counter's reset.

import { DERIVED_METRICS, type DerivedMetric, PER_TASK_LABELS } from '@stepwell/model'
import { COLLECTOR_LABEL } from '../collector/derivation.ts'

const RANGE = '5m'
/** A fifth of the range: no increase falls between two evaluations. */
export const INTERVAL_SECONDS = 60

const PER_TASK = DERIVED_METRICS.filter(({ labels }) =>
  PER_TASK_LABELS.some((label) => label in labels),
)

/** Nor by Collectors that count side by side: each has a name of its own, and another after a restart. */
const WITHOUT = [...PER_TASK_LABELS, COLLECTOR_LABEL]

/** `agent_step_duration_seconds_bucket`, … or the counter itself. */
const seriesOf = ({ type, prometheusName }: DerivedMetric): string[] =>
  type === 'histogram'
    ? ['bucket', 'count', 'sum'].map((part) => `${prometheusName}_${part}`)
    : [prometheusName]

/** level:metric:operations, as Prometheus' practices name rules: the level is the labels that are left. */
function recordOf(metric: DerivedMetric, series: string): string {
  const level = Object.keys(metric.labels).filter((label) => !PER_TASK_LABELS.includes(label))
  return `${level.join('_')}:${series.replace(/_total$/, '')}:rate${RANGE}`
}

const RULES = PER_TASK.flatMap((metric) =>
  seriesOf(metric).map((series) => ({
    series,
    record: recordOf(metric, series),
    expr: `sum without (${WITHOUT.join(', ')}) (rate(${series}[${RANGE}]))`,
  })),
)

/** The name under which the rate of `series` is recorded. */
export function recorded(series: string): string {
  const rule = RULES.find((one) => one.series === series)
  if (!rule) throw new Error(`${series} is not recorded`)
  return rule.record
}

export const RECORDING_GROUP = {
  name: 'agent-recording',
  interval: `${INTERVAL_SECONDS}s`,
  rules: RULES.map(({ record, expr }) => ({ record, expr })),
}
