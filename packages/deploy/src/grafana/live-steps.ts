// What runs at this moment: series that the embedded engine alone has, and gauges that running steps send.

import { BytesIEC, Short } from '@grafana/grafana-foundation-sdk/units'
import { LIVE_GAUGES, LIVE_LABELS, LOST_GAUGE, RUNNING_GAUGE, sumBy } from '@stepwell/model'
import { choiceVariables, matchersOf, STEP_CHOICES } from './choices.ts'
import { dashboard } from './dashboard.ts'
import { lines, numbers, thresholds } from './panels.ts'
import { PROMETHEUS, sourceVariable } from './sources.ts'

const byStep = ['agent', 'step_name']
const STEP_LEGEND = '{{agent}} - {{step_name}}'

interface Gauge {
  readonly prometheusName: string
  readonly labels: Readonly<Record<string, string>>
}

const sumOf = (gauge: Gauge, by: readonly string[]) =>
  sumBy(by, `${gauge.prometheusName}{${matchersOf(gauge, STEP_CHOICES)}}`)

const live = ({ prometheusName }: { prometheusName: string }): Gauge => ({
  prometheusName,
  labels: LIVE_LABELS,
})

const panels = [
  numbers(
    {
      id: 1,
      title: 'Running',
      description: 'Steps that have started and not ended, by agent.',
      unit: Short,
      width: 12,
    },
    { expr: sumOf(RUNNING_GAUGE, ['agent']), legend: '{{agent}}' },
  ),
  numbers(
    {
      id: 2,
      title: 'Lost',
      description: 'Steps that fell silent for a minute without an end, in the last 24 hours.',
      unit: Short,
      width: 12,
    },
    { expr: sumOf(LOST_GAUGE, ['agent']), legend: '{{agent}}' },
  ).thresholds(thresholds({ value: null, color: 'green' }, { value: 1, color: 'red' })),
  lines(
    {
      id: 3,
      title: 'Running over time',
      description: 'Steps at work at once, by agent and step.',
      unit: Short,
      width: 8,
    },
    { expr: sumOf(RUNNING_GAUGE, byStep), legend: STEP_LEGEND },
  ),
  lines(
    {
      id: 4,
      title: 'Processor cores in use',
      description: 'Cores that running steps keep busy, by agent and step: a point every 10 s.',
      unit: Short,
      width: 8,
    },
    { expr: sumOf(live(LIVE_GAUGES.cpuUtilization), byStep), legend: STEP_LEGEND },
  ),
  lines(
    {
      id: 5,
      title: 'Memory in use',
      description: 'Memory of running steps, by agent and step: a point every 10 s.',
      unit: BytesIEC,
      width: 8,
    },
    { expr: sumOf(live(LIVE_GAUGES.memoryUsage), byStep), legend: STEP_LEGEND },
  ),
]

export const LIVE_STEPS = dashboard('live-steps.json', {
  uid: 'stepwell-live-steps',
  description:
    'What runs at this moment. Running and lost are series of the embedded engine: choose it as data source, or scrape its port 8889.',
  variables: [
    sourceVariable(PROMETHEUS, 'Prometheus'),
    ...choiceVariables(RUNNING_GAUGE, STEP_CHOICES),
  ],
  panels,
  rows: [],
})
