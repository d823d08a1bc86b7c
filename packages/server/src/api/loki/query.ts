// Log and metric queries: /query_range, /query.

import type { Engine } from '../engine.ts'
import type { Asked, Route } from '../http/router.ts'
import { LokiError, success } from './answers.ts'
import type { Entry } from './entry.ts'
import { evaluateAt, evaluateOver } from './evaluate.ts'
import { nowOf } from './labels.ts'
import type { LogQuery } from './logql/ast.ts'
import { parseLogql } from './logql/parse.ts'
import {
  checkLineLimit,
  readDirection,
  readInstant,
  readInterval,
  readLimit,
  readStep,
  requireRange,
} from './parameters.ts'
import { type Reading, readEntries, type Scan } from './read.ts'
import { groupStreams } from './streams.ts'

export const queryRoutes = (engine: Engine): Route[] => [
  {
    methods: ['GET', 'POST'],
    path: '/loki/api/v1/query_range',
    answer: (asked) => queryRange(engine, asked),
  },
  {
    methods: ['GET', 'POST'],
    path: '/loki/api/v1/query',
    answer: (asked) => queryInstant(engine, asked),
  },
]

async function queryRange(engine: Engine, asked: Asked): Promise<Response> {
  const { parameters } = asked
  const started = performance.now()
  const range = requireRange(parameters, nowOf(engine))
  const limit = readLimit(parameters)
  const direction = readDirection(parameters)
  const step = readStep(parameters, range)
  const interval = readInterval(parameters)
  const parsed = parseLogql(parameters.get('query') ?? '')
  if (parsed.kind === 'log') {
    const scan = { ...range, direction, signal: asked.request.signal }
    return queryLines(engine, asked, parsed.query, scan, { limit: checkLineLimit(limit), interval })
  }
  const { result, reading } = await evaluateOver(
    engine,
    parsed.query,
    { ...range, step },
    asked.request.signal,
  )
  return success({ ...result, stats: statsOf(reading, started) })
}

/** Of the lines of one answer: it is held in memory some times over. */
const MAX_CHARACTERS = 64 * 1024 * 1024

async function queryLines(
  engine: Engine,
  { request }: Asked,
  query: LogQuery,
  scan: Scan,
  { limit, interval }: { readonly limit: number; readonly interval: bigint },
): Promise<Response> {
  const started = performance.now()
  const entries: Entry[] = []
  let characters = 0
  let last: bigint | undefined
  const reading = await readEntries(engine, query, scan, (entry) => {
    const { time } = entry
    if (last !== undefined && (time > last ? time - last : last - time) < interval) return true
    last = time
    characters += entry.line.length
    if (characters > MAX_CHARACTERS)
      throw new LokiError(
        `the first ${entries.length + 1} lines are longer than ${MAX_CHARACTERS} characters together: ask for fewer with limit=${entries.length}, or write them shorter with line_format`,
      )
    entries.push(entry)
    return entries.length < limit
  })
  const categorize = wantsCategories(request)
  return success({
    resultType: 'streams',
    ...(categorize && { encodingFlags: ['categorize-labels'] }),
    result: groupStreams(entries, categorize),
    stats: statsOf(reading, started),
  })
}

export const wantsCategories = ({ headers }: Request): boolean =>
  (headers.get('x-loki-response-encoding-flags') ?? '')
    .split(',')
    .some((flag) => flag.trim() === 'categorize-labels')

async function queryInstant(engine: Engine, { parameters, request }: Asked): Promise<Response> {
  const started = performance.now()
  const time = readInstant(parameters, nowOf(engine))
  readLimit(parameters)
  readDirection(parameters)
  const parsed = parseLogql(parameters.get('query') ?? '')
  if (parsed.kind === 'log')
    throw new LokiError(
      'log queries are not supported as an instant query type, please change your query to a range query type',
    )
  const { result, reading } = await evaluateAt(engine, parsed.query, time, request.signal)
  return success({ ...result, stats: statsOf(reading, started) })
}

/** The part of Loki's statistics that clients show. */
function statsOf({ lines, bytes }: Reading, started: number): object {
  const execTime = (performance.now() - started) / 1000
  const perSecond = (amount: number) => (execTime > 0 ? Math.round(amount / execTime) : 0)
  return {
    summary: {
      bytesProcessedPerSecond: perSecond(bytes),
      linesProcessedPerSecond: perSecond(lines),
      totalBytesProcessed: bytes,
      totalLinesProcessed: lines,
      execTime,
    },
  }
}
