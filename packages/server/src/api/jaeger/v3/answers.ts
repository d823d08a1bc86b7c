// Answers of Jaeger's v3 API; its errors have a form of their own, and are sent as text/plain too.

/** An expected error: the status and a sentence. */
export class JaegerV3Error extends Error {
  constructor(
    readonly status: 400 | 404,
    message: string,
  ) {
    super(message)
  }
}

export const json = (body: string): Response =>
  new Response(body, { headers: { 'content-type': 'application/json' } })

export function refuseJaegerV3(error: unknown): Response | undefined {
  if (!(error instanceof JaegerV3Error)) return undefined
  const body = { error: { httpCode: error.status, message: error.message } }
  return new Response(JSON.stringify(body), {
    status: error.status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  })
}
