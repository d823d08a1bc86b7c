// Where alerts link to: Prometheus' page for an expression. Ours has none yet, so the link leads to its answer.

import type { Route } from '../http/router.ts'

export const graphRoutes = (): Route[] => [
  {
    methods: ['GET'],
    path: '/graph',
    answer: ({ parameters }) => {
      const query = new URLSearchParams({ query: parameters.get('g0.expr') ?? '' })
      // Relative: a proxy may have put a prefix before the path.
      return new Response(null, { status: 302, headers: { location: `api/v1/query?${query}` } })
    },
  },
]
