// A span that says it is a test, sent as `exec` would send one, and an empty request for the other signals.

import type { Environment } from '@stepwell/model/environment'
import { randomSpanId, randomTraceId, type SpanId, type TraceId } from '@stepwell/model/ids'
import { keyValues } from '@stepwell/otlp/attributes'
import { encodeProtobuf } from '@stepwell/otlp/encode'
import type { Delivery } from '@stepwell/otlp/export/exchange'
import { Exporter } from '@stepwell/otlp/export/exporter'
import type { ExportSettings } from '@stepwell/otlp/export/settings'
import type { Signal } from '@stepwell/otlp/types'
import { SCOPE } from '../report/span.ts'
import { nowNano } from '../times.ts'
import { type Check, fail, LIMIT_MILLISECONDS, ok, warn } from './check.ts'

export interface TestSpan {
  readonly traceId: TraceId
  readonly spanId: SpanId
}

export const newTestSpan = (): TestSpan => ({ traceId: randomTraceId(), spanId: randomSpanId() })

/** Without `stepwell.kind`: it counts nowhere. */
function requestOf(signal: Signal, { traceId, spanId }: TestSpan): Uint8Array {
  if (signal !== 'traces') return new Uint8Array(0)
  const now = nowNano()
  const span = {
    traceId,
    spanId,
    flags: 1,
    name: 'stepwell doctor',
    kind: 1,
    startTimeUnixNano: now - 1_000_000n,
    endTimeUnixNano: now,
  }
  const resource = { attributes: keyValues({ 'service.name': 'stepwell-doctor' }) }
  return encodeProtobuf('traces', {
    resourceSpans: [{ resource, scopeSpans: [{ scope: SCOPE, spans: [span] }] }],
  })
}

/** @param signals those whose receivers can be spoken to. */
export async function checkExport(
  signals: readonly Signal[],
  settings: ExportSettings,
  environment: Environment,
  span: TestSpan,
): Promise<Check[]> {
  const checks: Check[] = []
  const settled = ({ signal }: { signal: Signal }, delivery: Delivery) =>
    void checks.push(explained(signal, settings.destinations[signal].url, delivery))
  const exporter = new Exporter(settings, settled, environment)
  for (const signal of signals)
    exporter.send({ signal, body: requestOf(signal, span), toKeep: () => undefined })
  await exporter.finish(LIMIT_MILLISECONDS)
  exporter.close()
  return checks.sort((a, b) => b.name.localeCompare(a.name))
}

function explained(signal: Signal, url: string, delivery: Delivery): Check {
  const check = `export ${signal}`
  const sent = signal === 'traces' ? 'a test span' : 'an empty request'
  if (delivery.outcome === 'delivered')
    return delivery.rejected
      ? warn(check, `taken in part: ${delivery.rejected}`, 'see what the receiver refuses')
      : ok(check, `${sent} was accepted`)
  return fail(check, delivery.reason, adviceFor(delivery.reason, new URL(url).pathname))
}

function adviceFor(reason: string, path: string): string {
  const status = Number(/ answered (\d{3})\b/.exec(reason)?.[1])
  if (status === 401 || status === 403 || /UNAUTHENTICATED|PERMISSION_DENIED/.test(reason))
    return 'it wants a token: OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20…'
  if (status === 404 || status === 405 || /UNIMPLEMENTED/.test(reason))
    return `it takes no OTLP at ${path}: correct path, port or protocol (4318 is OTLP over HTTP, 4317 over gRPC)`
  if (/not HTTP/.test(reason))
    return 'it may be a gRPC port: set OTEL_EXPORTER_OTLP_PROTOCOL=grpc, or write the port for HTTP (4318)'
  if (/web page|no HTTP answer/.test(reason))
    return 'another program answers there: correct host and port of the endpoint'
  if (status >= 300 && status < 400) return 'it points elsewhere: write that address as endpoint'
  if (status === 415) return 'it does not take this format: try OTEL_EXPORTER_OTLP_PROTOCOL'
  if (status === 413 || status === 400) return 'see the receiver’s log'
  if (status === 429 || status >= 500)
    return 'the receiver is up and cannot take it now: see its log'
  if (/no answer in time|DEADLINE/.test(reason))
    return 'it takes connections and does not answer: see whether the receiver, or what is in front of it, hangs'
  return 'see whether the endpoint and the receiver speak the same protocol'
}
