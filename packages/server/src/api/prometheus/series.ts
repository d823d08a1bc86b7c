// Which series there are: /series, /labels, /label/{name}/values.

import type { Labels, Matcher } from '@stepwell/promql'
import type { Engine } from '../engine.ts'
import type { Asked, Route } from '../http/router.ts'
import { invalidParameter, PrometheusError, success, TRUNCATED } from './answers.ts'
import { unescapeName } from './escaped-name.ts'
import { MAX_TIME, readLimit, readSelectors, readTime } from './parameters.ts'

export const seriesRoutes = (engine: Engine): Route[] => [
  { methods: ['GET', 'POST'], path: '/api/v1/series', answer: (asked) => series(engine, asked) },
  { methods: ['GET', 'POST'], path: '/api/v1/labels', answer: (asked) => labels(engine, asked) },
  {
    methods: ['GET'],
    path: '/api/v1/label/{name}/values',
    answer: (asked) => values(engine, asked),
  },
]

const invalidMatch = (why: string) => invalidParameter('match[]', why)
const badData = (why: string) => new PrometheusError('bad_data', why)

async function series(engine: Engine, asked: Asked): Promise<Response> {
  if (!asked.parameters.has('match[]')) throw badData('no match[] parameter provided')
  const limit = readLimit(asked.parameters)
  const found = await list(engine, asked, readSelectors(asked.parameters, invalidMatch))
  const distinct = new Map(found.map((one) => [JSON.stringify(Object.entries(one).sort()), one]))
  const sorted = [...distinct].sort(([a], [b]) => (a < b ? -1 : 1))
  return limited(
    sorted.map(([, one]) => one),
    limit,
  )
}

async function labels(engine: Engine, asked: Asked): Promise<Response> {
  const limit = readLimit(asked.parameters)
  const names = new Set<string>()
  for (const one of await list(engine, asked, readSelectors(asked.parameters, badData))) {
    for (const name of Object.keys(one)) names.add(name)
  }
  return limited([...names].sort(), limit)
}

async function values(engine: Engine, asked: Asked): Promise<Response> {
  const name = unescapeName(asked.path.name!)
  // Since Prometheus 3 a label's name is any text; U+FFFD stands for bytes that were none.
  if (name === '' || name.includes('\ufffd'))
    throw badData(`invalid label name: ${JSON.stringify(name)}`)
  const limit = readLimit(asked.parameters)
  const distinct = new Set<string>()
  for (const one of await list(engine, asked, readSelectors(asked.parameters, badData))) {
    if (Object.hasOwn(one, name)) distinct.add(one[name]!)
  }
  return limited([...distinct].sort(), limit)
}

/** The label sets of all series that have samples in the time asked for, for each selector that they match. */
async function list(
  { derived, now, config }: Engine,
  { parameters }: Asked,
  selectors: readonly (readonly Matcher[])[],
): Promise<readonly Labels[]> {
  const oldest = now() - config.retentionMilliseconds
  const start = Math.max(oldest, readTime(parameters, 'start', oldest))
  const end = readTime(parameters, 'end', MAX_TIME)
  const found: Labels[] = []
  for (const matchers of selectors.length ? selectors : [[]]) {
    for (const labels of await derived.series({ matchers, start, end })) found.push(labels)
  }
  return found
}

function limited(list: readonly unknown[], limit: number): Response {
  const cut = limit > 0 && list.length > limit
  return success(cut ? list.slice(0, limit) : list, { warnings: cut ? [TRUNCATED] : [] })
}
