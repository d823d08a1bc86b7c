// Whole runs and their stages.

import { PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { type DerivedMetric, durationQuantile, increaseOf, successRate } from '@stepwell/model'
import { type Choice, choiceVariables, matchersOf, PLACE, REPOSITORY } from './choices.ts'
import { dashboard } from './dashboard.ts'
import { OVER_TIME, WHOLE } from './frame.ts'
import { heatmap } from './heatmap.ts'
import { countOf, STAGES, WORKFLOWS } from './metrics.ts'
import { lines, numbers, rates, stacked } from './panels.ts'
import { PROMETHEUS, sourceVariable } from './sources.ts'
import { table } from './table.ts'

const CHOICES: readonly Choice[] = [
  ...PLACE,
  REPOSITORY,
  { variable: 'template', title: 'Template', label: 'workflow_template' },
]

const of = (metric: DerivedMetric, by: readonly string[], range: string) => ({
  by,
  matchers: matchersOf(metric, CHOICES),
  range,
  histogram: metric.prometheusName,
})

const ended = (metric: DerivedMetric, by: readonly string[], range: string) =>
  increaseOf(countOf(metric).prometheusName, of(metric, by, range))

const runs = [
  heatmap(
    {
      id: 1,
      title: 'Run duration',
      description:
        'How many runs ended in each bucket of duration. A dot is a run: it opens the trace.',
      unit: Seconds,
      width: 12,
      height: 10,
    },
    WORKFLOWS.prometheusName,
    matchersOf(WORKFLOWS, CHOICES),
  ),
  numbers(
    {
      id: 2,
      title: 'Runs',
      description: 'Runs that ended in the range of time, by outcome.',
      unit: Short,
      width: 6,
      height: 10,
    },
    { expr: ended(WORKFLOWS, ['outcome'], WHOLE), legend: '{{outcome}}' },
  ).decimals(0),
  rates(
    {
      id: 3,
      title: 'Success rate by template',
      description: 'Runs that succeeded, of all that ended in the range of time.',
      width: 6,
      height: 10,
    },
    {
      expr: successRate(of(WORKFLOWS, ['workflow_template'], WHOLE)),
      legend: '{{workflow_template}}',
    },
  ),
]

const percentile = (
  id: number,
  metric: DerivedMetric,
  label: string,
  quantile: number,
  what: string,
) =>
  lines(
    {
      id,
      title: `${what} duration, p${quantile * 100}`,
      description: `${quantile * 100} % took less. A dot opens its trace.`,
      unit: Seconds,
      width: 8,
    },
    {
      expr: durationQuantile(quantile, of(metric, [label], OVER_TIME)),
      legend: `{{${label}}}`,
      exemplars: true,
    },
  )

const templates = [
  percentile(11, WORKFLOWS, 'workflow_template', 0.5, 'Run'),
  percentile(12, WORKFLOWS, 'workflow_template', 0.95, 'Run'),
  stacked(
    {
      id: 13,
      title: 'Runs over time',
      description: 'Runs that ended, by template and outcome.',
      unit: Short,
      width: 8,
    },
    {
      expr: ended(WORKFLOWS, ['workflow_template', 'outcome'], OVER_TIME),
      legend: '{{workflow_template}}: {{outcome}}',
    },
  ),
]

const stage = of(STAGES, ['stage'], WHOLE)

const stages = [
  percentile(21, STAGES, 'stage', 0.5, 'Stage'),
  percentile(22, STAGES, 'stage', 0.95, 'Stage'),
  stacked(
    {
      id: 23,
      title: 'Stages over time',
      description:
        'Stages that ended, by name and outcome. They are of all templates: the series do not tell.',
      unit: Short,
      width: 8,
    },
    {
      expr: ended(STAGES, ['stage', 'outcome'], OVER_TIME),
      legend: '{{stage}}: {{outcome}}',
    },
  ),
  table(
    {
      id: 24,
      title: 'Stages',
      description: 'Every stage that ended in the range of time, of all templates.',
      unit: Short,
      width: 24,
    },
    ['stage'],
    [
      { title: 'Ended', expr: `${ended(STAGES, ['stage'], WHOLE)} > 0`, unit: Short },
      { title: 'Success rate', expr: successRate(stage), unit: PercentUnit },
      { title: 'p50', expr: `${durationQuantile(0.5, stage)} >= 0`, unit: Seconds },
      { title: 'p95', expr: `${durationQuantile(0.95, stage)} >= 0`, unit: Seconds },
    ],
  ),
]

export const WORKFLOWS_DASHBOARD = dashboard('workflows.json', {
  uid: 'stepwell-workflows',
  description: 'Whole runs and their stages: how many, how long, how many succeed.',
  variables: [
    sourceVariable(PROMETHEUS, 'Prometheus'),
    ...choiceVariables(countOf(WORKFLOWS), CHOICES),
  ],
  panels: runs,
  rows: [
    { id: 10, title: 'Templates', panels: templates },
    { id: 20, title: 'Stages', panels: stages },
  ],
})
