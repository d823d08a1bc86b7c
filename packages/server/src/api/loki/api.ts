// Loki's HTTP API, as far as the page and Grafana's log panels need it.

import type { Engine } from '../engine.ts'
import type { Api } from '../http/router.ts'
import { refuseLoki } from './answers.ts'
import { detectedRoutes } from './detected.ts'
import { formatQueryRoutes } from './format-query.ts'
import { labelRoutes } from './labels.ts'
import { patternRoutes } from './patterns.ts'
import { queryRoutes } from './query.ts'
import { statsRoutes } from './stats.ts'
import { statusRoutes } from './status.ts'
import { volumeRoutes } from './volume.ts'

export const lokiApi = (engine: Engine): Api => ({
  routes: [
    ...queryRoutes(engine),
    ...labelRoutes(engine),
    ...statsRoutes(engine),
    ...volumeRoutes(engine),
    ...detectedRoutes(engine),
    ...patternRoutes(engine),
    ...formatQueryRoutes(),
    ...statusRoutes(),
  ],
  refuse: refuseLoki,
})
