// Some spans of a request, decoded; the others are stepped over.

import { decodeMessage } from './decode.ts'
import { Reader } from './reader.ts'
import type { MessageName } from './schema.ts'
import type { InstrumentationScope, Resource, Span } from './types.ts'

export interface PickedSpan {
  readonly span: Span
  readonly resource: Resource | undefined
  readonly scope: InstrumentationScope | undefined
}

/**
 * The spans of those numbers, which ascend, of a traces request in protobuf that `checkProtobuf` has accepted. Numbers
 * are from 0, and those that it has not are left out.
 */
export function pickSpans(request: Uint8Array, numbers: readonly number[]): PickedSpan[] {
  const picked: PickedSpan[] = []
  const { buffer, byteOffset, byteLength } = request
  let first = 0
  for (const resourceSpans of parts(Buffer.from(buffer, byteOffset, byteLength), 0x0a)) {
    let resource: Resource | undefined
    for (const scopeSpans of parts(resourceSpans, 0x12)) {
      const spans = parts(scopeSpans, 0x12)
      let scope: InstrumentationScope | undefined
      for (let next = numbers[picked.length]; next !== undefined; next = numbers[picked.length]) {
        const bytes = spans[next - first]
        if (!bytes) break
        resource ??= merged('Resource', parts(resourceSpans, 0x0a))
        scope ??= merged('InstrumentationScope', parts(scopeSpans, 0x0a))
        picked.push({ span: decodeMessage('Span', bytes) as unknown as Span, resource, scope })
      }
      first += spans.length
    }
  }
  return picked
}

/** The bytes of the message's fields of that tag. */
function parts(message: Buffer, wanted: number): Buffer[] {
  const reader = new Reader(message)
  const end = message.length
  const found: Buffer[] = []
  while (reader.at < end) {
    const tag = reader.tag(end)
    if (tag === wanted) {
      const stop = reader.length(end)
      found.push(message.subarray(reader.at, stop))
      reader.at = stop
    } else reader.skip(tag, end, 0)
  }
  return found
}

/** A message that came in parts is that of all their bytes; undefined where none came. */
function merged<T>(name: MessageName, found: readonly Buffer[]): T | undefined {
  if (found.length === 0) return undefined
  return decodeMessage(name, found.length === 1 ? found[0]! : Buffer.concat(found)) as T
}
