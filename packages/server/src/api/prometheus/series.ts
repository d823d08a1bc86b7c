// Which series there are: /series, /labels, /label/{name}/values.

import type { Labels, Matcher } from '@stepwell/promql'
import type { Engine } from '../engine.ts'
import type { Asked, Route } from '../http/router.ts'
import { invalidParameter, PrometheusError, success, TRUNCATED } from './answers.ts'
import { readLimit, readSelectors, readTime } from './parameters.ts'

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
  const found = await select(engine, asked, readSelectors(asked.parameters, invalidMatch))
  return limited(found, limit)
}

async function labels(engine: Engine, asked: Asked): Promise<Response> {
  const limit = readLimit(asked.parameters)
  const found = await select(engine, asked, readSelectors(asked.parameters, invalidMatch))
  const names = new Set(found.flatMap((one) => Object.keys(one)))
  return limited([...names].sort(), limit)
}

async function values(engine: Engine, asked: Asked): Promise<Response> {
  const name = asked.path.name!
  // Since Prometheus 3 a label's name is any text; U+FFFD stands for bytes that were none.
  if (name.includes('\ufffd')) throw badData(`invalid label name: ${JSON.stringify(name)}`)
  const limit = readLimit(asked.parameters)
  const found = await select(engine, asked, readSelectors(asked.parameters, badData))
  const distinct = new Set(found.map((one) => one[name]).filter((value) => value !== undefined))
  return limited([...distinct].sort(), limit)
}

/** Samples of so long a time are in memory at once. */
const WINDOW_MILLISECONDS = 86_400_000

/** The label sets of all series that have samples in the time asked for and match one of the selectors. */
async function select(
  { derived, now, config }: Engine,
  { parameters }: Asked,
  selectors: readonly (readonly Matcher[])[],
): Promise<Labels[]> {
  const oldest = now() - config.retentionMilliseconds
  const start = Math.max(oldest, readTime(parameters, 'start', oldest))
  const end = readTime(parameters, 'end', now())
  const distinct = new Map<string, Labels>()
  for (const matchers of selectors.length ? selectors : [[]])
    for (let to = end; to >= start; to -= WINDOW_MILLISECONDS) {
      const from = Math.max(start, to - WINDOW_MILLISECONDS + 1)
      for (const { labels } of await derived.select({ matchers, start: from, end: to }))
        distinct.set(JSON.stringify(Object.entries(labels).sort()), labels)
    }
  return [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, labels]) => labels)
}

function limited(list: readonly unknown[], limit: number): Response {
  const cut = limit > 0 && list.length > limit
  return success(cut ? list.slice(0, limit) : list, { warnings: cut ? [TRUNCATED] : [] })
}
