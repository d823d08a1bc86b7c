// How much a query would read: /index/stats. Clients ask before each query, so it counts up to a bound and no further.

import type { Engine } from '../engine.ts'
import type { Route } from '../http/router.ts'
import { json } from './answers.ts'
import { nowOf, requireLogQuery, streamsIn } from './labels.ts'
import { compileSelector } from './logql/pipeline.ts'
import { readRange } from './parameters.ts'
import { readEntries } from './read.ts'

const COUNTED = 10_000

export const statsRoutes = (engine: Engine): Route[] => [
  {
    methods: ['GET', 'POST'],
    path: '/loki/api/v1/index/stats',
    answer: async ({ parameters, request }) => {
      const query = requireLogQuery(parameters.get('query') ?? '')
      const range = readRange(parameters, nowOf(engine))
      const streams = (await streamsIn(engine, range)).filter(compileSelector(query.selector))
      const scan = { ...range, direction: 'backward', signal: request.signal } as const
      let entries = 0
      let bytes = 0
      if (streams.length)
        await readEntries(engine, query, scan, ({ line }) => {
          bytes += line.length
          return ++entries < COUNTED
        })
      return json({ streams: streams.length, chunks: streams.length, bytes, entries })
    },
  },
]
