// Rules and alerts, of which there are none yet: what a Prometheus without rule files answers.

import { parseGoBoolean, SyntaxProblem } from '../http/go.ts'
import type { Route } from '../http/router.ts'
import { invalidParameter, success } from './answers.ts'
import { readSelectors } from './parameters.ts'

export const ruleRoutes = (): Route[] => [
  {
    methods: ['GET'],
    path: '/api/v1/rules',
    answer: ({ parameters }) => {
      const type = parameters.get('type')
      if (type && type !== 'alert' && type !== 'record')
        throw invalidParameter('type', `not supported value ${JSON.stringify(type)}`)
      checkBoolean(parameters, 'exclude_alerts')
      readSelectors(parameters, (why) => invalidParameter('match[]', why))
      return success({ groups: [] })
    },
  },
  { methods: ['GET'], path: '/api/v1/alerts', answer: () => success({ alerts: [] }) },
]

function checkBoolean(parameters: URLSearchParams, name: string) {
  try {
    parseGoBoolean(parameters.get(name) || 'false')
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    throw invalidParameter(name, `error converting ${name}: ${error.message}`)
  }
}
