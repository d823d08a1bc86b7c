// Reads HTTP/1.1 answers out of a byte stream (RFC 9112): what a receiver of OTLP sends back is small.

import { joined } from './joined.ts'
import type { Answer } from './transport.ts'

export interface FramedAnswer extends Answer {
  /** The connection carries no more answers. */
  readonly last: boolean
}

interface Head {
  readonly status: number
  readonly contentType: string
  readonly retryAfter: string | undefined
  readonly last: boolean
  /** Bytes of the body, or how its end is told. */
  readonly length: number | 'chunked' | 'until close'
}

/** An answer longer than this is no answer of an OTLP receiver. */
export const MAX_ANSWER_BYTES = 1 << 20
const MAX_INTERIM = 8
const LATIN1 = new TextDecoder('latin1')

export class HttpAnswerReader {
  #bytes: Uint8Array = new Uint8Array(0)
  /** Answers 1xx before the one that is awaited. */
  #interim = 0

  /** Takes what arrived, gives the answers that are complete. Throws where the bytes are no HTTP/1.1. */
  push(bytes: Uint8Array): FramedAnswer[] {
    this.#bytes = joined([this.#bytes, bytes])
    const answers: FramedAnswer[] = []
    for (let answer = this.#next(); answer; answer = this.#next()) answers.push(answer)
    if (this.#bytes.length > MAX_ANSWER_BYTES) throw new Error('longer than 1 MiB')
    return answers
  }

  /** The connection ended: an answer whose body lasts until then is complete now. */
  end(): FramedAnswer | undefined {
    const parsed = this.#head()
    if (parsed?.head.length !== 'until close') return undefined
    const body = this.#bytes.slice(parsed.bodyAt)
    this.#bytes = new Uint8Array(0)
    return { ...parsed.head, body }
  }

  #next(): FramedAnswer | undefined {
    const parsed = this.#head()
    if (!parsed) return undefined
    const { head, bodyAt } = parsed
    if (head.length === 'until close') return undefined
    if (typeof head.length === 'number' && head.length > MAX_ANSWER_BYTES)
      throw new Error('longer than 1 MiB')
    const taken =
      head.length === 'chunked'
        ? unchunked(this.#bytes, bodyAt)
        : this.#bytes.length >= bodyAt + head.length
          ? {
              body: this.#bytes.slice(bodyAt, bodyAt + head.length),
              end: bodyAt + head.length,
            }
          : undefined
    if (!taken) return undefined
    this.#bytes = this.#bytes.slice(taken.end)
    if (head.status >= 200) {
      this.#interim = 0
      return { ...head, body: taken.body }
    }
    // 1xx is not the answer yet (RFC 9110 section 15.2).
    if (++this.#interim > MAX_INTERIM) throw new Error('1xx again and again')
    return this.#next()
  }

  #head(): { head: Head; bodyAt: number } | undefined {
    const text = LATIN1.decode(this.#bytes)
    if (text.length >= 5 && !text.startsWith('HTTP/')) throw new Error('not HTTP')
    const end = text.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    const [statusLine, ...fields] = text.slice(0, end).split('\r\n')
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(statusLine!)?.[1]
    if (!status) throw new Error(`unknown status line ${JSON.stringify(statusLine!.slice(0, 40))}`)
    const headers: Record<string, string> = {}
    for (const field of fields) {
      const colon = field.indexOf(':')
      if (colon > 0) headers[field.slice(0, colon).toLowerCase()] = field.slice(colon + 1).trim()
    }
    const head: Head = {
      status: Number(status),
      contentType: (headers['content-type'] ?? '').toLowerCase(),
      retryAfter: headers['retry-after'],
      last: has(headers.connection, /\bclose\b/i) || statusLine!.startsWith('HTTP/1.0'),
      length: lengthOf(Number(status), headers),
    }
    return { head, bodyAt: end + 4 }
  }
}

/** A pattern is compiled when it is first tried: not where there is no such header. */
const has = (value: string | undefined, pattern: RegExp) =>
  value !== undefined && pattern.test(value)

/** RFC 9112 section 6.3. */
function lengthOf(status: number, headers: Readonly<Record<string, string>>): Head['length'] {
  if (status < 200 || status === 204 || status === 304) return 0
  if (has(headers['transfer-encoding'], /\bchunked\b/i)) return 'chunked'
  const length = headers['content-length']
  if (length === undefined) return 'until close'
  if (!/^\d+$/.test(length)) throw new Error(`content-length ${JSON.stringify(length)}`)
  return Number(length)
}

/** RFC 9112 section 7.1; trailers are read over. */
function unchunked(bytes: Uint8Array, from: number): { body: Uint8Array; end: number } | undefined {
  const parts: Uint8Array[] = []
  let at = from
  for (;;) {
    const lineEnd = bytes.indexOf(10, at)
    if (lineEnd < 0) return undefined
    const line = LATIN1.decode(bytes.subarray(at, lineEnd)).trim()
    if (!/^[0-9a-f]+(\s*;.*)?$/i.test(line)) throw new Error('a chunk without a size')
    const size = Number.parseInt(line, 16)
    at = lineEnd + 1
    if (size === 0) break
    if (bytes.length < at + size + 2) return undefined
    parts.push(bytes.subarray(at, at + size))
    at += size + 2
  }
  for (;;) {
    const lineEnd = bytes.indexOf(10, at)
    if (lineEnd < 0) return undefined
    const empty = LATIN1.decode(bytes.subarray(at, lineEnd)).trim() === ''
    at = lineEnd + 1
    if (empty) break
  }
  return { body: joined(parts), end: at }
}
