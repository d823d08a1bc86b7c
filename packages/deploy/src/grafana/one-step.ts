// One step of one agent: its durations, outcomes and attempts, its traces, and what it printed.

import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import { TextBoxVariableBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as LogsPanel } from '@grafana/grafana-foundation-sdk/logs'
import { DataqueryBuilder as LogQuery } from '@grafana/grafana-foundation-sdk/loki'
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table'
import {
  SearchTableType,
  DataqueryBuilder as TempoQuery,
} from '@grafana/grafana-foundation-sdk/tempo'
import { BytesIEC, NoUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import {
  ATTRIBUTE,
  announcementEventName,
  durationQuantile,
  increaseOf,
  RESOURCE,
  SERVICE_NAME,
  successRate,
} from '@stepwell/model'
import { type Choice, choiceVariables, matchersOf, PLACE, REPOSITORY } from './choices.ts'
import { dashboard } from './dashboard.ts'
import { framed, OVER_TIME, WHOLE } from './frame.ts'
import { heatmap } from './heatmap.ts'
import { toTrace } from './links.ts'
import { CPU, countOf, FAILURES, MEMORY, STEPS, STORAGE } from './metrics.ts'
import { lines, numbers, rates, stacked } from './panels.ts'
import { JAEGER, LOKI, PROMETHEUS, sourceVariable, TEMPO } from './sources.ts'
import { table } from './table.ts'

const CHOICES: readonly Choice[] = [
  ...PLACE,
  REPOSITORY,
  { variable: 'agent', title: 'Agent', label: 'agent', single: true },
  { variable: 'step', title: 'Step', label: 'step_name', single: true },
]

const matchers = matchersOf(STEPS, CHOICES)
const one = { by: [], matchers, range: WHOLE }

const summary = [
  heatmap(
    {
      id: 1,
      title: 'Duration',
      description: 'How many ended in each bucket of duration. A dot is one: it opens the trace.',
      unit: Seconds,
      width: 12,
    },
    STEPS.prometheusName,
    matchers,
  ),
  numbers(
    {
      id: 2,
      title: 'Ended',
      description: 'How often it ended in the range of time, by outcome.',
      unit: Short,
      width: 6,
    },
    {
      expr: increaseOf(countOf(STEPS).prometheusName, { ...one, by: ['outcome'] }),
      legend: '{{outcome}}',
    },
  ).decimals(0),
  rates(
    {
      id: 3,
      title: 'Success rate',
      description: 'How often it succeeded, of all in the range of time.',
      width: 6,
    },
    { expr: successRate(one), legend: 'Success' },
  ),
]

const now = { ...one, range: OVER_TIME }

const PERCENTILES = [0.5, 0.95, 0.99]

const overHours = [
  lines(
    {
      id: 11,
      title: 'Duration percentiles',
      description: 'So many of them took less. A dot is one: it opens the trace.',
      unit: Seconds,
      width: 8,
    },
    ...PERCENTILES.map((quantile) => ({
      expr: durationQuantile(quantile, now),
      legend: `p${quantile * 100}`,
      exemplars: true as const,
    })),
  ),
  stacked(
    {
      id: 12,
      title: 'Outcomes',
      description: 'How many ended, by outcome.',
      unit: Short,
      width: 8,
    },
    {
      expr: increaseOf(countOf(STEPS).prometheusName, { ...now, by: ['outcome'] }),
      legend: '{{outcome}}',
    },
  ),
  stacked(
    {
      id: 13,
      title: 'Failures by class',
      description: 'How many failed, by error class (`error.type`).',
      unit: Short,
      width: 8,
    },
    {
      expr: increaseOf(FAILURES.prometheusName, {
        by: ['error_type'],
        matchers: matchersOf(FAILURES, CHOICES),
        range: OVER_TIME,
      }),
      legend: '{{error_type}}',
    },
  ),
]

const TASK_LABELS = ['repo', 'pr_number', 'task_id', 'workflow_name', 'outcome']

const attempts = [
  table(
    {
      id: 21,
      title: 'Attempts by pull request and task',
      description:
        'How often it ended for each of them in the range of time. With `bounded` labels the series name neither: one row for each repository and outcome.',
      unit: Short,
      width: 24,
    },
    TASK_LABELS,
    [
      {
        title: 'Attempts',
        expr: `${increaseOf(countOf(STEPS).prometheusName, { ...one, by: TASK_LABELS })} > 0`,
        unit: Short,
      },
    ],
  ),
]

const used = (id: number, title: string, description: string, metric: typeof CPU, unit: string) =>
  lines(
    { id, title, description, unit, width: 8 },
    ...PERCENTILES.map((quantile) => ({
      expr: durationQuantile(quantile, {
        by: [],
        matchers: matchersOf(metric, CHOICES),
        range: OVER_TIME,
        histogram: metric.prometheusName,
      }),
      legend: `p${quantile * 100}`,
    })),
  )

const resources = [
  used(31, 'CPU time', 'Processor time of the whole process tree.', CPU, Seconds),
  used(32, 'Peak memory', 'Highest resident memory of the process tree.', MEMORY, BytesIEC),
  used(33, 'Storage written', 'Bytes of files that it left behind.', STORAGE, BytesIEC),
]

const SPAN_NAME = '$agent/$step'

/** The search of Grafana's Jaeger data source, of which the SDK has no types. */
const jaegerSearch: Builder<Dataquery> = {
  build: () => {
    const query = {
      refId: 'A',
      datasource: JAEGER,
      queryType: 'search',
      service: SERVICE_NAME,
      operation: SPAN_NAME,
      tags: `${ATTRIBUTE.kind}=step`,
      limit: 50,
      _implementsDataqueryVariant: () => {},
    }
    return query
  },
}

const tempoSearch = new TempoQuery()
  .datasource(TEMPO)
  .refId('A')
  .queryType('traceql')
  .query(
    `{ resource.${RESOURCE.serviceName} = "${SERVICE_NAME}" && span.${ATTRIBUTE.kind} = "step" && name = "${SPAN_NAME}" }`,
  )
  .filters([])
  .limit(50)
  .tableType(SearchTableType.Traces)

const traces = (id: number, source: typeof JAEGER, query: Builder<Dataquery>) =>
  toTrace(
    framed(
      new TablePanel(),
      {
        id,
        title: 'Traces',
        description:
          'Traces with a step of this name. The id opens the trace; the name, what its steps printed, below, or the page.',
        unit: NoUnit,
        width: 24,
      },
      source,
      [query],
    ),
  )

const logs = (id: number, title: string, description: string, expr: string) =>
  framed(new LogsPanel(), { id, title, description, unit: NoUnit, width: 24, height: 10 }, LOKI, [
    new LogQuery().datasource(LOKI).refId('A').queryType('range').expr(expr).maxLines(500),
  ])
    .showTime(true)
    .wrapLogMessage(true)
    .enableLogDetails(true)

const STREAMS = `{service_name="${SERVICE_NAME}"}`

const printed = [
  logs(
    61,
    'Starts and ends',
    'What the wrapper announced of this step: the start by OTLP, both from containers\u2019 logs. The link in a line\u2019s details opens its trace.',
    // An announcement by OTLP is no JSON and has its attributes beside it; one in a container's log has them inside.
    `${STREAMS} | json | drop __error__, __error_details__ | agent="$agent" | step_name="$step" | repo=~"$repo" | event_name!="${announcementEventName('step', 'running')}"`,
  ),
  logs(
    62,
    'Output',
    'What this step printed, in the trace that is chosen above or in all. Lines from containers\u2019 logs name their trace alone.',
    `${STREAMS} | trace_id=~"$trace" | event_name="" | (agent="$agent" and step_name="$step" and repo=~"$repo") or agent=""`,
  ),
]

export const ONE_STEP = dashboard('one-step.json', {
  uid: 'stepwell-one-step',
  description: 'One step of one agent: durations, outcomes, attempts, traces, and what it printed.',
  variables: [
    sourceVariable(PROMETHEUS, 'Prometheus'),
    sourceVariable(LOKI, 'Loki'),
    sourceVariable(JAEGER, 'Jaeger'),
    sourceVariable(TEMPO, 'Tempo'),
    ...choiceVariables(countOf(STEPS), CHOICES),
    new TextBoxVariableBuilder('trace').label('Trace').defaultValue('.+'),
  ],
  panels: summary,
  rows: [
    { id: 10, title: 'Over time', panels: overHours },
    { id: 20, title: 'Attempts', panels: attempts },
    { id: 30, title: 'Resources', panels: resources },
    { id: 40, title: 'Traces in Jaeger', panels: [traces(41, JAEGER, jaegerSearch)], closed: true },
    { id: 50, title: 'Traces in Tempo', panels: [traces(51, TEMPO, tempoSearch)], closed: true },
    { id: 60, title: 'Logs', panels: printed },
  ],
})
