// What the metrics mean: /metadata.

import type { Engine } from '../engine.ts'
import type { Asked, Route } from '../http/router.ts'
import { PrometheusError, success } from './answers.ts'

export const metadataRoutes = (engine: Engine): Route[] => [
  { methods: ['GET'], path: '/api/v1/metadata', answer: (asked) => metadata(engine, asked) },
]

function metadata({ derived }: Engine, { parameters }: Asked): Response {
  const limit = readNumber(parameters, 'limit')
  const wanted = parameters.get('metric')
  const known = derived.metadata().filter(({ name }) => !wanted || name === wanted)
  const shown = limit === undefined ? known : known.slice(0, limit)
  return success(
    Object.fromEntries(shown.map(({ name, type, help, unit }) => [name, [{ type, help, unit }]])),
  )
}

/** Negative or absent: no limit. */
function readNumber(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name)
  if (!text) return undefined
  if (!/^[+-]?\d+$/.test(text)) throw new PrometheusError('bad_data', `${name} must be a number`)
  return Number(text) < 0 ? undefined : Number(text)
}
