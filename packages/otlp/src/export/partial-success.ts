// What a success says in its body: loaded where there is one, which is seldom.

import { decodeResponse } from '../response.ts'
import type { Signal } from '../types.ts'
import type { Answer } from './transport.ts'

const RECORDS = { traces: 'spans', metrics: 'data points', logs: 'log records' } as const

/** A sentence about what was refused, or the receiver's warning; undefined where all is well. */
export function rejectedIn(signal: Signal, { contentType, body }: Answer): string | undefined {
  const format = contentType.includes('json') ? 'json' : 'protobuf'
  try {
    const partial = decodeResponse(signal, format, body)
    if (!partial) return undefined
    const { rejected, errorMessage } = partial
    const said = errorMessage.slice(0, 300)
    if (rejected === 0n) return said
    return `${rejected} ${RECORDS[signal]} refused${said ? `: ${said}` : ''}`
  } catch {
    // Some receivers answer with a text of their own; the status is what counts.
    return undefined
  }
}
