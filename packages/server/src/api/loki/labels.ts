// Labels and streams: /labels, /label/{name}/values, /series.

import type { Resource } from '@stepwell/otlp'
import type { Engine } from '../engine.ts'
import type { Asked, Route } from '../http/router.ts'
import { json, LokiError, success } from './answers.ts'
import { type Labels, resourceLabels } from './entry.ts'
import type { LogQuery } from './logql/ast.ts'
import { labelValue } from './logql/entry-labels.ts'
import { parseLogql } from './logql/parse.ts'
import { compileSelector } from './logql/pipeline.ts'
import { HOUR, readRange, type TimeRange } from './parameters.ts'
import { keyOf } from './streams.ts'

export const labelRoutes = (engine: Engine): Route[] => [
  ...['/loki/api/v1/labels', '/loki/api/v1/label'].map(
    (path): Route => ({
      methods: ['GET', 'POST'],
      path,
      answer: async (asked) => {
        const streams = await selectedStreams(engine, asked)
        return success(sorted(streams.flatMap((labels) => Object.keys(labels))))
      },
    }),
  ),
  {
    methods: ['GET', 'POST'],
    path: '/loki/api/v1/label/{name}/values',
    answer: async (asked) => {
      const streams = await selectedStreams(engine, asked)
      const values = sorted(
        streams.map((labels) => labelValue(labels, asked.path.name!)).filter(isText),
      )
      // A label that nobody has is answered without any data.
      return values.length ? success(values) : json({ status: 'success' })
    },
  },
  {
    methods: ['GET', 'POST'],
    path: '/loki/api/v1/series',
    answer: async (asked) => {
      const texts = [...asked.parameters.getAll('match[]'), ...asked.parameters.getAll('match')]
      const selectors = texts.map(selectorOf)
      const range = readRange(asked.parameters, nowOf(engine))
      const streams = selectors.length ? await streamsIn(engine, range) : []
      return success(streams.filter((labels) => selectors.some((matches) => matches(labels))))
    },
  },
]

const isText = (value: string | undefined): value is string => value !== undefined

const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort()

export const nowOf = (engine: Engine): bigint => BigInt(engine.now()) * 1_000_000n

async function selectedStreams(engine: Engine, { parameters }: Asked): Promise<Labels[]> {
  const text = parameters.get('query')
  const matches = text ? selectorOf(text) : () => true
  const range = readRange(parameters, nowOf(engine), 6n * HOUR)
  return (await streamsIn(engine, range)).filter(matches)
}

/** The different streams that have lines in a range. */
export async function streamsIn({ store }: Engine, range: TimeRange): Promise<Labels[]> {
  const resources: (Resource | undefined)[] = await store.logResources(range.start, range.end)
  const streams = new Map<string, Labels>()
  for (const resource of resources) {
    const { labels } = resourceLabels(resource)
    streams.set(keyOf(labels), labels)
  }
  return [...streams.values()]
}

export const selectorOf = (text: string): ((labels: Labels) => boolean) =>
  compileSelector(requireLogQuery(text).selector)

/** A log query; a metric query is refused. */
export function requireLogQuery(text: string): LogQuery {
  const parsed = parseLogql(text)
  if (parsed.kind === 'log') return parsed.query
  throw new LokiError('parse error : only label matchers are supported')
}
