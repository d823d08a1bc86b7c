// Fields of HTTP/2's heads (HPACK, RFC 7541): all that a server may send, and the simplest that a client may.

import { Http2Error } from './frames.ts'
import { decodeHuffman } from './huffman.ts'

/** By name; of a name that comes twice the last. */
export type Fields = Record<string, string>

/** Appendix A, `name value`; the index of the first is 1. */
const STATIC = (
  ':authority|:method GET|:method POST|:path /|:path /index.html|:scheme http|:scheme https|' +
  ':status 200|:status 204|:status 206|:status 304|:status 400|:status 404|:status 500|' +
  'accept-charset|accept-encoding gzip, deflate|accept-language|accept-ranges|accept|' +
  'access-control-allow-origin|age|allow|authorization|cache-control|content-disposition|' +
  'content-encoding|content-language|content-length|content-location|content-range|content-type|' +
  'cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|' +
  'if-unmodified-since|last-modified|link|location|max-forwards|proxy-authenticate|' +
  'proxy-authorization|range|referer|refresh|retry-after|server|set-cookie|' +
  'strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate'
).split('|')

/** What we allow a server's table, by saying nothing of it. */
const TABLE_BYTES = 4096
/** A field is counted with these (section 4.1). */
const FIELD_OVERHEAD = 32
/** Of one head, decoded: a byte may stand for a field of 4 KiB. */
export const MAX_HEAD_BYTES = 64 << 10

type Field = readonly [name: string, value: string]

export class HeadDecoder {
  /** The newest first. */
  readonly #table: Field[] = []
  #size = 0
  #limit = TABLE_BYTES

  decode(block: Uint8Array): Fields {
    const reader = new BlockReader(block)
    const fields: Fields = Object.create(null)
    let total = 0
    while (!reader.ended) {
      const kind = reader.peek
      // Section 6.3: it stands before all fields.
      if (kind >= 0x20 && kind < 0x40 && total === 0) {
        this.#resize(reader.integer(5))
        continue
      }
      const [name, value] = this.#field(reader, kind)
      total += name.length + value.length + FIELD_OVERHEAD
      if (total > MAX_HEAD_BYTES) throw new Http2Error('ENHANCE_YOUR_CALM', 'a head above 64 KiB')
      fields[name] = value
    }
    return fields
  }

  #field(reader: BlockReader, kind: number): Field {
    if (kind >= 0x80) return this.#at(reader.integer(7))
    if (kind >= 0x20 && kind < 0x40) throw failed('a table that changes between fields')
    const remembered = kind >= 0x40
    const index = reader.integer(remembered ? 6 : 4)
    const name = index === 0 ? reader.text() : this.#at(index)[0]
    const field: Field = [name, reader.text()]
    if (remembered) this.#remember(field)
    return field
  }

  #at(index: number): Field {
    const fixed = STATIC[index - 1]
    if (fixed !== undefined) {
      const space = fixed.indexOf(' ')
      return space < 0 ? [fixed, ''] : [fixed.slice(0, space), fixed.slice(space + 1)]
    }
    const field = this.#table[index - 1 - STATIC.length]
    if (!field) throw failed(`field ${index}, which is none`)
    return field
  }

  #remember(field: Field): void {
    this.#table.unshift(field)
    this.#size += sizeOf(field)
    this.#evict()
  }

  #resize(limit: number): void {
    if (limit > TABLE_BYTES) throw failed(`a table of ${limit} B`)
    this.#limit = limit
    this.#evict()
  }

  #evict(): void {
    while (this.#size > this.#limit) this.#size -= sizeOf(this.#table.pop()!)
  }
}

const sizeOf = ([name, value]: Field) => name.length + value.length + FIELD_OVERHEAD
const failed = (what: string) => new Http2Error('COMPRESSION_ERROR', what)

class BlockReader {
  #at = 0

  constructor(readonly block: Uint8Array) {}

  get ended(): boolean {
    return this.#at >= this.block.length
  }

  get peek(): number {
    if (this.ended) throw failed('a head that is cut')
    return this.block[this.#at]!
  }

  /** Section 5.1. */
  integer(prefixBits: number): number {
    const most = 2 ** prefixBits - 1
    let value = this.peek & most
    this.#at++
    if (value < most) return value
    for (let shift = 0; ; shift += 7) {
      const byte = this.peek
      this.#at++
      if (shift > 21) throw failed('a number that is too large')
      value += (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }

  /** Section 5.2. Bytes as Latin 1. */
  text(): string {
    const coded = this.peek >= 0x80
    const length = this.integer(7)
    const end = this.#at + length
    if (end > this.block.length) throw failed('a text that is cut')
    const bytes = this.block.subarray(this.#at, end)
    this.#at = end
    let text = ''
    for (const byte of coded ? decodeHuffman(bytes) : bytes) text += String.fromCharCode(byte)
    return text
  }
}

/** Every field as it is, remembered nowhere: tokens are among them. */
export function encodeHead(fields: readonly Field[]): Uint8Array {
  // Our table is empty, and a server that wants it smaller than it might be is told so before it asks.
  const bytes: number[] = [0x20]
  for (const [name, value] of fields) {
    bytes.push(0x10)
    for (const text of [name, value]) {
      putInteger(bytes, text.length)
      for (let at = 0; at < text.length; at++) bytes.push(text.charCodeAt(at))
    }
  }
  return new Uint8Array(bytes)
}

function putInteger(bytes: number[], value: number): void {
  if (value < 0x7f) {
    bytes.push(value)
    return
  }
  bytes.push(0x7f)
  let rest = value - 0x7f
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest)
}
