// The derived series of several places side by side: how many each has of a metric, and what they add up to.

import { DERIVED_METRICS } from '@stepwell/model'

/** `{…} VALUE`, as `values` of prometheus.ts gives them, by place. */
type Places = Readonly<Record<string, readonly string[]>>

export function seriesTable(places: Places): string {
  const rows = DERIVED_METRICS.map(({ prometheusName, type }) => {
    const counted = type === 'histogram' ? `${prometheusName}_count` : prometheusName
    return [
      prometheusName,
      ...Object.values(places).map((lines) => cell(lines, prometheusName, counted)),
    ]
  })
  const table = [['series: total', ...Object.keys(places)], ...rows]
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
  return table
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function cell(lines: readonly string[], metric: string, counted: string): string {
  const series = lines.filter((line) => line.includes(`["__name__","${metric}`))
  const total = series
    .filter((line) => line.includes(`["__name__","${counted}"]`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
  return `${series.length}: ${total}`
}
