// Whether what was accepted can be seen: the test span, asked for at a Jaeger query API.

import { type Check, fail, LIMIT_MILLISECONDS, ok, warn } from './check.ts'
import type { TestSpan } from './deliver.ts'

const PAUSE_MILLISECONDS = 50

/** @param token the engine's, where one is set. */
export async function checkQuery(
  base: string | undefined,
  token: string | undefined,
  { traceId, spanId }: TestSpan,
): Promise<Check> {
  const check = 'query'
  if (base === undefined)
    return warn(
      check,
      'whether the span can be seen was not checked: no query address is known',
      'name one: --query http://HOST:16686 (Jaeger’s API)',
    )
  const url = `${base.replace(/\/+$/, '')}/api/traces/${traceId}`
  const signal = AbortSignal.timeout(LIMIT_MILLISECONDS)
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
  let last = 'no answer'
  while (!signal.aborted) {
    try {
      const response = await fetch(url, { headers, signal, redirect: 'manual' })
      const text = await response.text()
      if (response.ok && text.includes(spanId))
        return ok(check, `the test span was found at ${base}`)
      last = response.ok ? 'an answer without it' : `answered ${response.status}`
      if (response.status === 401 || response.status === 403)
        return fail(check, `${base} ${last}`, 'the query API wants a token: STEPWELL_TOKEN')
    } catch (error) {
      if (!signal.aborted) last = (error as { code?: string; message: string }).code ?? `${error}`
      if (/Refused|NOTFOUND|Resolve/i.test(last))
        return fail(check, `nobody answers at ${base} (${last})`, 'correct --query')
    }
    await Bun.sleep(PAUSE_MILLISECONDS)
  }
  return fail(
    check,
    `the test span was accepted and not found at ${base} (${last})`,
    'see whether the receiver stores traces there, and whether it samples them',
  )
}
