// The labels of a series, read strictly: what two senders write differently must not become two series.

import type { Labels } from '@stepwell/promql'
import { RemoteWriteError } from './error.ts'

type Pairs = readonly (readonly [name: string, value: string])[]

/** A rule or query of such a series takes minutes; nobody means to have one. */
const MAX_LABELS = 1000

/** `where` names the series. @throws {RemoteWriteError} */
export function seriesLabels(pairs: Pairs, where: string): Labels {
  if (pairs.length > MAX_LABELS) {
    throw new RemoteWriteError(
      `${where} has ${pairs.length} labels, and ${MAX_LABELS} is the limit`,
    )
  }
  let before: string | undefined
  for (const [name] of pairs) {
    if (name === '') throw new RemoteWriteError(`${where} has a label without a name`)
    if (before !== undefined) checkOrder(before, name, where)
    before = name
  }
  const labels = labelsOf(pairs)
  if (labels.__name__ === undefined) throw new RemoteWriteError(`${where} has no __name__`)
  return labels
}

/** A label without a value is none. Their order is that of all series here, which is by UTF-16. */
export function labelsOf(pairs: Pairs): Labels {
  const labels: Record<string, string> = {}
  let before = ''
  for (const [name, value] of pairs) {
    // An object takes `__proto__` for something else.
    if (name < before || name === '__proto__') return sortedLabels(pairs)
    if (value !== '') labels[name] = value
    before = name
  }
  return labels
}

const sortedLabels = (pairs: Pairs): Labels =>
  Object.fromEntries(
    pairs.filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  )

/** In memory, about: the texts, and the objects that hold them. */
export function decodedBytes(pairs: Pairs): number {
  let bytes = 128
  for (const [name, value] of pairs) bytes += name.length + value.length + 32
  return bytes
}

/** As Go sorts, by the bytes of UTF-8: surrogates come last. */
function checkOrder(before: string, name: string, where: string): void {
  let at = 0
  while (at < before.length && before.charCodeAt(at) === name.charCodeAt(at)) at++
  const [a, b] = [before.charCodeAt(at), name.charCodeAt(at)]
  const isUsual = a < b && b < 0xd800
  // NaN: `before` ends here.
  if (isUsual || (Number.isNaN(a) && !Number.isNaN(b))) return
  if (before === name) throw new RemoteWriteError(`${where} has the label ${quoted(name)} twice`)
  if (Buffer.compare(Buffer.from(before), Buffer.from(name)) < 0) return
  throw new RemoteWriteError(
    `the labels of ${where} are not sorted: ${quoted(before)} is before ${quoted(name)}`,
  )
}

const quoted = (name: string): string =>
  JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name)
