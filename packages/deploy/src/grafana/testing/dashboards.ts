// Dashboards as Grafana reads them from their files, and what it makes of a query before it asks.

import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard'
import { GRAFANA } from '../index.ts'

export interface Target {
  readonly datasource: { readonly type: string; readonly uid: string }
  readonly refId: string
  readonly expr?: string
  readonly query?: string
  readonly instant?: boolean
  readonly exemplar?: boolean
  readonly format?: string
  readonly legendFormat?: string
  readonly service?: string
  readonly operation?: string
  readonly tags?: string
}

export type FilledPanel = Omit<Panel, 'targets'> & {
  readonly id: number
  readonly title: string
  readonly targets: readonly Target[]
}

export interface NamedDashboard extends Dashboard {
  readonly file: string
  readonly uid: string
  readonly title: string
}

export const DASHBOARDS: readonly NamedDashboard[] = GRAFANA.filter(({ path }) =>
  path.startsWith('grafana/dashboards/'),
).map(({ path, content }) => ({ ...JSON.parse(content), file: path }))

const isRow = (panel: Panel | RowPanel): panel is RowPanel => panel.type === 'row'

export const rowsOf = ({ panels = [] }: Dashboard): RowPanel[] => panels.filter(isRow)

/** Also those below a heading that is closed. */
export const panelsOf = ({ panels = [] }: Dashboard): FilledPanel[] =>
  panels.flatMap((panel) => (isRow(panel) ? panel.panels : [panel])) as unknown as FilledPanel[]

export const variablesOf = ({ templating }: Dashboard) => templating.list ?? []

/** The label that a variable offers the values of, and the series that it takes them from. */
export function labelValuesOf(query: string): { series: string; label: string } {
  const [, series, label] = /^label_values\((.+), (\w+)\)$/s.exec(query) ?? []
  if (!series || !label) throw new Error(`no label_values(…): ${query}`)
  return { series, label }
}

/** A variable in a text: `$name`, `${name}` or `${name:format}`. */
const VARIABLE = /\$(\w+)|\$\{([^}:]+)(?::(\w+))?\}/g

export const namesIn = (text: string): string[] =>
  [...text.matchAll(VARIABLE)].map(([, bare, braced]) => bare ?? braced!)

/** A choice as it stands in a query; all of them is what the variable says that they are. */
export type Chosen = Readonly<Record<string, string | readonly string[]>>

/**
 * Puts values in their places as Grafana does for Prometheus and Loki: several as alternatives of a regular
 * expression, one alone as a text in quotes.
 */
export const interpolate = (text: string, chosen: Chosen): string =>
  text.replace(VARIABLE, (whole, bare?: string, braced?: string) => {
    const value = chosen[bare ?? braced!]
    if (value === undefined) throw new Error(`${whole} has no value in ${text}`)
    if (typeof value === 'string') return value
    const alternatives = value.map((one) =>
      one.replace(/[\\^$*+?.()|[\]{}]/g, '\\$&').replace(/[\\"]/g, '\\$&'),
    )
    return alternatives.length === 1 ? alternatives[0]! : `(${alternatives.join('|')})`
  })
