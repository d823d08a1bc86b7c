// /format_query: a query as people would write it. Alone of this API it says in JSON what is wrong.

import type { Route } from '../http/router.ts'
import { LokiError } from './answers.ts'
import { prettyLogql } from './logql/pretty.ts'

export const formatQueryRoutes = (): Route[] => [
  {
    methods: ['GET', 'POST'],
    path: '/loki/api/v1/format_query',
    answer: ({ parameters }) => {
      try {
        return answer({ status: 'success', data: prettyLogql(parameters.get('query') ?? '') })
      } catch (error) {
        if (!(error instanceof LokiError)) throw error
        return answer({ status: 'invalid-query', error: error.message }, error.status)
      }
    },
  },
]

const answer = (body: object, status = 200) =>
  Response.json(body, { status, headers: { 'content-type': 'application/json; charset=utf-8' } })
