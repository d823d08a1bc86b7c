// The seed's dashboard: how long steps take, how many succeed, what they work on, and what they use.

import {
  BytesIEC,
  CountsPerMinute,
  PercentUnit,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units'
import {
  active,
  durationQuantile,
  failureRate,
  increaseOf,
  passRate,
  stepRate,
  successRate,
} from '@stepwell/model'
import { choiceVariables, matchersOf, STEP_CHOICES } from './choices.ts'
import { dashboard } from './dashboard.ts'
import { OVER_TIME, WHOLE } from './frame.ts'
import { heatmap } from './heatmap.ts'
import { toOneStep } from './links.ts'
import { CPU, countOf, FAILURES, GATES, MEMORY, STEPS, STORAGE, TASKS } from './metrics.ts'
import { bars, gauges, lines, numbers, rates, stacked } from './panels.ts'
import { PROMETHEUS, sourceVariable } from './sources.ts'
import { table } from './table.ts'

const matchers = matchersOf(STEPS, STEP_CHOICES)
const byAgent = ['agent']
const byStep = ['agent', 'step_name']
const STEP_LEGEND = '{{agent}} - {{step_name}}'

const seed = [
  heatmap(
    {
      id: 1,
      title: 'Agent Step Duration',
      description:
        'How many steps ended in each bucket of duration. A dot is a step: it opens the trace.',
      unit: Seconds,
      width: 12,
      height: 10,
    },
    STEPS.prometheusName,
    matchers,
  ),
  rates(
    {
      id: 2,
      title: 'Success Rate by Agent',
      description:
        'Steps that succeeded, of all that ended in the range of time: 0 % for an agent that only fails.',
      width: 6,
      height: 10,
    },
    { expr: successRate({ by: byAgent, matchers, range: WHOLE }), legend: '{{agent}}' },
  ),
  gauges(
    {
      id: 3,
      title: 'Active PRs and Tasks',
      description:
        'Pull requests and tasks that had a step end in the last hour, by repository. With `bounded` labels the series do not name them, and this panel is empty: the traces do.',
      unit: Short,
      width: 6,
      height: 10,
    },
    { expr: active('pr_number', { matchers, range: '1h' }), legend: '{{repo}}: PRs' },
    { expr: active('task_id', { matchers, range: '1h' }), legend: '{{repo}}: tasks' },
  ).noValue('None, or labels are bounded'),
]

const percentile = (id: number, quantile: number) =>
  lines(
    {
      id,
      title: `Duration, p${quantile * 100}`,
      description: `${quantile * 100} % of the steps took less, by agent and step. A dot is a step: it opens the trace.`,
      unit: Seconds,
      width: 8,
    },
    {
      expr: durationQuantile(quantile, { by: byStep, matchers, range: OVER_TIME }),
      legend: STEP_LEGEND,
      exemplars: true,
    },
  )

const ofStep = { by: byStep, matchers, range: WHOLE }

const durations = [
  percentile(11, 0.5),
  percentile(12, 0.95),
  percentile(13, 0.99),
  toOneStep(
    table(
      {
        id: 14,
        title: 'Steps',
        description: 'Every step that ended in the range of time. Its name opens it alone.',
        unit: Short,
        width: 24,
        height: 9,
      },
      byStep,
      [
        {
          title: 'Ended',
          expr: `${increaseOf(countOf(STEPS).prometheusName, ofStep)} > 0`,
          unit: Short,
        },
        { title: 'Success rate', expr: successRate(ofStep), unit: PercentUnit },
        // Without a comparison, what did not run is a row of NaN.
        { title: 'p50', expr: `${durationQuantile(0.5, ofStep)} >= 0`, unit: Seconds },
        { title: 'p95', expr: `${durationQuantile(0.95, ofStep)} >= 0`, unit: Seconds },
      ],
    ),
  ),
]

const failureMatchers = matchersOf(FAILURES, STEP_CHOICES)

const outcomes = [
  lines(
    {
      id: 21,
      title: 'Throughput',
      description: 'Steps that ended, by agent.',
      unit: CountsPerMinute,
      width: 12,
    },
    {
      expr: `60 * ${stepRate({ by: byAgent, matchers, range: OVER_TIME })}`,
      legend: '{{agent}}',
    },
  ),
  lines(
    {
      id: 22,
      title: 'Failure rate',
      description: 'Steps that failed, of all that ended, by agent: nothing where none failed.',
      unit: PercentUnit,
      width: 12,
    },
    { expr: failureRate({ by: byAgent, matchers, range: OVER_TIME }), legend: '{{agent}}' },
  ).max(1),
  stacked(
    {
      id: 23,
      title: 'Failures by class',
      description: 'Steps that failed, by their error class (`error.type`).',
      unit: Short,
      width: 12,
    },
    {
      expr: increaseOf(FAILURES.prometheusName, {
        by: ['error_type'],
        matchers: failureMatchers,
        range: OVER_TIME,
      }),
      legend: '{{error_type}}',
    },
  ),
  bars(
    {
      id: 24,
      title: 'Failures by agent and class',
      description: 'Of the range of time.',
      unit: Short,
      width: 12,
    },
    {
      expr: `${increaseOf(FAILURES.prometheusName, { by: ['agent', 'error_type'], matchers: failureMatchers, range: WHOLE })} > 0`,
      legend: '{{agent}}: {{error_type}}',
    },
  ),
]

const used = (id: number, title: string, description: string, metric: typeof CPU, unit: string) =>
  lines(
    { id, title, description: `${description} 95 % of the steps used less.`, unit, width: 8 },
    {
      expr: durationQuantile(0.95, {
        by: byStep,
        matchers: matchersOf(metric, STEP_CHOICES),
        range: OVER_TIME,
        histogram: metric.prometheusName,
      }),
      legend: STEP_LEGEND,
    },
  )

const resources = [
  used(31, 'CPU time', 'Processor time of the whole process tree.', CPU, Seconds),
  used(32, 'Peak memory', 'Highest resident memory of the process tree.', MEMORY, BytesIEC),
  used(33, 'Storage written', 'Bytes of files that the step left behind.', STORAGE, BytesIEC),
]

const gateMatchers = matchersOf(GATES, STEP_CHOICES)

const gates = [
  rates(
    {
      id: 41,
      title: 'Pass rate by gate',
      description: 'Verdicts that were a pass, of all in the range of time.',
      width: 12,
    },
    { expr: passRate({ by: ['gate'], matchers: gateMatchers, range: WHOLE }), legend: '{{gate}}' },
  ),
  stacked(
    {
      id: 42,
      title: 'Verdicts',
      description: 'Verdicts of quality gates.',
      unit: Short,
      width: 12,
    },
    {
      expr: increaseOf(GATES.prometheusName, {
        by: ['gate', 'result'],
        matchers: gateMatchers,
        range: OVER_TIME,
      }),
      legend: '{{gate}}: {{result}}',
    },
  ),
]

const taskMatchers = matchersOf(TASKS, STEP_CHOICES)

const tasks = [
  numbers(
    {
      id: 51,
      title: 'Tasks',
      description: 'Tasks that were done, cancelled or reopened in the range of time.',
      unit: Short,
      width: 12,
    },
    {
      expr: increaseOf(TASKS.prometheusName, {
        by: ['result'],
        matchers: taskMatchers,
        range: WHOLE,
      }),
      legend: '{{result}}',
    },
  ).decimals(0),
  stacked(
    {
      id: 52,
      title: 'Tasks over time',
      description: 'Tasks that were done, cancelled or reopened, by repository.',
      unit: Short,
      width: 12,
    },
    {
      expr: increaseOf(TASKS.prometheusName, {
        by: ['repo', 'result'],
        matchers: taskMatchers,
        range: OVER_TIME,
      }),
      legend: '{{repo}}: {{result}}',
    },
  ),
]

export const AGENT_STEP_PERFORMANCE = dashboard('agent-step-performance.json', {
  uid: 'stepwell-agent-step-performance',
  description: 'What agents do: duration, success, failures by class, resources, gates and tasks.',
  variables: [
    sourceVariable(PROMETHEUS, 'Prometheus'),
    ...choiceVariables(countOf(STEPS), STEP_CHOICES),
  ],
  panels: seed,
  rows: [
    { id: 10, title: 'Durations', panels: durations },
    { id: 20, title: 'Throughput and failures', panels: outcomes },
    { id: 30, title: 'Resources', panels: resources },
    { id: 40, title: 'Gates', panels: gates },
    { id: 50, title: 'Tasks', panels: tasks },
  ],
})
