// Jaeger's query API, v1 JSON (that of Jaeger 2.20, the last one to have all of it).

import type { Engine } from '../engine.ts'
import type { Api } from '../http/router.ts'
import { refuseJaeger } from './answers.ts'
import { dependencyRoutes } from './dependencies.ts'
import { metricRoutes } from './metrics.ts'
import { serviceRoutes } from './services.ts'
import { traceRoutes } from './traces.ts'
import { transformRoutes } from './transform.ts'

export const jaegerApi = (engine: Engine): Api => ({
  routes: [
    ...serviceRoutes(engine),
    ...traceRoutes(engine),
    ...dependencyRoutes(engine),
    ...transformRoutes(),
    ...metricRoutes(),
  ],
  wrongMethod: 404,
  refuse: refuseJaeger,
})
