// Jaeger's own service performance metrics: they need a metrics back end that Jaeger would ask, and ours is the
// Prometheus API. Its clients take 501 for "not configured".

import type { Route } from '../http/router.ts'
import { JaegerError } from './answers.ts'
import { requireNumber } from './parameters.ts'

export const metricRoutes = (): Route[] => [
  {
    methods: ['GET'],
    path: '/api/metrics/{kind}',
    answer: ({ path, parameters }) => {
      if (path.kind === 'latencies') requireNumber(parameters, 'quantile')
      throw new JaegerError(
        501,
        'trace metrics are currently disabled - no metrics backend configured',
      )
    },
  },
]
