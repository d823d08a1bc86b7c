// Which steps a dashboard is about: variables that are labels of the series, so that a query is narrowed by those that
// its metric has.

import {
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { PLACE_LABELS } from '@stepwell/model'
import { PROMETHEUS } from './sources.ts'

export interface Choice {
  readonly variable: string
  readonly title: string
  readonly label: string
  /** One value and no more; else several, or all. */
  readonly single?: true
}

/** Series by their name in Prometheus, and what they are told apart by. */
export interface Labelled {
  readonly prometheusName: string
  readonly labels: Readonly<Record<string, unknown>>
}

/** Where the Collector's configuration names them; elsewhere there is nothing to choose, and all is matched. */
export const PLACE: readonly Choice[] = [
  { variable: 'environment', title: 'Environment', label: PLACE_LABELS.environment },
  { variable: 'cluster', title: 'Cluster', label: PLACE_LABELS.cluster },
]

export const REPOSITORY: Choice = { variable: 'repo', title: 'Repository', label: 'repo' }

/** Of many steps: place, repository, agent, step. */
export const STEP_CHOICES: readonly Choice[] = [
  ...PLACE,
  REPOSITORY,
  { variable: 'agent', title: 'Agent', label: 'agent' },
  { variable: 'step', title: 'Step', label: 'step_name' },
]

const PLACES = new Set<string>(Object.values(PLACE_LABELS))

/** Matchers for those of the choices that the series have a label of. */
export const matchersOf = ({ labels }: Labelled, choices: readonly Choice[]): string =>
  choices
    .filter(({ label }) => PLACES.has(label) || label in labels)
    .map(({ label, variable, single }) => `${label}${single ? '=' : '=~'}"$${variable}"`)
    .join(',')

/** Variables that offer the values that the series have, each narrowed by those before it. */
export const choiceVariables = (
  series: Labelled,
  choices: readonly Choice[],
): QueryVariableBuilder[] =>
  choices.map(({ variable, title, label, single }, index) => {
    const before = matchersOf(series, choices.slice(0, index))
    const built = new QueryVariableBuilder(variable)
      .label(title)
      .datasource(PROMETHEUS)
      .query(`label_values(${series.prometheusName}{${before}}, ${label})`)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.AlphabeticalAsc)
    if (single) return built
    return (
      built
        .multi(true)
        .includeAll(true)
        // What lacks the label is part of all, too; Grafana's own list of the values would leave it out.
        .allValue('.*')
        .current({ selected: true, text: 'All', value: '$__all' })
    )
  })
