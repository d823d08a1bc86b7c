// The spans of a trace that have arrived, by the API of Jaeger (the engine's too) or of Tempo.

import { type Answer, ask, type Backend, QueryError, understood } from './backend.ts'
import { type Json, objects } from './json.ts'

export interface KnownSpan {
  /** 16 hexadecimal digits. */
  readonly spanId: string
  /** Undefined for a root. */
  readonly parentSpanId: string | undefined
  readonly startTimeUnixNano: bigint
  readonly attributes: ReadonlyMap<string, string>
}

/** Empty where nothing of the trace is known. @throws {QueryError} where the store cannot say. */
export async function spansOfTrace(backend: Backend, traceId: string): Promise<KnownSpan[]> {
  let last: Answer | undefined
  // Jaeger has the first alone, Tempo from 3.0 on the second alone.
  for (const version of ['', '/v2']) {
    const path = `/api${version}/traces/${traceId}`
    const answer = await ask(backend.traces, path, {}, backend)
    const spans =
      answer.status === 200 ? understood(backend.traces, () => spansIn(answer.json)) : undefined
    if (spans) return spans
    // Jaeger says so in words, Tempo in none; a server of other things has its own.
    if (answer.status === 404 && /^$|trace not found/i.test(answer.text)) return []
    last ??= answer
  }
  const { origin } = backend.traces
  throw new QueryError(
    `${origin} is no trace store that is known (Jaeger, Tempo, stepwell): status ${last!.status}`,
  )
}

/** Undefined where it is the answer of neither. */
function spansIn(json: unknown): KnownSpan[] | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  const { data, batches, resourceSpans, trace } = json as Json
  if (Array.isArray(data))
    return objects(data)
      .flatMap(({ spans }) => objects(spans))
      .map(ofJaeger)
  // Tempo's word for a trace that it does not know: `{"trace": {}}`.
  if (typeof trace === 'object' && trace !== null) return spansIn(trace) ?? []
  const resources = batches ?? resourceSpans
  if (!Array.isArray(resources)) return undefined
  return objects(resources)
    .flatMap(({ scopeSpans }) => objects(scopeSpans))
    .flatMap(({ spans }) => objects(spans))
    .map(ofOtlp)
}

const ofJaeger = (span: Json): KnownSpan => ({
  spanId: String(span.spanID).padStart(16, '0'),
  parentSpanId: parentOf(span),
  // Microseconds.
  startTimeUnixNano: BigInt(Math.round(Number(span.startTime) || 0)) * 1000n,
  attributes: new Map(objects(span.tags).map(({ key, value }) => [String(key), String(value)])),
})

function parentOf({ traceID, references }: Json): string | undefined {
  const parent = objects(references).find(
    (one) => one.refType === 'CHILD_OF' && one.traceID === traceID,
  )
  return parent && String(parent.spanID).padStart(16, '0')
}

const ofOtlp = (span: Json): KnownSpan => ({
  spanId: hexadecimal(String(span.spanId)),
  parentSpanId: span.parentSpanId ? hexadecimal(String(span.parentSpanId)) : undefined,
  startTimeUnixNano: BigInt(/^\d+$/.exec(String(span.startTimeUnixNano))?.[0] ?? 0),
  attributes: new Map(
    objects(span.attributes).map(({ key, value }) => [
      String(key),
      String(Object.values((value as Json | undefined) ?? {})[0] ?? ''),
    ]),
  ),
})

/** Protobuf's own JSON has bytes in base64, OTLP's in hexadecimal. */
const hexadecimal = (id: string) =>
  /^[0-9a-f]{16}$/i.test(id) ? id.toLowerCase() : Buffer.from(id, 'base64').toString('hex')
