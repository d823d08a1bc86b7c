// What was found, for people.

import type { Found } from './found.ts'
import type { FoundIdentity } from './identity.ts'

export function contextText({
  system,
  facts,
  identity,
  resource,
  endpoints,
  spool,
}: Found): string {
  const rows = {
    facts: Object.entries(facts).map(([name, { value, source }]) => [name, String(value), source]),
    identity: identityRows(identity),
    resource: Object.entries(resource),
    endpoints: Object.entries(endpoints).map(([signal, one]) => [
      signal,
      one.exported ? one.url : `off, else ${one.url}`,
      one.urlFrom,
      `${one.protocol}${one.gzip ? ' gzip' : ''} (${one.protocolFrom})`,
      one.headers.length > 0 ? `headers: ${one.headers.join(' ')}` : '',
    ]),
    spool: [[spool.folder, waitingText(spool.waiting)]],
  }
  const parts = [`CI system: ${system ?? 'none'}`]
  for (const [title, table] of Object.entries(rows)) parts.push('', title, ...aligned(table))
  return parts.join('\n')
}

function waitingText(waiting: number | null): string {
  if (waiting === null) return 'cannot be read'
  return waiting === 0 ? 'nothing waits' : `${waiting} wait`
}

function identityRows(identity: FoundIdentity): string[][] {
  const { traceId, traceIdFrom, parentSpanId, parent, spanId, spanIdFrom } = identity
  const { flags, tracestate, baggage } = identity
  const rows = [
    ['trace', traceId ?? 'a new one each run', traceIdFrom],
    ['parent', parentSpanId ?? 'none: the step is a root', parent ?? ''],
    ['span', spanId ?? 'a new one each run', spanIdFrom],
    ['flags', flags, Number.parseInt(flags, 16) & 1 ? 'sampled' : 'not sampled'],
  ]
  if (tracestate) rows.push(['tracestate', tracestate])
  if (baggage.length > 0) rows.push(['baggage', baggage.join(' '), 'names only'])
  return rows
}

function aligned(table: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of table)
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length)
  return table.map((row) =>
    `  ${row.map((cell, at) => cell.padEnd(widths[at]!)).join('  ')}`.trimEnd(),
  )
}
