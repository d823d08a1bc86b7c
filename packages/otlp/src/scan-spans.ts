// Reads what an index needs of a traces request in place: ids, times, the name, attributes as hashes. Nothing is made
// for a span, which is what makes it fast; who wants one whole decodes its bytes. Held against the decoder by a test.

import { ATTRIBUTE } from '@stepwell/model'
import { valueText } from './attributes.ts'
import { decodeMessage } from './decode.ts'
import { PairHashes } from './pair-hashes.ts'
import { Reader } from './reader.ts'
import type { KeyValue, Resource, Span } from './types.ts'

export interface SpanVisitor {
  /** What the spans that follow belong to, until the next call. */
  resource(resource: Resource | undefined): void
  /** Asked when all but `hashes` and `isMarked` is known: whether to go on with this span. */
  isWanted(span: ScannedSpan): boolean
  span(span: ScannedSpan): void
}

/** Shows every span of a request that `checkProtobuf` has accepted, in order. */
export function scanSpans(request: Uint8Array, visitor: SpanVisitor): void {
  new Scan(request, visitor).request()
}

/** One span, where it lies in the request's bytes. The next one takes its place. */
export class ScannedSpan {
  readonly bytes: Buffer
  readonly view: DataView
  /** Its number in the request, from 0. */
  item = -1
  /** Of the 16 and 8 bytes; -1 where it has none. */
  traceIdAt = -1
  spanIdAt = -1
  nameAt = 0
  nameEnd = 0
  kind = 0
  /** Unix nanoseconds, in two halves. */
  startLow = 0
  startHigh = 0
  endLow = 0
  endHigh = 0
  statusCode = 0
  /** Whether it has the attribute that marks spans of ours. */
  isMarked = false
  /**
   * Its name, as the value of the key `NAME_KEY`; its attributes and those of its events; the description of its
   * status, as Jaeger's tag. What its resource has is not in it.
   */
  readonly hashes = new PairHashes()
  from = 0
  to = 0

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  decode(): Span {
    return decodeMessage('Span', this.bytes.subarray(this.from, this.to)) as unknown as Span
  }
}

export const NAME_KEY = ''
export const STATUS_DESCRIPTION_KEY = 'otel.status_description'

/** The walk. Tags are written as they are in the bytes: field number and wire type. */
class Scan {
  readonly #reader: Reader
  readonly #end: number
  readonly #visitor: SpanVisitor
  readonly #span: ScannedSpan
  /** Where those of one span lie. */
  readonly #attributes: number[] = []
  readonly #events: number[] = []

  constructor(request: Uint8Array, visitor: SpanVisitor) {
    this.#reader = new Reader(request)
    this.#end = request.length
    this.#visitor = visitor
    this.#span = new ScannedSpan(request)
  }

  request(): void {
    const reader = this.#reader
    while (reader.at < this.#end) {
      const tag = reader.tag(this.#end)
      if (tag === 0x0a) this.#resourceSpans(reader.length(this.#end))
      else reader.skip(tag, this.#end, 0)
    }
  }

  #resourceSpans(end: number): void {
    const reader = this.#reader
    const start = reader.at
    this.#visitor.resource(this.#resource(end))
    reader.at = start
    while (reader.at < end) {
      const tag = reader.tag(end)
      if (tag === 0x12) this.#scopeSpans(reader.length(end))
      else reader.skip(tag, end, 0)
    }
  }

  /** It may come behind the spans, and in several parts, which one behind the other are the whole. */
  #resource(end: number): Resource | undefined {
    const reader = this.#reader
    const parts: Buffer[] = []
    while (reader.at < end) {
      const tag = reader.tag(end)
      if (tag === 0x0a) {
        const stop = reader.length(end)
        parts.push(this.#span.bytes.subarray(reader.at, stop))
        reader.at = stop
      } else reader.skip(tag, end, 0)
    }
    if (parts.length === 0) return undefined
    const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    return decodeMessage('Resource', bytes) as unknown as Resource
  }

  #scopeSpans(end: number): void {
    const reader = this.#reader
    while (reader.at < end) {
      const tag = reader.tag(end)
      if (tag === 0x12) this.#oneSpan(reader.length(end))
      else reader.skip(tag, end, 0)
    }
  }

  #oneSpan(end: number): void {
    const reader = this.#reader
    const span = this.#span
    span.item++
    span.from = reader.at
    span.to = end
    span.traceIdAt = -1
    span.spanIdAt = -1
    span.nameAt = 0
    span.nameEnd = 0
    span.kind = 0
    span.startLow = 0
    span.startHigh = 0
    span.endLow = 0
    span.endHigh = 0
    span.statusCode = 0
    span.isMarked = false
    span.hashes.clear()
    let descriptionAt = -1
    let descriptionEnd = -1
    const attributes = this.#attributes
    const events = this.#events
    let attributeCount = 0
    let eventCount = 0
    while (reader.at < end) {
      const tag = reader.tag(end)
      switch (tag) {
        case 0x0a: // trace_id
          span.traceIdAt = reader.skipId(16, end) > 0 ? reader.at - 16 : -1
          break
        case 0x12: // span_id
          span.spanIdAt = reader.skipId(8, end) > 0 ? reader.at - 8 : -1
          break
        case 0x2a: // name
          span.nameEnd = reader.length(end)
          span.nameAt = reader.at
          reader.at = span.nameEnd
          break
        case 0x30: // kind
          span.kind = reader.enum(end)
          break
        case 0x39: {
          // start_time_unix_nano
          const at = reader.fixed(8, end)
          span.startLow = span.view.getUint32(at, true)
          span.startHigh = span.view.getUint32(at + 4, true)
          break
        }
        case 0x41: {
          // end_time_unix_nano
          const at = reader.fixed(8, end)
          span.endLow = span.view.getUint32(at, true)
          span.endHigh = span.view.getUint32(at + 4, true)
          break
        }
        case 0x4a: // attributes
          attributes[attributeCount++] = reader.at
          reader.at = reader.length(end)
          break
        case 0x5a: // events
          events[eventCount++] = reader.at
          reader.at = reader.length(end)
          break
        case 0x7a: {
          // status
          if (descriptionAt < 0) descriptionAt = descriptionEnd = reader.at
          for (const stop = reader.length(end); reader.at < stop; ) {
            const inner = reader.tag(stop)
            if (inner === 0x12) {
              descriptionEnd = reader.length(stop)
              descriptionAt = reader.at
              reader.at = descriptionEnd
            } else if (inner === 0x18) span.statusCode = reader.enum(stop)
            else reader.skip(inner, stop, 0)
          }
          break
        }
        default:
          reader.skip(tag, end, 0)
      }
    }
    if (!this.#visitor.isWanted(span)) return
    for (let index = 0; index < attributeCount; index++) {
      reader.at = attributes[index]!
      this.#attribute(reader.length(end), true)
    }
    for (let index = 0; index < eventCount; index++) {
      reader.at = events[index]!
      this.#event(reader.length(end))
    }
    reader.at = end
    const { hashes, view } = span
    if (descriptionAt >= 0) {
      hashes.add(DESCRIPTION, 0, DESCRIPTION.byteLength, view, descriptionAt, descriptionEnd)
    }
    hashes.addBytes(view, span.nameAt, span.nameEnd)
    this.#visitor.span(span)
  }

  #event(end: number): void {
    const reader = this.#reader
    while (reader.at < end) {
      const tag = reader.tag(end)
      if (tag === 0x1a) this.#attribute(reader.length(end), false)
      else reader.skip(tag, end, 0)
    }
  }

  /** The usual forms, a key and then one value, are read in place; the decoder has a word on any other. */
  #attribute(end: number, ofSpan: boolean): void {
    const reader = this.#reader
    const { bytes, view, hashes } = this.#span
    const from = reader.at
    reader.at = end
    if (bytes[from] !== 0x0a || end - from < 2 || bytes[from + 1]! > 0x7f) {
      this.#unusual(from, end, ofSpan)
      return
    }
    const keyAt = from + 2
    const keyEnd = keyAt + bytes[from + 1]!
    if (ofSpan && keyEnd - keyAt === MARK.length && isAt(bytes, keyAt, MARK)) {
      this.#span.isMarked = true
    }
    if (keyEnd + 4 > end || bytes[keyEnd] !== 0x12) {
      this.#unusual(from, end, ofSpan)
      return
    }
    let valueAt = keyEnd + 2
    if (bytes[keyEnd + 1]! > 0x7f) {
      reader.at = keyEnd + 1
      if (reader.length(end) !== end) {
        reader.at = end
        this.#unusual(from, end, ofSpan)
        return
      }
      valueAt = reader.at
    } else if (valueAt + bytes[keyEnd + 1]! !== end) {
      this.#unusual(from, end, ofSpan)
      return
    }
    const length = bytes[valueAt + 1]!
    switch (bytes[valueAt]) {
      case 0x0a: {
        // string_value
        let textAt = valueAt + 2
        if (length > 0x7f) {
          reader.at = valueAt + 1
          if (reader.length(end) !== end) break
          textAt = reader.at
        } else if (textAt + length !== end) break
        reader.at = end
        hashes.add(view, keyAt, keyEnd, view, textAt, end)
        return
      }
      case 0x10: // bool_value
        if (valueAt + 2 !== end || length > 1) break
        this.#text(keyAt, keyEnd, length === 1 ? 'true' : 'false')
        return
      case 0x18: {
        // int_value
        reader.at = valueAt + 1
        const low = reader.varint(end)
        if (reader.at !== end) break
        this.#integer(keyAt, keyEnd, low, reader.high)
        return
      }
      case 0x21: // double_value
        if (valueAt + 9 !== end) break
        this.#text(keyAt, keyEnd, String(view.getFloat64(valueAt + 1, true)))
        return
    }
    reader.at = end
    this.#unusual(from, end, ofSpan)
  }

  #integer(keyAt: number, keyEnd: number, low: number, high: number): void {
    if (high !== 0) {
      const value = BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low))
      this.#text(keyAt, keyEnd, String(value))
      return
    }
    let at = SCRATCH.byteLength
    let rest = low
    do {
      const next = (rest / 10) >>> 0
      SCRATCH.setUint8(--at, 0x30 + (rest - next * 10))
      rest = next
    } while (rest > 0)
    const { view, hashes } = this.#span
    hashes.add(view, keyAt, keyEnd, SCRATCH, at, SCRATCH.byteLength)
  }

  /** `text` is short and ASCII. */
  #text(keyAt: number, keyEnd: number, text: string): void {
    for (let at = 0; at < text.length; at++) SCRATCH.setUint8(at, text.charCodeAt(at))
    const { view, hashes } = this.#span
    hashes.add(view, keyAt, keyEnd, SCRATCH, 0, text.length)
  }

  #unusual(from: number, end: number, ofSpan: boolean): void {
    const { bytes, hashes } = this.#span
    const { key, value } = decodeMessage(
      'KeyValue',
      bytes.subarray(from, end),
    ) as unknown as KeyValue
    if (ofSpan && key === ATTRIBUTE.kind) this.#span.isMarked = true
    hashes.addTexts(key, value ? valueText(value) : '')
  }
}

const SCRATCH = new DataView(new ArrayBuffer(32))
const MARK = Buffer.from(ATTRIBUTE.kind)
const descriptionKey = Buffer.from(STATUS_DESCRIPTION_KEY)
const DESCRIPTION = new DataView(
  descriptionKey.buffer,
  descriptionKey.byteOffset,
  descriptionKey.byteLength,
)

function isAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index++) {
    if (bytes[at + index] !== wanted[index]) return false
  }
  return true
}
