// A dashboard's frame: what they have alike, and the links between them and to Stepwell's page.

import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  DashboardBuilder,
  DashboardCursorSync,
  type DashboardLink,
  DashboardLinkType,
  type Panel,
  RowBuilder,
  TextBoxVariableBuilder,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { PackFile } from '../pack-file.ts'
import { inserted } from './sources.ts'

/** The page of an engine on this machine; another's is typed in above the panels, or comes as `var-stepwell`. */
const PAGE = 'http://localhost:16686'

const TAG = 'stepwell'

/** Panels below a heading; `id` is that of the heading. */
export interface Row {
  readonly id: number
  readonly title: string
  readonly panels: readonly Builder<Panel>[]
  /** Asks nothing until it is opened. */
  readonly closed?: true
}

export interface Contents {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly variables: readonly Builder<VariableModel>[]
  /** Above the first heading. */
  readonly panels: readonly Builder<Panel>[]
  readonly rows: readonly Row[]
}

const link = (links: Omit<DashboardLink, 'asDropdown'>): Builder<DashboardLink> => ({
  build: () => ({ ...links, asDropdown: false }),
})

/** `file` is the name in the folder of dashboards. */
export function dashboard(file: string, contents: Contents): PackFile {
  const { uid, title, description, variables, panels, rows } = contents
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    // Saved changes would be lost with the next version of the file: a copy keeps them.
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-6h', to: 'now' })
    .refresh('1m')
    .variables([
      ...variables,
      new TextBoxVariableBuilder('stepwell').label('Stepwell page').defaultValue(PAGE),
    ])
    .links([
      link({
        title: 'Agent steps',
        type: DashboardLinkType.Dashboards,
        icon: 'external link',
        tooltip: 'The other dashboards, of the same time and choice',
        tags: [TAG],
        targetBlank: false,
        includeVars: true,
        keepTime: true,
      }),
      link({
        title: 'Stepwell',
        type: DashboardLinkType.Link,
        icon: 'external link',
        tooltip: 'The runs, on the page',
        url: `${inserted('stepwell')}/runs`,
        tags: [],
        targetBlank: true,
        includeVars: false,
        keepTime: false,
      }),
    ])
  for (const panel of panels) builder.withPanel(panel)
  for (const { id, title, panels, closed } of rows) {
    const row = new RowBuilder(title).id(id)
    if (closed) {
      for (const panel of panels) row.withPanel(panel)
      builder.withRow(row.collapsed(true))
    } else {
      builder.withRow(row)
      for (const panel of panels) builder.withPanel(panel)
    }
  }
  const content = `${JSON.stringify(builder.build(), null, 2)}\n`
  return { path: `grafana/dashboards/${file}`, content }
}
