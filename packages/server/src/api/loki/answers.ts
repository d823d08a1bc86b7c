// Answers of the Loki API. Its errors are plain text, without a newline.

/** An expected error: the status and a sentence. */
export class LokiError extends Error {
  constructor(
    message: string,
    readonly status = 400,
  ) {
    super(message)
  }
}

const JSON_TYPE = { 'content-type': 'application/json; charset=UTF-8' }

export const success = (data: unknown): Response =>
  Response.json({ status: 'success', data }, { headers: JSON_TYPE })

export const json = (body: unknown): Response => Response.json(body, { headers: JSON_TYPE })

export function refuseLoki(error: unknown): Response | undefined {
  if (!(error instanceof LokiError)) return undefined
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  }
  return new Response(error.message, { status: error.status, headers })
}
