// Traces: search, and one by its id.

import type { TraceQuery } from '../../store/types.ts'
import type { Engine } from '../engine.ts'
import type { Asked, Route } from '../http/router.ts'
import { JaegerError, type JaegerErrorItem, jaegerAnswer } from './answers.ts'
import { type JaegerTrace, jaegerTrace, jaegerTraceId, spanNameOf } from './model.ts'
import {
  readBoolean,
  readDuration,
  readLimit,
  readTags,
  readTime,
  readTraceId,
  requireService,
} from './parameters.ts'

const LOOKBACK_NANOSECONDS = 2n * 86_400_000_000_000n

export const traceRoutes = (engine: Engine): Route[] => [
  { methods: ['GET'], path: '/api/traces', answer: (asked) => search(engine, asked) },
  { methods: ['GET'], path: '/api/traces/{id}', answer: (asked) => oneTrace(engine, asked) },
  { methods: ['POST'], path: '/api/archive/{id}', answer: (asked) => archive(engine, asked) },
]

async function search(engine: Engine, asked: Asked): Promise<Response> {
  const { parameters } = asked
  const query = readQuery(engine, parameters)
  const ids = parameters.getAll('traceID')
  if (ids.length) return tracesById(engine, asked, ids)
  requireService(parameters)
  const traces = await engine.store.findTraces(query)
  return jaegerAnswer(asked, {
    data: traces.map(({ traceId, spans }) => jaegerTrace(traceId, spans)),
  })
}

function readQuery({ now }: Engine, parameters: URLSearchParams): TraceQuery {
  const current = BigInt(now()) * 1_000_000n
  const operation = parameters.get('operation')
  const query: TraceQuery = {
    service: parameters.get('service') || undefined,
    operation: operation ? spanNameOf(operation) : undefined,
    start: readTime(parameters, 'start') ?? current - LOOKBACK_NANOSECONDS,
    end: readTime(parameters, 'end') ?? current,
    tags: readTags(parameters),
    limit: readLimit(parameters),
    minDuration: readDuration(parameters, 'minDuration') || undefined,
    maxDuration: readDuration(parameters, 'maxDuration') || undefined,
  }
  const { minDuration, maxDuration } = query
  if (minDuration !== undefined && maxDuration !== undefined && maxDuration < minDuration)
    throw new JaegerError(400, "'maxDuration' should be greater than 'minDuration'")
  return query
}

async function tracesById(
  { store }: Engine,
  asked: Asked,
  texts: readonly string[],
): Promise<Response> {
  const ids = texts.map((text) => {
    const id = readTraceId(text)
    if (id === undefined)
      throw new JaegerError(
        400,
        `cannot parse traceID param: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
      )
    return id
  })
  const data: JaegerTrace[] = []
  const errors: JaegerErrorItem[] = []
  for (const id of new Set(ids)) {
    const trace = await store.trace(id)
    if (trace) data.push(jaegerTrace(id, trace.spans))
    else errors.push({ msg: 'trace not found', traceID: jaegerTraceId(id) })
  }
  return jaegerAnswer(asked, { data, errors: errors.length ? errors : null })
}

async function oneTrace(engine: Engine, asked: Asked): Promise<Response> {
  // The times only tell other stores where to look, but they must be well-formed.
  readTime(asked.parameters, 'start')
  readTime(asked.parameters, 'end')
  readBoolean(asked.parameters, 'raw')
  const { traceId, spans } = await requireTrace(engine, asked.path.id!)
  return jaegerAnswer(asked, { data: [jaegerTrace(traceId, spans)] })
}

// Nothing is forgotten before its retention, so there is nothing to do.
async function archive(engine: Engine, asked: Asked): Promise<Response> {
  await requireTrace(engine, asked.path.id!)
  return jaegerAnswer(asked, { data: [], errors: [] })
}

async function requireTrace({ store }: Engine, text: string) {
  const id = readTraceId(text)
  const trace = id === undefined ? undefined : await store.trace(id)
  if (!trace) throw new JaegerError(404, 'trace not found')
  return trace
}
