// The client's side of one HTTP/2 connection (RFC 9113), apart from the socket: bytes in, bytes out. It asks, many
// times at once if need be, and takes small answers; what else servers may send it answers or reads over.

import { MAX_ANSWER_BYTES } from '../http-answer.ts'
import { joined } from '../joined.ts'
import { TransportFailure } from '../transport.ts'
import * as frames from './frames.ts'
import { ERRORS, type Frame, FrameReader, frame, Http2Error, putUint32, uint32 } from './frames.ts'
import { encodeHead, type Fields, HeadDecoder, MAX_HEAD_BYTES } from './hpack.ts'
import { Outflow } from './outflow.ts'

export interface Http2Answer {
  /** Head and trailers. */
  readonly fields: Fields
  readonly body: Uint8Array
}

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
/** No push (section 6.5.2). */
const OUR_SETTINGS = new Uint8Array([0, 2, 0, 0, 0, 0])
const LAST_STREAM = 2 ** 31 - 1
/** Frames that bring no answer nearer, in a row: whoever sends more does not mean to answer. */
const MAX_IDLE_FRAMES = 10_000
const NOTHING = new Uint8Array(0)

interface Stream {
  readonly id: number
  fields: Fields | undefined
  readonly parts: Uint8Array[]
  length: number
  readonly resolve: (answer: Http2Answer) => void
  readonly reject: (failure: TransportFailure) => void
}

export class Http2Connection {
  /** It takes no more requests. */
  closed = false
  /** Anything came since the last request was sent. */
  heard = false
  readonly #write: (bytes: Uint8Array) => void
  readonly #end: () => void
  readonly #host: string
  readonly #reader = new FrameReader()
  readonly #heads = new HeadDecoder()
  readonly #outflow: Outflow
  readonly #streams = new Map<number, Stream>()
  /** What waits until the server takes one more stream. */
  #queue: (() => void)[] = []
  #nextStream = 1
  #mostStreams = Number.POSITIVE_INFINITY
  #greeted = false
  #idleFrames = 0
  /** A head that has not ended. */
  #head: { readonly frame: Frame; readonly parts: Uint8Array[]; length: number } | undefined

  /**
   * @param write takes what is to be sent.
   * @param end closes the socket: it is told once, by us or when the socket ended.
   */
  constructor(host: string, write: (bytes: Uint8Array) => void, end: () => void) {
    this.#host = host
    this.#write = write
    this.#outflow = new Outflow(write)
    this.#end = end
    const preface = new TextEncoder().encode(PREFACE)
    write(joined([preface, frame(frames.SETTINGS, 0, 0, OUR_SETTINGS)]))
  }

  get busy(): boolean {
    return this.#streams.size > 0 || this.#queue.length > 0
  }

  request(
    fields: readonly (readonly [string, string])[],
    body: Uint8Array,
    signal: AbortSignal,
  ): Promise<Http2Answer> {
    return new Promise((resolve, reject) => {
      let id = 0
      const settle = () => signal.removeEventListener('abort', abort)
      const rejected = (failure: TransportFailure) => {
        settle()
        reject(failure)
      }
      const start = () => {
        if (this.closed) return rejected(this.#broken('the connection was closed'))
        id = this.#nextStream
        this.#nextStream += 2
        if (this.#nextStream > LAST_STREAM) this.closed = true
        const stream: Stream = {
          id,
          fields: undefined,
          parts: [],
          length: 0,
          resolve: (answer) => {
            settle()
            resolve(answer)
          },
          reject: rejected,
        }
        this.#streams.set(id, stream)
        this.heard = false
        this.#outflow.send(id, encodeHead(fields), body)
      }
      const abort = () => {
        this.#queue = this.#queue.filter((one) => one !== start)
        const begun = this.#streams.delete(id)
        this.#outflow.drop(id)
        const late = this.#broken('no answer in time')
        rejected(late)
        if (!begun) return
        // Who was silent all the while is asked over another connection the next time.
        if (!this.heard) return this.fail(late)
        this.#reset(id, 'CANCEL')
        this.#next()
      }
      if (signal.aborted) return abort()
      signal.addEventListener('abort', abort, { once: true })
      if (this.#streams.size < this.#mostStreams) start()
      else this.#queue.push(start)
    })
  }

  receive(bytes: Uint8Array): void {
    this.heard = true
    try {
      if (!this.#greeted && startsLikeHttp1(bytes))
        throw new Http2Error('PROTOCOL_ERROR', 'it speaks HTTP/1, not gRPC')
      this.#reader.push(bytes)
      for (let next = this.#reader.next(); next; next = this.#reader.next()) {
        this.#take(next)
        if (this.closed && !this.busy) return
      }
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error
      this.#goAway(error.code)
      // It will not learn it in a second.
      const what = `${this.#host}: no gRPC answer: ${error.message}`
      this.fail(new TransportFailure('unreachable', what))
    }
  }

  /** The socket is gone, or has to go. */
  fail(failure: TransportFailure): void {
    this.closed = true
    const streams = [...this.#streams.values()]
    const queue = this.#queue
    this.#streams.clear()
    this.#queue = []
    for (const stream of streams) stream.reject(failure)
    for (const start of queue) start()
    this.#end()
  }

  #take(next: Frame): void {
    const { type, stream, payload } = next
    if (this.#head && (type !== frames.CONTINUATION || stream !== this.#head.frame.stream))
      throw new Http2Error('PROTOCOL_ERROR', 'a head that does not go on')
    if (!this.#greeted && (type !== frames.SETTINGS || next.flags & frames.ACK))
      throw new Http2Error('PROTOCOL_ERROR', 'it did not begin with its settings')
    if (++this.#idleFrames > MAX_IDLE_FRAMES)
      throw new Http2Error('ENHANCE_YOUR_CALM', 'many frames and no answer')
    switch (type) {
      case frames.DATA:
        this.#takeData(next)
        break
      case frames.HEADERS:
        this.#known(stream)
        this.#head = { frame: next, parts: [], length: 0 }
        this.#takeHead(frames.unpadded(next), next.flags)
        break
      case frames.CONTINUATION:
        if (!this.#head) throw new Http2Error('PROTOCOL_ERROR', 'the rest of no head')
        this.#takeHead(payload, next.flags)
        break
      case frames.RST_STREAM:
        this.#known(stream)
        this.#takeReset(stream, wordOf(payload, 4))
        break
      case frames.SETTINGS:
        this.#greeted = true
        this.#takeSettings(next)
        break
      case frames.PING:
        if (payload.length !== 8) throw new Http2Error('FRAME_SIZE_ERROR', 'a PING of another size')
        if (!(next.flags & frames.ACK)) this.#write(frame(frames.PING, frames.ACK, 0, payload))
        break
      case frames.GOAWAY:
        this.#takeGoAway(payload)
        break
      case frames.WINDOW_UPDATE:
        this.#takeWindow(stream, wordOf(payload, 4) & 0x7fff_ffff)
        break
      case frames.PUSH_PROMISE:
        throw new Http2Error('PROTOCOL_ERROR', 'a push that was declined')
    }
  }

  #takeData(next: Frame): void {
    this.#known(next.stream)
    const stream = this.#streams.get(next.stream)
    const { length } = next.payload
    if (length > 0) this.#allow(0, length)
    if (!stream) return
    if (!stream.fields) throw new Http2Error('PROTOCOL_ERROR', 'a body before its head')
    const part = frames.unpadded(next)
    stream.length += part.length
    if (stream.length > MAX_ANSWER_BYTES)
      throw new Http2Error('ENHANCE_YOUR_CALM', 'longer than 1 MiB')
    if (part.length > 0) {
      // The parts hold a socket's buffer otherwise.
      stream.parts.push(part.slice())
      this.#idleFrames = 0
    }
    if (next.flags & frames.END_STREAM) this.#answered(stream)
    else if (length > 0) this.#allow(stream.id, length)
  }

  #takeHead(part: Uint8Array, flags: number): void {
    const head = this.#head!
    head.parts.push(part)
    head.length += part.length
    if (head.length > MAX_HEAD_BYTES)
      throw new Http2Error('ENHANCE_YOUR_CALM', 'a head above 64 KiB')
    if (!(flags & frames.END_HEADERS)) return
    this.#head = undefined
    // Also where nobody waits for it any more: the table of fields goes on.
    const fields = this.#heads.decode(joined(head.parts))
    const stream = this.#streams.get(head.frame.stream)
    if (!stream) return
    const ended = (head.frame.flags & frames.END_STREAM) !== 0
    if (stream.fields === undefined) {
      const status = Number(fields[':status'])
      if (!Number.isInteger(status)) throw new Http2Error('PROTOCOL_ERROR', 'a head without status')
      // 1xx is not the answer yet.
      if (status < 200) return
    } else if (!ended) throw new Http2Error('PROTOCOL_ERROR', 'a head in the middle')
    stream.fields = { ...stream.fields, ...fields }
    this.#idleFrames = 0
    if (ended) this.#answered(stream)
  }

  #answered(stream: Stream): void {
    this.#streams.delete(stream.id)
    // It was answered before it was read: nobody wants the rest.
    if (this.#outflow.drop(stream.id)) this.#reset(stream.id, 'CANCEL')
    stream.resolve({ fields: stream.fields!, body: joined(stream.parts) })
    this.#next()
  }

  #takeReset(id: number, code: number): void {
    const stream = this.#streams.get(id)
    if (!stream) return
    this.#streams.delete(id)
    this.#outflow.drop(id)
    const name = ERRORS[code] ?? `error ${code}`
    const what = `${this.#host} broke the request off: ${name}`
    const kind = name === 'HTTP_1_1_REQUIRED' ? 'unreachable' : 'broken'
    stream.reject(new TransportFailure(kind, what))
    this.#next()
  }

  #takeSettings({ flags, payload }: Frame): void {
    if (flags & frames.ACK) return
    if (payload.length % 6 !== 0)
      throw new Http2Error('FRAME_SIZE_ERROR', 'settings of another size')
    for (let at = 0; at < payload.length; at += 6) {
      const value = uint32(payload, at + 2)
      switch ((payload[at]! << 8) | payload[at + 1]!) {
        case 3:
          this.#mostStreams = value
          break
        case 4:
          this.#outflow.resize(value)
          break
        case 5:
          // Larger frames gain nothing here.
          if (value < frames.MAX_FRAME_BYTES)
            throw new Http2Error('PROTOCOL_ERROR', 'frames that are too small')
      }
    }
    this.#write(frame(frames.SETTINGS, frames.ACK, 0, NOTHING))
    this.#outflow.sendBodies()
    this.#next()
  }

  #takeGoAway(payload: Uint8Array): void {
    if (payload.length < 8) throw new Http2Error('FRAME_SIZE_ERROR', 'a GOAWAY of another size')
    this.closed = true
    const last = uint32(payload, 0) & 0x7fff_ffff
    const code = ERRORS[uint32(payload, 4)] ?? 'an error'
    const failure = this.#broken(`it goes away: ${code}`)
    // What it did not begin may go again elsewhere; the rest it still answers.
    for (const stream of [...this.#streams.values()])
      if (stream.id > last) {
        this.#streams.delete(stream.id)
        this.#outflow.drop(stream.id)
        stream.reject(failure)
      }
    this.#next()
  }

  #takeWindow(id: number, more: number): void {
    if (more === 0) throw new Http2Error('PROTOCOL_ERROR', 'a window that grows by nothing')
    if (id !== 0) this.#known(id)
    this.#outflow.allow(id, more)
  }

  /** Frames of streams that were never begun are a sign of something else than HTTP/2. */
  #known(id: number): void {
    if (id % 2 === 0 || id >= this.#nextStream)
      throw new Http2Error('PROTOCOL_ERROR', `stream ${id}, which nobody began`)
  }

  /** The server may send as much again as it sent. */
  #allow(id: number, bytes: number): void {
    this.#write(frame(frames.WINDOW_UPDATE, 0, id, word(bytes)))
  }

  #reset(id: number, code: frames.ErrorName): void {
    this.#write(frame(frames.RST_STREAM, 0, id, word(ERRORS.indexOf(code))))
  }

  #goAway(code: frames.ErrorName): void {
    this.#write(frame(frames.GOAWAY, 0, 0, joined([word(0), word(ERRORS.indexOf(code))])))
  }

  /** There may be room for one more, or nothing left to do. */
  #next(): void {
    while (this.#queue.length > 0 && (this.closed || this.#streams.size < this.#mostStreams))
      this.#queue.shift()!()
    if (this.closed && this.#streams.size === 0) this.#end()
  }

  #broken(what: string): TransportFailure {
    return new TransportFailure('broken', `${this.#host}: ${what}`)
  }
}

const startsLikeHttp1 = (bytes: Uint8Array) =>
  new TextDecoder('latin1').decode(bytes.subarray(0, 5)) === 'HTTP/'

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  putUint32(bytes, 0, value)
  return bytes
}

function wordOf(payload: Uint8Array, length: number): number {
  if (payload.length !== length) throw new Http2Error('FRAME_SIZE_ERROR', 'a frame of another size')
  return uint32(payload, 0)
}
