// POST /api/transform: an OTLP/JSON file shown without being stored, as Jaeger's page does with dropped files.

import type { Nanoseconds } from '@stepwell/model'
import { decodeJson, OtlpDecodeError } from '@stepwell/otlp'
import type { StoredSpan } from '../../store/types.ts'
import { groupBy } from '../group.ts'
import { readText } from '../http/body.ts'
import type { Asked, Route } from '../http/router.ts'
import { JaegerError, jaegerAnswer } from './answers.ts'
import { jaegerTrace } from './model.ts'

export const transformRoutes = (): Route[] => [
  { methods: ['POST'], path: '/api/transform', answer: transform },
]

async function transform(asked: Asked): Promise<Response> {
  const spans = decode(await readText(asked.request))
  const traces = groupBy(spans, ({ span }) => span.traceId)
  const data = [...traces].map(([traceId, group]) => jaegerTrace(traceId, group))
  return jaegerAnswer(asked, { data })
}

const NEVER = 0n as Nanoseconds

function decode(json: string): StoredSpan[] {
  try {
    return decodeJson('traces', json).resourceSpans.flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap(({ scope, spans }) =>
        spans.map((span) => ({ span, resource, scope, acceptedAt: NEVER })),
      ),
    )
  } catch (error) {
    if (!(error instanceof OtlpDecodeError)) throw error
    throw new JaegerError(400, `cannot unmarshal OTLP : ${error.message}`)
  }
}
