// Links to other dashboards, from the head of one or from a row of a table, and to Stepwell's page.

import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import { type DashboardLink, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard'
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table'
import { inserted } from './sources.ts'

/** By what their addresses name. */
export const TITLES = {
  'stepwell-agent-step-performance': 'Agent Step Performance',
  'stepwell-workflows': 'Workflows',
  'stepwell-one-step': 'One step',
  'stepwell-live-steps': 'Live steps',
} as const

export type DashboardUid = keyof typeof TITLES

/** Variables that every dashboard has, and that go along. Agent and step do not: where one is chosen, all is none. */
const COMMON = ['datasource', 'environment', 'cluster', 'repo', 'stepwell']

/** A column of the row that is clicked on. */
const column = (name: string) => inserted(`__data.fields.${name}:percentencode`)

/** `kept`: variables that go along; `values`: what the others are to be. */
const address = (uid: DashboardUid, kept: readonly string[], ...values: string[]) =>
  `/d/${uid}?${[...values, ...kept.map((name) => inserted(`${name}:queryparam`))].join('&')}`

/** The range of time goes along, too. */
const oneStep = (kept: readonly string[], ...values: string[]) =>
  address('stepwell-one-step', kept, ...values, inserted('__url_time_range'))

const link = (
  title: string,
  url: string,
  more: Partial<DashboardLink>,
): Builder<DashboardLink> => ({
  build: () => ({
    title,
    type: DashboardLinkType.Link,
    icon: 'dashboard',
    tooltip: '',
    url,
    tags: [],
    asDropdown: false,
    targetBlank: false,
    includeVars: false,
    keepTime: true,
    ...more,
  }),
})

/** At the head of a dashboard: to the others, and to the page. */
export const headLinks = (uid: DashboardUid): Builder<DashboardLink>[] => [
  ...Object.entries(TITLES)
    .filter(([other]) => other !== uid)
    .map(([other, title]) => link(title, address(other as DashboardUid, COMMON), {})),
  link('Stepwell', `${inserted('stepwell')}/runs`, {
    icon: 'external link',
    tooltip: 'The runs, on the page',
    targetBlank: true,
    keepTime: false,
  }),
]

/** The columns `agent` and `step_name` open the step alone, of the same time and place. */
export function toOneStep(panel: PanelBuilder): PanelBuilder {
  const values = [`var-agent=${column('agent')}`, `var-step=${column('step_name')}`]
  const links = [{ title: 'This step alone', url: oneStep(COMMON, ...values) }]
  for (const name of ['agent', 'step_name'])
    panel.overrideByName(name, [{ id: 'links', value: links }])
  return panel
}

/** The trace's name leads on: its id has Grafana's own link, to the trace. */
export function toTrace(panel: PanelBuilder): PanelBuilder {
  const kept = [...COMMON, 'loki', 'jaeger', 'tempo', 'agent', 'step']
  const links = [
    {
      title: 'Its output, in this dashboard',
      url: oneStep(kept, `var-trace=${column('traceID')}`),
    },
    {
      title: 'On the page',
      url: `${inserted('stepwell')}/runs/${column('traceID')}`,
      targetBlank: true,
    },
  ]
  return panel.overrideByName('traceName', [{ id: 'links', value: links }])
}
