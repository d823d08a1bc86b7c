// A query as people would write it, and as a tree: /format_query, /parse_query.

import { type Expression, format, PromqlError, parse, tree } from '@stepwell/promql'
import type { Route } from '../http/router.ts'
import { invalidParameter, success } from './answers.ts'

const methods = ['GET', 'POST'] as const

const routeOf = (path: string, answer: (expression: Expression) => unknown): Route => ({
  methods,
  path,
  answer: ({ parameters }) => success(answer(read(parameters.get('query') ?? ''))),
})

export const formatRoutes = (): Route[] => [
  routeOf('/api/v1/format_query', format),
  routeOf('/api/v1/parse_query', tree),
]

function read(query: string): Expression {
  try {
    return parse(query)
  } catch (error) {
    if (error instanceof PromqlError) throw invalidParameter('query', error.message)
    throw error
  }
}
