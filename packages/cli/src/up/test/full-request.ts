// A request in which every field of every message is set, each to a value of its own, made from the codec's table,
// which is held against the published protos.

import type { RequestOf, Signal } from '@stepwell/otlp'
import { type Field, KIND, type Message, messageOf, REQUEST } from '@stepwell/otlp/schema'

/** Mean something in profiles alone. */
const OF_PROFILES = new Set(['stringValueStrindex', 'keyStrindex'])

/** `id`: 1 to 99; it is in the ids. Times are near `now`, Unix milliseconds. */
export function fullRequest<S extends Signal>(signal: S, id: number, now: number): RequestOf[S] {
  return new Filler(id, BigInt(now) * 1_000_000n).message(
    messageOf(REQUEST[signal]),
    0,
  ) as unknown as RequestOf[S]
}

class Filler {
  #count = 0

  constructor(
    private readonly id: number,
    private readonly now: bigint,
  ) {}

  message(message: Message, depth: number): Record<string, unknown> {
    const members = message.fields.filter(({ presence }) => presence === 'oneof')
    // One with each member, where there can be several; lists of values in lists of values end somewhere.
    return this.#with(message, members[this.#count++ % Math.max(1, members.length)], depth)
  }

  #with(message: Message, member: Field | undefined, depth: number): Record<string, unknown> {
    const filled: Record<string, unknown> = {}
    for (const field of message.fields) {
      if (OF_PROFILES.has(field.name)) continue
      if (field.presence === 'oneof' && field !== member) continue
      filled[field.name] = field.repeated ? this.#list(field, depth) : this.#value(field, depth)
    }
    return filled
  }

  #list(field: Field, depth: number): unknown[] {
    const { message } = field
    if (message?.name === 'KeyValue' || message?.name === 'AnyValue')
      return this.#each(message, depth)
    if (message?.name === 'Metric') {
      const kinds = message.fields.filter(({ presence }) => presence === 'oneof')
      return kinds.map((kind) => this.#with(message, kind, depth))
    }
    return [this.#value(field, depth), this.#value(field, depth)]
  }

  /** Attributes, or values, with a value of each type. */
  #each(message: Message, depth: number): unknown[] {
    const anyValue = messageOf('AnyValue')
    const types = anyValue.fields.filter(
      ({ name, message: inner }) => !OF_PROFILES.has(name) && (depth < 12 || !inner),
    )
    return types.map((type) => {
      const value = this.#with(anyValue, type, depth + 2)
      return message === anyValue ? value : { key: `key.${this.#count++}`, value }
    })
  }

  #value(field: Field, depth: number): unknown {
    const count = ++this.#count
    switch (field.kind) {
      case KIND.message:
        return this.message(field.message!, depth + 1)
      case KIND.string:
        return `${field.name} ${count}`
      case KIND.bytes:
        return Uint8Array.of(0xff, count, 0)
      case KIND.traceId:
        return `${this.id}`.padStart(32, 'a')
      case KIND.spanId:
        return `${this.id}${String(count).padStart(6, '0')}`.padStart(16, 'b')
      case KIND.bool:
        return true
      case KIND.double:
        return count + 0.5
      case KIND.enum:
        return 1 + (count % 2)
      case KIND.fixed64:
      case KIND.uint64:
        return field.name.endsWith('UnixNano') ? this.now + BigInt(count) : BigInt(count)
      case KIND.int64:
      case KIND.sfixed64:
        return -(2n ** 60n) - BigInt(count)
      case KIND.sint32:
        return -count
      default:
        return count
    }
  }
}
