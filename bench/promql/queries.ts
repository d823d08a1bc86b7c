// What is asked: a set over the series that were sent, and the queries of the dashboards.

import {
  type Chosen,
  DASHBOARDS,
  interpolate,
  labelValuesOf,
  panelsOf,
  variablesOf,
} from '../../packages/deploy/src/grafana/testing/dashboards.ts'
import type { Question } from './answers.ts'
import { agentOf, STEPS } from './steps.ts'

/** Milliseconds since the Unix epoch. */
export interface Times {
  readonly start: number
  readonly end: number
}

const HOUR = 3_600_000
const seconds = (milliseconds: number): string => String(milliseconds / 1000)
const pathOf = (what: string, parameters: Record<string, string>): string =>
  `/api/v1/${what}?${new URLSearchParams(parameters)}`

const instant = (query: string, time: number): string =>
  pathOf('query', { query, time: seconds(time) })
const range = (query: string, start: number, end: number, step: number): string =>
  pathOf('query_range', { query, start: seconds(start), end: seconds(end), step: seconds(step) })

/** The ranges that people look at: an hour as finely as samples are, and all there is. */
export const RANGES = [
  { name: '1 h, 15 s', length: () => HOUR, step: 15_000 },
  { name: 'all, 2 min', length: ({ start, end }: Times) => end - start, step: 120_000 },
] as const

const COUNTER = 'load_steps_total'
const BUCKET = 'load_step_duration_seconds_bucket'
const GAUGE = 'load_queue_depth'
const ONE = `{runner="runner-7",agent="coder-3",outcome="success"}`

const RANGE_QUERIES: Readonly<Record<string, string>> = {
  'one series': `${COUNTER}${ONE}`,
  'rate of one series': `rate(${COUNTER}${ONE}[5m])`,
  'rate of a runner': `rate(${COUNTER}{runner="runner-7"}[5m])`,
  'sum of a rate': `sum(rate(${COUNTER}[5m]))`,
  'sum by of a rate': `sum by (repo, outcome) (rate(${COUNTER}[5m]))`,
  'sum by of an increase over 1 h': `sum by (agent) (increase(${COUNTER}[1h]))`,
  'quantiles of buckets': `histogram_quantile(0.95, sum by (le, step_name) (rate(${BUCKET}[5m])))`,
  'quantiles by repo': `histogram_quantile(0.5, sum by (le, repo) (rate(${BUCKET}[5m])))`,
  'topk of sums': `topk(5, sum by (runner) (rate(load_step_duration_seconds_sum[5m])))`,
  'share of failures': `sum by (repo) (rate(${COUNTER}{outcome="failure"}[5m])) / sum by (repo) (rate(${COUNTER}[5m]))`,
  'join to a group': `sum by (pool) (rate(${COUNTER}[5m]) * on (runner) group_left () max by (runner) (${GAUGE}))`,
  'average by': `avg by (pool) (${GAUGE})`,
  'max over time': `max by (repo) (max_over_time(${GAUGE}{pool="pool-1"}[15m]))`,
  'quantile over time': `max(quantile_over_time(0.9, ${GAUGE}{pool="pool-1"}[15m]))`,
  subquery: `max_over_time(sum(rate(${COUNTER}{pool="pool-1"}[5m]))[30m:1m])`,
  'regular expression': `sum by (repo) (rate(${COUNTER}{repo=~"acme/web-[1-3].*",agent!~"coder-1."}[5m]))`,
  'comparison of all': `${GAUGE} > 5`,
}

const INSTANT_QUERIES: Readonly<Record<string, string>> = {
  'all series, one number': `count({__name__=~"load_.+"})`,
  'all counters': COUNTER,
  'count by name': `count by (__name__) ({__name__=~"load_.+"})`,
  'rate of all sums, the greatest': `topk(10, rate(load_step_duration_seconds_sum[5m]))`,
  'increase of all buckets': `sum by (le) (increase(${BUCKET}[1h]))`,
  'changes over 1 h': `sum(changes(${GAUGE}[1h]))`,
}

/** The set over what was sent. */
export function ownQuestions(times: Times): Question[] {
  const { end } = times
  const ranges = RANGES.flatMap(({ name: group, length, step }) =>
    Object.entries(RANGE_QUERIES).map(([name, query]) => ({
      group,
      name,
      path: range(query, end - length(times), end, step),
    })),
  )
  const instants = Object.entries(INSTANT_QUERIES).map(([name, query]) => ({
    group: 'instant',
    name,
    path: instant(query, end),
  }))
  const between = { start: seconds(end - HOUR), end: seconds(end) }
  const matching = { 'match[]': `{__name__=~"load_.+"}`, ...between }
  const listings = [
    { name: 'names', path: pathOf('label/__name__/values', between) },
    { name: 'values of a label', path: pathOf('label/runner/values', matching) },
    { name: 'labels', path: pathOf('labels', between) },
    { name: 'series of a metric', path: pathOf('series', { ...between, 'match[]': COUNTER }) },
  ].map((one) => ({ group: 'listing', ...one }))
  return [...ranges, ...instants, ...listings]
}

/** What is picked of variables that have no *All*. */
const ONE_OF: Readonly<Record<string, string>> = { agent: agentOf(0), step: STEPS[0]! }

/** Every query of the dashboards, with *All* of each variable. */
export function dashboardQuestions(times: Times): Question[] {
  return RANGES.flatMap(({ name: rangeName, length, step }) => {
    const { end } = times
    const start = end - length(times)
    return DASHBOARDS.flatMap((dashboard) => {
      const group = `${dashboard.title}, ${rangeName}`
      const variables = variablesOf(dashboard)
      const chosen: Chosen = {
        ...Object.fromEntries(
          variables.map(({ name, multi, allValue, query }) => [
            name,
            multi ? allValue! : (ONE_OF[name] ?? String(query)),
          ]),
        ),
        // As Grafana does: four samples at least, and no less than a step.
        __rate_interval: seconds(Math.max(60_000, step + 15_000)).concat('s'),
        __range: `${seconds(end - start)}s`,
      }
      const offered = variables.flatMap(({ name, type, query }) => {
        if (type !== 'query') return []
        const { series, label } = labelValuesOf(String(query))
        const matching = { 'match[]': interpolate(series, chosen) }
        const between = { start: seconds(start), end: seconds(end) }
        return {
          group,
          name: `$${name}`,
          path: pathOf(`label/${label}/values`, { ...matching, ...between }),
        }
      })
      const shown = panelsOf(dashboard).flatMap(({ title, targets }) =>
        targets.flatMap((target) => {
          if (target.datasource.type !== 'prometheus') return []
          const query = interpolate(target.expr!, chosen)
          const path = target.instant ? instant(query, end) : range(query, start, end, step)
          return { group, name: `${title} (${target.refId})`, path }
        }),
      )
      return [...offered, ...shown]
    })
  })
}
