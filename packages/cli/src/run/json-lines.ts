// The command's output as JSON lines (`--log-format json`), for collectors that read a container's log: whole lines,
// each with the ids of its step. What is a JSON object already gets the ids, and keeps every byte of its own.

import type { Identity } from '@stepwell/model/detect-identity'
import { withoutColours } from '@stepwell/model/redact/colours'
import { severityOf } from '../report/severity.ts'

/** A line that is longer comes in parts, each but the last with `"partial":true`: memory stays bounded. */
export const LONGEST_LINE_BYTES = 1 << 20

const NEWLINE = 10
const RETURN = 13
const BRACE = 123
const ENCODER = new TextEncoder()
const DECODER = new TextDecoder('utf-8')
const STRICT = new TextDecoder('utf-8', { fatal: true })

export class JsonLines {
  readonly #ids: string
  readonly #stream: 'stdout' | 'stderr'
  readonly #now: () => Date
  /** The pieces of a line whose end has not come yet. */
  #started: Uint8Array[] = []
  #startedBytes = 0
  /** A part of this line went out already. */
  #within = false
  #out: Uint8Array[] = []

  constructor({ traceId, spanId }: Identity, stream: 'stdout' | 'stderr', now = () => new Date()) {
    this.#ids = `"trace_id":"${traceId}","span_id":"${spanId}"`
    this.#stream = stream
    this.#now = now
  }

  /** What is to be written for a chunk: whole lines. */
  push(chunk: Uint8Array): Uint8Array {
    const head = `{${this.#ids},"time":"${this.#now().toISOString()}","stream":"${this.#stream}",`
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, at), head)
      this.#line(head, false)
      from = at + 1
    }
    this.#keep(chunk.subarray(from), head)
    return this.#taken()
  }

  /** The stream is over: what is left of a last line without an end. */
  end(): Uint8Array {
    if (this.#startedBytes > 0)
      this.#line(
        `{${this.#ids},"time":"${this.#now().toISOString()}","stream":"${this.#stream}",`,
        false,
      )
    return this.#taken()
  }

  #keep(piece: Uint8Array, head: string): void {
    let rest = piece
    while (this.#startedBytes + rest.length > LONGEST_LINE_BYTES) {
      const room = LONGEST_LINE_BYTES - this.#startedBytes
      this.#add(rest.subarray(0, room))
      rest = rest.subarray(room)
      this.#line(head, true)
    }
    this.#add(rest)
  }

  #add(piece: Uint8Array): void {
    if (piece.length === 0) return
    // A copy: chunks are not ours.
    this.#started.push(piece.slice())
    this.#startedBytes += piece.length
  }

  #line(head: string, partial: boolean): void {
    let bytes = joined(this.#started, this.#startedBytes)
    this.#started = []
    this.#startedBytes = 0
    if (partial) {
      // A character is not cut in two: its beginning waits for the rest.
      const end = characterEnd(bytes)
      this.#add(bytes.subarray(end))
      bytes = bytes.subarray(0, end)
    } else if (bytes[bytes.length - 1] === RETURN) bytes = bytes.subarray(0, -1)
    const object = partial || this.#within ? undefined : this.#withIds(bytes)
    this.#within = partial
    this.#out.push(object ?? textLine(head, bytes, partial))
  }

  /** The object as it was written, with the ids in front; undefined where `bytes` are no JSON object. */
  #withIds(bytes: Uint8Array): Uint8Array | undefined {
    let at = 0
    while (bytes[at] === 32 || bytes[at] === 9) at++
    if (bytes[at] !== BRACE) return undefined
    let own: object
    try {
      own = JSON.parse(STRICT.decode(bytes))
    } catch {
      return undefined
    }
    // An object that names its own span keeps it: readers take the last of two.
    const ids = Object.hasOwn(own, 'trace_id') || Object.hasOwn(own, 'span_id') ? '' : this.#ids
    const comma = ids !== '' && Object.keys(own).length > 0 ? ',' : ''
    return joined([ENCODER.encode(`{${ids}${comma}`), bytes.subarray(at + 1), ENCODER.encode('\n')])
  }

  #taken(): Uint8Array {
    const out = joined(this.#out)
    this.#out = []
    return out
  }
}

/** Invalid UTF-8 comes as U+FFFD, terminal sequences are left out. */
function textLine(head: string, bytes: Uint8Array, partial: boolean): Uint8Array {
  const text = withoutColours(DECODER.decode(bytes))
  const level = severityOf(text).text.toLowerCase()
  const part = partial ? '"partial":true,' : ''
  return ENCODER.encode(`${head}${part}"level":"${level}","msg":${JSON.stringify(text)}}\n`)
}

function joined(
  pieces: readonly Uint8Array[],
  length = pieces.reduce((sum, piece) => sum + piece.length, 0),
): Uint8Array {
  if (pieces.length === 1) return pieces[0]!
  const whole = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/** Where the last whole UTF-8 character of `bytes` ends; their end where they are none. */
function characterEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}
