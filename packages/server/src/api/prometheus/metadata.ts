// What the metrics mean: /metadata.

import type { Engine } from '../engine.ts'
import type { Asked, Route } from '../http/router.ts'
import { success } from './answers.ts'
import { readNumber } from './parameters.ts'

export const metadataRoutes = (engine: Engine): Route[] => [
  { methods: ['GET'], path: '/api/v1/metadata', answer: (asked) => metadata(engine, asked) },
]

function metadata({ derived }: Engine, { parameters }: Asked): Response {
  const limit = readNumber(parameters, 'limit')
  // Read, to be checked: no metric has two descriptions here.
  readNumber(parameters, 'limit_per_metric')
  const wanted = parameters.get('metric')
  const known = derived.metadata().filter(({ name }) => !wanted || name === wanted)
  const shown = limit === undefined ? known : known.slice(0, limit)
  return success(
    Object.fromEntries(shown.map(({ name, type, help, unit }) => [name, [{ type, help, unit }]])),
  )
}
