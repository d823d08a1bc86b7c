// Loki's HTTP API for reading.

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
import { tailRoutes } from './tail.ts'
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
    ...tailRoutes(engine),
    ...statusRoutes(),
  ],
  refuse: refuseLoki,
})
