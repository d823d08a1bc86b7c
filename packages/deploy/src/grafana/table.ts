// A table of the whole range: a row for each set of labels, a column for each expression.

import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table'
import { type Frame, framed, letterOf, prometheus } from './frame.ts'
import { PROMETHEUS } from './sources.ts'

export interface Column {
  readonly title: string
  readonly expr: string
  readonly unit: string
}

export const table = (frame: Frame, labels: readonly string[], columns: readonly Column[]) => {
  const queries = columns.map(({ expr }, index) =>
    prometheus(expr, letterOf(index)).instant().format(PromQueryFormat.Table),
  )
  const field = (index: number) => (columns.length > 1 ? `Value #${letterOf(index)}` : 'Value')
  const panel = framed(new PanelBuilder(), frame, PROMETHEUS, queries)
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(
          [...labels, ...columns.map((_, index) => field(index))].map((name, at) => [name, at]),
        ),
        renameByName: Object.fromEntries(columns.map(({ title }, index) => [field(index), title])),
      },
    })
    .showHeader(true)
  for (const { title, unit } of columns) panel.overrideByName(title, [{ id: 'unit', value: unit }])
  return panel
}
