// A receiver of OTLP/HTTP in the test's own process: keeps what it was sent, decoded.

import { attributeText, decodeProtobuf, type LogRecord, type Span } from '@stepwell/otlp'

export interface Collector {
  readonly url: string
  /** Every span that arrived, with its resource's attributes as text. */
  readonly spans: (Span & { readonly service: string })[]
  readonly logs: LogRecord[]
  /** What the next requests are answered, each once; then 200. */
  readonly answers: number[]
  readonly requests: { readonly path: string; readonly headers: Headers }[]
  stop(): void
}

/** @param tls makes it one of https. */
export function startCollector(tls?: Bun.TLSOptions): Collector {
  const spans: Collector['spans'] = []
  const logs: LogRecord[] = []
  const answers: number[] = []
  const requests: Collector['requests'] = []
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    ...(tls && { tls }),
    async fetch(request) {
      const path = new URL(request.url).pathname
      requests.push({ path, headers: request.headers })
      const status = path === '/v1/traces' ? answers.shift() : undefined
      if (status) return new Response(null, { status })
      const sent = new Uint8Array(await request.arrayBuffer())
      const body = request.headers.get('content-encoding') === 'gzip' ? Bun.gunzipSync(sent) : sent
      if (path === '/v1/traces')
        for (const { resource, scopeSpans } of decodeProtobuf('traces', body).resourceSpans) {
          const service = attributeText(resource?.attributes ?? [], 'service.name') ?? ''
          for (const span of scopeSpans.flatMap((scope) => scope.spans))
            spans.push({ ...span, service })
        }
      if (path === '/v1/logs')
        for (const { scopeLogs } of decodeProtobuf('logs', body).resourceLogs)
          logs.push(...scopeLogs.flatMap((scope) => scope.logRecords))
      return new Response()
    },
  })
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${server.port}`,
    spans,
    logs,
    answers,
    requests,
    stop: () => void server.stop(true),
  }
}

/** A port at which nobody listens. */
export function deadUrl(): string {
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() })
  const url = `http://127.0.0.1:${server.port}`
  void server.stop(true)
  return url
}
