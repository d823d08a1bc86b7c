// The figures as Markdown.

import { median } from '../engine/tables.ts'
import type { Question } from './answers.ts'

export interface Asked extends Question {
  readonly series: number
  readonly points: number
  /** Milliseconds of each round. */
  readonly ours: readonly number[]
  readonly theirs: readonly number[]
}

const quantile99 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1]!

const figure = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)

/** How many times as long ours takes. */
export const ratioOf = ({ ours, theirs }: Asked): number => median(ours) / median(theirs)

export function questionTable(asked: readonly Asked[]): string {
  const rows = asked.map((one) => [
    one.group,
    one.name,
    `${one.series} / ${one.points}`,
    figure(median(one.ours)),
    figure(quantile99(one.ours)),
    figure(median(one.theirs)),
    figure(quantile99(one.theirs)),
    ratioOf(one).toFixed(2),
  ])
  const head = ['', 'query', 'series / points', 'Stepwell, ms', '99 %', 'Prometheus, ms', '99 %']
  return table([...head, 'ratio'], rows)
}

/** Of each group: all of its questions one after the other, and the one that does worst. */
export function groupTable(asked: readonly Asked[]): string {
  const groups = Map.groupBy(asked, ({ group }) => group)
  const rows = [...groups].map(([group, members]) => {
    const sum = (side: 'ours' | 'theirs') =>
      members.reduce((total, one) => total + median(one[side]), 0)
    const worst = members.reduce((a, b) => (ratioOf(b) > ratioOf(a) ? b : a))
    const ratios = members.map(ratioOf)
    return [
      group,
      String(members.length),
      figure(sum('ours')),
      figure(sum('theirs')),
      (sum('ours') / sum('theirs')).toFixed(2),
      median(ratios).toFixed(2),
      `${ratioOf(worst).toFixed(2)} (${worst.name})`,
    ]
  })
  const head = ['', 'queries', 'Stepwell, ms', 'Prometheus, ms', 'ratio', 'median ratio', 'worst']
  return table(head, rows)
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---|').join('')}`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n')
}
