// What there is to filter by: /detected_labels of streams, /detected_fields of lines, and their values.

import type { Engine } from '../engine.ts'
import type { Asked, Route } from '../http/router.ts'
import { json, LokiError } from './answers.ts'
import { Fields } from './fields.ts'
import { nowOf, requireLogQuery, selectorOf, streamsIn } from './labels.ts'
import { readPositive, readRange } from './parameters.ts'
import { readEntries } from './read.ts'

export const detectedRoutes = (engine: Engine): Route[] => [
  {
    methods: ['GET', 'POST'],
    path: '/loki/api/v1/detected_labels',
    answer: async ({ parameters }) => {
      const text = parameters.get('query')
      const matches = text ? selectorOf(text) : () => true
      const streams = await streamsIn(engine, readRange(parameters, nowOf(engine)))
      const values = new Map<string, Set<string>>()
      for (const labels of streams.filter(matches))
        for (const [name, value] of Object.entries(labels))
          values.set(name, (values.get(name) ?? new Set()).add(value))
      const detectedLabels = [...values]
        .filter(([, all]) => ![...all].every(isId))
        .map(([label, all]) => ({ label, cardinality: all.size }))
      return json(detectedLabels.length ? { detectedLabels } : {})
    },
  },
  {
    methods: ['GET', 'POST'],
    path: '/loki/api/v1/detected_fields',
    answer: async (asked) => {
      const { fields, limit } = await readFields(engine, asked)
      const detected = fields.all().slice(0, limit)
      return json({ ...(detected.length && { fields: detected }), limit })
    },
  },
  {
    methods: ['GET', 'POST'],
    path: '/loki/api/v1/detected_field/{name}/values',
    answer: async (asked) => {
      const { fields, limit } = await readFields(engine, asked)
      const values = fields.valuesOf(asked.path.name!).slice(0, limit)
      return json({ ...(values.length && { values }), limit })
    },
  },
]

// Numbers and UUIDs are too many to choose from.
const isId = (value: string): boolean =>
  /^[+-]?\d+(\.\d+)?$/.test(value) ||
  /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(value)

const DEFAULT_LINES = 100
const MAX_LINES = 5000
const DEFAULT_FIELDS = 1000

async function readFields(engine: Engine, { parameters, request }: Asked) {
  const query = requireLogQuery(parameters.get('query') ?? '')
  const lines = readPositive(parameters, 'line_limit', DEFAULT_LINES)
  if (lines > MAX_LINES) throw new LokiError(`line_limit is above ${MAX_LINES}`)
  const limit = readPositive(parameters, 'limit', DEFAULT_FIELDS)
  const range = readRange(parameters, nowOf(engine))
  const fields = new Fields()
  let read = 0
  const scan = { ...range, direction: 'backward', signal: request.signal } as const
  await readEntries(engine, query, scan, (entry) => {
    fields.add(entry)
    return ++read < lines
  })
  return { fields, limit }
}
