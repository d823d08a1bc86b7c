// Exemplars of the series that an expression reads: /query_exemplars.

import { type Expression, type Matcher, parse } from '@stepwell/promql'

import type { ExemplarSeries } from '../../derive/types.ts'
import type { Engine } from '../engine.ts'
import type { Asked, Route } from '../http/router.ts'
import { PrometheusError, success } from './answers.ts'
import { MAX_TIME, MIN_TIME, readTime } from './parameters.ts'
import { formatSample } from './result.ts'

export const exemplarRoutes = (engine: Engine): Route[] => [
  {
    methods: ['GET', 'POST'],
    path: '/api/v1/query_exemplars',
    answer: (asked) => exemplars(engine, asked),
  },
]

async function exemplars({ derived }: Engine, { parameters }: Asked): Promise<Response> {
  const start = readTime(parameters, 'start', MIN_TIME)
  const end = readTime(parameters, 'end', MAX_TIME)
  if (end < start)
    throw new PrometheusError('bad_data', 'end timestamp must not be before start timestamp')
  const selectors = selectorsOf(parse(parameters.get('query') ?? ''))
  if (selectors.length === 0) return new Response(null, { status: 204 })
  const found = new Map<string, ExemplarSeries>()
  for (const matchers of selectors)
    for (const series of await derived.exemplars(matchers, start, end))
      found.set(JSON.stringify(Object.entries(series.labels).sort()), series)
  return success(
    [...found.values()].map((series) => ({
      seriesLabels: series.labels,
      exemplars: series.exemplars.map(({ labels, value, timestamp }) => ({
        labels,
        value: formatSample(value),
        timestamp: timestamp / 1000,
      })),
    })),
  )
}

/** The matchers of every selector in an expression. */
function selectorsOf(expression: Expression): (readonly Matcher[])[] {
  switch (expression.kind) {
    case 'vectorSelector':
      return [expression.matchers]
    case 'matrixSelector':
      return [expression.selector.matchers]
    case 'call':
      return expression.arguments.flatMap(selectorsOf)
    case 'binary':
      return [...selectorsOf(expression.left), ...selectorsOf(expression.right)]
    case 'aggregation':
      return [
        ...selectorsOf(expression.expression),
        ...(expression.parameter ? selectorsOf(expression.parameter) : []),
      ]
    case 'subquery':
    case 'unary':
    case 'paren':
      return selectorsOf(expression.expression)
    case 'number':
    case 'string':
      return []
  }
}
