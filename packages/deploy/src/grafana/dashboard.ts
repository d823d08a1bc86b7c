// A dashboard's frame: what they have alike.

import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  DashboardBuilder,
  DashboardCursorSync,
  type Panel,
  RowBuilder,
  TextBoxVariableBuilder,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { PackFile } from '../pack-file.ts'
import { type DashboardUid, headLinks, TITLES } from './links.ts'

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
  readonly uid: DashboardUid
  readonly description: string
  readonly variables: readonly Builder<VariableModel>[]
  /** Above the first heading. */
  readonly panels: readonly Builder<Panel>[]
  readonly rows: readonly Row[]
}

/** `file` is the name in the folder of dashboards. */
export function dashboard(file: string, contents: Contents): PackFile {
  const { uid, description, variables, panels, rows } = contents
  const builder = new DashboardBuilder(TITLES[uid])
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
    .links(headLinks(uid))
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
