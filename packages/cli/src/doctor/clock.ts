// This machine's clock against the receiver's, by the Date of an answer (RFC 9110 section 6.6.1: whole seconds).

import { type Check, LIMIT_MILLISECONDS, ok, warn } from './check.ts'
import type { Place } from './places.ts'

const TOLERATED_SECONDS = 5

export async function checkClock({ origin, host }: Place): Promise<Check> {
  const check = `clock ${host}`
  try {
    const before = Date.now()
    const response = await fetch(origin, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(LIMIT_MILLISECONDS),
      // Nothing is told and nothing believed but the time.
      tls: { rejectUnauthorized: false },
    })
    const date = Date.parse(response.headers.get('date') ?? '')
    if (Number.isNaN(date)) return ok(check, 'not checked: it does not say what time it has')
    const middle = (before + Date.now()) / 2
    // Its second has begun, at most.
    const ahead = Math.round((middle - date - 500) / 1000)
    if (Math.abs(ahead) <= TOLERATED_SECONDS) return ok(check, 'as here, to a few seconds')
    const way = ahead > 0 ? 'ahead of' : 'behind'
    return warn(
      check,
      `this machine is ${Math.abs(ahead)} s ${way} the receiver`,
      'set the clocks by NTP: spans of a trace will not line up',
    )
  } catch {
    return ok(check, 'not checked: it answers no plain request')
  }
}
