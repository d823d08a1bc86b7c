// Whether what was accepted can be seen: the test span, asked for at the trace store.

import { type Backend, QueryError } from '../query/backend.ts'
import { spansOfTrace } from '../query/traces.ts'
import { type Check, fail, LIMIT_MILLISECONDS, ok, TimeOver, warn, within } from './check.ts'
import type { TestSpan } from './deliver.ts'

const PAUSE_MILLISECONDS = 50

/** @param store undefined where none is known. */
export async function checkQuery(
  store: Backend | undefined,
  { traceId, spanId }: TestSpan,
): Promise<Check> {
  const check = 'query'
  if (!store)
    return warn(
      check,
      'whether the span can be seen was not checked: no trace store is known',
      'name one: --query http://HOST:16686',
    )
  const { origin } = store.traces
  const limit = performance.now() + LIMIT_MILLISECONDS
  try {
    for (let left = LIMIT_MILLISECONDS; left > 0; left = limit - performance.now()) {
      const spans = await within(spansOfTrace(store, traceId), left)
      if (spans.some((span) => span.spanId === spanId))
        return ok(check, `the test span was found at ${origin}`)
      await Bun.sleep(PAUSE_MILLISECONDS)
    }
  } catch (error) {
    if (error instanceof TimeOver)
      return fail(check, `no answer from ${origin} in time`, 'see whether the store hangs')
    if (!(error instanceof QueryError)) throw error
    return fail(check, error.message, 'correct --query; a token goes into STEPWELL_TOKEN')
  }
  return fail(
    check,
    `the test span was accepted and not found at ${origin}`,
    'see whether the receiver stores traces there, and whether it samples them',
  )
}
