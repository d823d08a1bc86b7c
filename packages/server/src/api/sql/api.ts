// SQL over HTTP: `/api/sql`, answered from the views of docs/sql.md.

import type { SqlAnswer } from '../../sql/queries.ts'
import type { Engine } from '../engine.ts'
import { readText } from '../http/body.ts'
import type { Api, Asked } from '../http/router.ts'
import { ApiError, answerIn, refuse } from './answers.ts'

export const sqlApi = ({ store, config }: Engine): Api => ({
  routes: [
    {
      methods: ['GET', 'POST'],
      path: '/api/sql',
      answer: async (asked) => {
        refuseForeignPage(asked.request, config.allowOrigins)
        const answer = answerIn(asked.request.headers.get('accept') ?? '')
        const found: SqlAnswer = await store.sql(await queryOf(asked), asked.request.signal)
        return answer(found)
      },
    },
  ],
  refuse,
})

/** A page elsewhere could not read the answer, but have the engine work for it. */
function refuseForeignPage({ headers }: Request, allowed: readonly string[]): void {
  if (headers.get('sec-fetch-site') !== 'cross-site' || allowed.includes('*')) return
  const origin = headers.get('origin')
  if (origin !== null && allowed.includes(origin)) return
  throw new ApiError(403, 'a page of another site may not ask')
}

/** `{"query": …}` as JSON, `query=` in the address or a form, else the body as it is. */
async function queryOf({ request, parameters }: Asked): Promise<string> {
  const type = request.headers.get('content-type') ?? ''
  const isForm = type.startsWith('application/x-www-form-urlencoded')
  let query: unknown = parameters.get('query')
  if (request.method === 'POST' && !isForm) {
    const body = await readText(request)
    if (body.trim() !== '') query = type.startsWith('application/json') ? queryIn(body) : body
  }
  if (typeof query !== 'string' || query.trim() === '') {
    throw new ApiError(400, 'there is no query: send {"query": "SELECT …"}, or ?query=SELECT…')
  }
  return query
}

function queryIn(body: string): unknown {
  try {
    return JSON.parse(body)?.query
  } catch (error) {
    throw new ApiError(400, `the body is no JSON: ${(error as Error).message}`)
  }
}
