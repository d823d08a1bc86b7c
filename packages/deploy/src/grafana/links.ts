// Links from a row of a table to one step, or to one trace.

import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table'
import { inserted } from './sources.ts'

export const ONE_STEP_UID = 'stepwell-one-step'

/** A column of the row that is clicked on. */
const column = (name: string) => inserted(`__data.fields.${name}:percentencode`)

/** `kept`: variables that go along; the range of time does, too. */
const oneStep = (kept: readonly string[], values: readonly string[]) => {
  const query = [
    ...values,
    ...kept.map((name) => inserted(`${name}:queryparam`)),
    inserted('__url_time_range'),
  ]
  return `/d/${ONE_STEP_UID}?${query.join('&')}`
}

/** The columns `agent` and `step_name` open the step alone, of the same time and place. */
export function toOneStep(panel: PanelBuilder): PanelBuilder {
  const values = [`var-agent=${column('agent')}`, `var-step=${column('step_name')}`]
  const kept = ['datasource', 'environment', 'cluster', 'repo', 'stepwell']
  const links = [{ title: 'This step alone', url: oneStep(kept, values) }]
  for (const name of ['agent', 'step_name'])
    panel.overrideByName(name, [{ id: 'links', value: links }])
  return panel
}

/** The trace's name leads on: its id has Grafana's own link, to the trace. */
export function toTrace(panel: PanelBuilder): PanelBuilder {
  const kept = ['datasource', 'loki', 'jaeger', 'tempo', 'environment', 'cluster']
  const step = ['repo', 'agent', 'step', 'stepwell']
  const links = [
    {
      title: 'Its output, in this dashboard',
      url: oneStep([...kept, ...step], [`var-trace=${column('traceID')}`]),
    },
    {
      title: 'On the page',
      url: `${inserted('stepwell')}/runs/${column('traceID')}`,
      targetBlank: true,
    },
  ]
  return panel.overrideByName('traceName', [{ id: 'links', value: links }])
}
