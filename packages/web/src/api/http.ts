// One way to ask the engine, and one error that says which question failed and how.

/** A question that got no answer. `status` is 0 where nobody answered at all. */
export class QueryError extends Error {
  override readonly name = 'QueryError'
  readonly status: number
  readonly path: string

  constructor(path: string, status: number, message: string, cause?: unknown) {
    super(message, { cause })
    this.path = path
    this.status = status
  }
}

const LONGEST_MESSAGE = 300

/** GETs JSON from this origin. Throws QueryError. */
export async function getJson(
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const parameters = new URLSearchParams(query).toString()
  const address = parameters ? `${path}?${parameters}` : path
  let response: Response
  try {
    response = await fetch(address, {
      signal,
      headers: { accept: 'application/json', ...headers },
    })
  } catch (error) {
    if (signal.aborted) throw error
    throw new QueryError(path, 0, 'The engine does not answer.', error)
  }
  const text = await response.text()
  if (!response.ok) throw new QueryError(path, response.status, sentence(response.status, text))
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new QueryError(path, response.status, `${path} did not answer with JSON.`, error)
  }
}

/** The back end's own words where it has some: Jaeger's `errors[].msg`, Prometheus' `error`, Loki's plain text. */
function sentence(status: number, text: string): string {
  let words = text.trim()
  try {
    const body = JSON.parse(text) as { errors?: { msg?: string }[]; error?: string } | null
    words = body?.errors?.[0]?.msg ?? body?.error ?? words
  } catch {
    // Not JSON: the text is the message.
  }
  return words && !words.startsWith('<')
    ? words.slice(0, LONGEST_MESSAGE)
    : `The answer was HTTP ${status}.`
}
