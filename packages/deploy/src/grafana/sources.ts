// The data sources: what a Grafana is provisioned with names them so, and a dashboard asks which to read.

import { DatasourceVariableBuilder } from '@grafana/grafana-foundation-sdk/dashboard'

/** Names of data sources, stable over time: links and alerts lead to them. */
export const UID = {
  prometheus: 'prometheus',
  loki: 'loki',
  alertmanager: 'alertmanager',
  jaeger: 'jaeger',
  tempo: 'tempo',
} as const

/** A variable as Grafana reads it, by its name, or name and format: `repo:queryparam`. */
export const inserted = (variable: string): string => `\${${variable}}`

const fromVariable = (type: string, variable: string) => ({ type, uid: inserted(variable) })

export const PROMETHEUS = fromVariable('prometheus', 'datasource')
export const LOKI = fromVariable('loki', 'loki')
export const JAEGER = fromVariable('jaeger', 'jaeger')
export const TEMPO = fromVariable('tempo', 'tempo')

type Reference = ReturnType<typeof fromVariable>

/** Chooses among all of the type that the Grafana has. */
export const sourceVariable = ({ type, uid }: Reference, title: string) =>
  new DatasourceVariableBuilder(uid.slice(2, -1)).label(title).type(type)
