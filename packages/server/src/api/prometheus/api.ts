// Prometheus' HTTP API, version 1.

import type { Engine } from '../engine.ts'
import type { Api } from '../http/router.ts'
import { refusePrometheus } from './answers.ts'
import { exemplarRoutes } from './exemplars.ts'
import { formatRoutes } from './format.ts'
import { graphRoutes } from './graph.ts'
import { lifecycleRoutes } from './lifecycle.ts'
import { metadataRoutes } from './metadata.ts'
import { notificationRoutes } from './notifications.ts'
import { queryRoutes } from './query.ts'
import { ruleRoutes } from './rules.ts'
import { seriesRoutes } from './series.ts'
import { statusRoutes } from './status.ts'
import { targetRoutes } from './targets.ts'
import { tsdbRoutes } from './tsdb.ts'

export const prometheusApi = (engine: Engine): Api => ({
  routes: [
    ...queryRoutes(engine),
    ...seriesRoutes(engine),
    ...exemplarRoutes(engine),
    ...formatRoutes(),
    ...metadataRoutes(engine),
    ...ruleRoutes(engine),
    ...notificationRoutes(engine),
    ...statusRoutes(engine),
    ...tsdbRoutes(engine),
    ...targetRoutes(),
    ...lifecycleRoutes(),
    ...graphRoutes(),
  ],
  refuse: refusePrometheus,
})
