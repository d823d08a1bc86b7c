// The labels of a series, read strictly: what two senders write differently must not become two series.

import type { Labels } from '@stepwell/promql'
import { RemoteWriteError } from './error.ts'

type Pairs = readonly (readonly [name: string, value: string])[]

/** `where` names the series. @throws {RemoteWriteError} */
export function seriesLabels(pairs: Pairs, where: string): Labels {
  pairs.forEach(([name], i) => {
    const before = pairs[i - 1]?.[0]
    if (name === '') throw new RemoteWriteError(`${where} has a label without a name`)
    if (before === name) throw new RemoteWriteError(`${where} has the label ${quoted(name)} twice`)
    if (before !== undefined && compareBytes(before, name) > 0) {
      throw new RemoteWriteError(
        `the labels of ${where} are not sorted: ${quoted(before)} is before ${quoted(name)}`,
      )
    }
  })
  const labels = labelsOf(pairs)
  if (labels.__name__ === undefined) throw new RemoteWriteError(`${where} has no __name__`)
  return labels
}

/** A label without a value is none. Their order is that of all series here, which is by UTF-16. */
export const labelsOf = (pairs: Pairs): Labels =>
  Object.fromEntries(
    pairs.filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  )

/** In memory, about: the texts, and the objects that hold them. */
export const decodedBytes = (pairs: Pairs): number =>
  pairs.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 128)

const quoted = (name: string): string =>
  JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name)

/** As Go sorts, by the bytes of UTF-8: surrogates come last. */
function compareBytes(a: string, b: string): number {
  if (a === b) return 0
  const isPlain = (text: string) => !/[\ud800-\uffff]/.test(text)
  if (isPlain(a) && isPlain(b)) return a < b ? -1 : 1
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
