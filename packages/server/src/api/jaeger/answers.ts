// The envelope of Jaeger's v1 API. Its errors are JSON, but sent as text/plain: clients have got used to it.

import type { Asked } from '../http/router.ts'

export interface JaegerErrorItem {
  readonly code?: number
  readonly msg: string
  readonly traceID?: string
}

/** An expected error: the status and a sentence. */
export class JaegerError extends Error {
  constructor(
    readonly status: 400 | 404 | 501,
    message: string,
  ) {
    super(message)
  }
}

interface Envelope {
  readonly data: unknown
  /** Of lists of names; 0 for traces. */
  readonly total?: number
  readonly errors?: readonly JaegerErrorItem[] | null
}

function envelope({ data, total = 0, errors = null }: Envelope): object {
  return { data, total, limit: 0, offset: 0, errors }
}

export function jaegerAnswer(asked: Asked, content: Envelope): Response {
  const indent = asked.parameters.get('prettyPrint') ? 4 : undefined
  return new Response(JSON.stringify(envelope(content), null, indent), {
    headers: { 'content-type': 'application/json' },
  })
}

export function refuseJaeger(error: unknown): Response | undefined {
  if (!(error instanceof JaegerError)) return undefined
  const content = envelope({ data: null, errors: [{ code: error.status, msg: error.message }] })
  return new Response(`${JSON.stringify(content)}\n`, {
    status: error.status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  })
}
