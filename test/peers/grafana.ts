// Asks as a Grafana does for a dashboard: variables put in their places, and each panel's queries put to their sources.

import {
  type Chosen,
  interpolate,
  labelValuesOf,
  type NamedDashboard,
  panelsOf,
  type Target,
  variablesOf,
} from '../../packages/deploy/src/grafana/testing/dashboards.ts'
import { json } from '../support/ask.ts'

/** URLs of what the data sources lead to; one that is not given is not asked. */
export interface Sources {
  readonly prometheus: string
  readonly loki?: string
  readonly jaeger?: string
}

export interface Question {
  /** Which panel or variable asks. */
  readonly name: string
  readonly source: keyof Sources
  readonly url: string
  /** The query, where the panel shows its exemplars. */
  readonly exemplarsOf?: string
  /** Rows of a heatmap are series by the name of their bound. */
  readonly isHeatmap?: boolean
}

const STEP = 15
const RANGE = 900

/** What Grafana inserts by itself, for a data source whose samples are 15 s apart. */
const TIMES = { __rate_interval: `${4 * STEP}s`, __range: `${RANGE}s` }

/** What a reader picks of variables, or *All* of those that have it. */
export interface Pick {
  readonly all: boolean
  readonly values: Readonly<Record<string, readonly string[]>>
}

export function questionsOf(
  dashboard: NamedDashboard,
  sources: Sources,
  { all, values: picked }: Pick,
): Question[] {
  const variables = variablesOf(dashboard)
  const values: Chosen = Object.fromEntries([
    ...variables.map(({ name, multi, allValue, query }) => {
      const choices = picked[name]
      if (multi) return [name, all || !choices ? allValue! : choices]
      // Of one that has no choices, what it begins with.
      return [name, choices?.[0] ?? String(query)]
    }),
    ...Object.entries(TIMES),
  ])
  const ofVariables = variables.flatMap(({ name, type, query }) =>
    type === 'query'
      ? [variableQuestion(`${dashboard.title}: $${name}`, String(query), sources, values)]
      : [],
  )
  const ofPanels = panelsOf(dashboard).flatMap(({ title, targets }) =>
    targets.flatMap((target) => {
      const name = `${dashboard.title}: ${title} (${target.refId})`
      return panelQuestion(name, target, sources, values) ?? []
    }),
  )
  return [...ofVariables, ...ofPanels]
}

const path = (url: string, parameters: Record<string, string>) =>
  `${url}?${new URLSearchParams(parameters)}`

/** To the next whole step: a sample is seen from the first that follows it. */
function now() {
  const end = Math.ceil(Date.now() / 1000 / STEP) * STEP
  return { start: end - RANGE, end }
}

function variableQuestion(name: string, query: string, sources: Sources, values: Chosen): Question {
  const { series, label } = labelValuesOf(query)
  const { start, end } = now()
  const url = path(`${sources.prometheus}/api/v1/label/${label}/values`, {
    'match[]': interpolate(series, values),
    start: String(start),
    end: String(end),
  })
  return { name, source: 'prometheus', url }
}

function panelQuestion(
  name: string,
  target: Target,
  { prometheus, loki, jaeger }: Sources,
  values: Chosen,
): Question | undefined {
  const { type } = target.datasource
  if (type === 'prometheus') return metricQuestion(name, target, prometheus, values)
  if (type === 'loki' && loki) return logQuestion(name, interpolate(target.expr!, values), loki)
  if (type === 'jaeger' && jaeger) return traceQuestion(name, target, jaeger, values)
  return undefined
}

function metricQuestion(name: string, target: Target, url: string, values: Chosen): Question {
  const query = interpolate(target.expr!, values)
  const { start, end } = now()
  const range = { start: String(start), end: String(end), step: String(STEP) }
  return {
    name,
    source: 'prometheus',
    url: target.instant
      ? path(`${url}/api/v1/query`, { query, time: String(end) })
      : path(`${url}/api/v1/query_range`, { query, ...range }),
    isHeatmap: target.format === 'heatmap',
    ...(target.exemplar && { exemplarsOf: query }),
  }
}

export function logQuestion(name: string, query: string, url: string): Question {
  const { start, end } = now()
  const range = { start: `${start}000000000`, end: `${end}000000000` }
  return {
    name,
    source: 'loki',
    url: path(`${url}/loki/api/v1/query_range`, { query, ...range, limit: '500' }),
  }
}

function traceQuestion(name: string, target: Target, url: string, values: Chosen): Question {
  const { start, end } = now()
  const tags = Object.fromEntries(target.tags!.split(' ').map((tag) => tag.split('=')))
  return {
    name,
    source: 'jaeger',
    url: path(`${url}/api/traces`, {
      service: target.service!,
      operation: interpolate(target.operation!, values),
      tags: JSON.stringify(tags),
      start: `${start}000000`,
      end: `${end}000000`,
      limit: '50',
    }),
  }
}

type Value = readonly [number, string]

type Labels = Readonly<Record<string, string>>

interface Series {
  readonly metric?: Labels
  /** In Loki's answers. */
  readonly stream?: Labels
  readonly value?: Value
  readonly values?: readonly Value[]
}

const ask = ({ url }: Question) =>
  json<{ data: readonly unknown[] | { result: readonly Series[] } }>(url)

/** Whether what came back has something to show: a number, a line, a trace, or a value to choose. */
export async function hasData(question: Question): Promise<boolean> {
  const { data } = await ask(question)
  if (!('result' in data)) return data.length > 0
  if (question.source === 'loki') return data.result.length > 0
  // A counter that has no start is there too, and never rises: a panel of nothing but zeros.
  return data.result.some(({ value, values = [] }) =>
    [...(value ? [value] : []), ...values].some(([, text]) => text !== 'NaN' && text !== '0'),
  )
}

async function seriesOf(question: Question): Promise<readonly Series[]> {
  const { data } = await ask(question)
  if (!('result' in data)) throw new Error(`${question.name} does not ask for series`)
  return data.result
}

/** The labels of all series, or streams, that came back. */
export const labelsOf = async (question: Question): Promise<Labels[]> =>
  (await seriesOf(question)).map(({ metric, stream }) => metric ?? stream!)

/** What a panel of single numbers shows: the values by the label that it kept. */
export const numbersOf = async (question: Question): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await seriesOf(question)).map(({ metric, value }) => [
      Object.values(metric!).join(),
      Number(value![1]),
    ]),
  )

/** The lines that a panel of logs shows, in no order. */
export const linesOf = async (question: Question): Promise<string[]> =>
  (await seriesOf(question)).flatMap(({ values = [] }) => values.map(([, line]) => line))
