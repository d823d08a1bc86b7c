// Requests on their way out of one HTTP/2 connection: as much of them at once as the server's windows take (RFC 9113
// section 5.2).

import * as frames from './frames.ts'
import { frame, Http2Error } from './frames.ts'

const FIRST_WINDOW_BYTES = 65_535
const LARGEST_WINDOW_BYTES = 2 ** 31 - 1

interface Body {
  /** Bytes that the server still takes. */
  window: number
  unsent: Uint8Array
}

export class Outflow {
  readonly #write: (bytes: Uint8Array) => void
  /** By stream. */
  readonly #bodies = new Map<number, Body>()
  #window = FIRST_WINDOW_BYTES
  #streamWindow = FIRST_WINDOW_BYTES

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write
  }

  /** @param body is never empty: gRPC's messages have a prefix. */
  send(id: number, head: Uint8Array, body: Uint8Array): void {
    for (let at = 0; at === 0 || at < head.length; at += frames.MAX_FRAME_BYTES) {
      const part = head.subarray(at, at + frames.MAX_FRAME_BYTES)
      const end = at + frames.MAX_FRAME_BYTES >= head.length ? frames.END_HEADERS : 0
      this.#write(frame(at === 0 ? frames.HEADERS : frames.CONTINUATION, end, id, part))
    }
    this.#bodies.set(id, { window: this.#streamWindow, unsent: body })
    this.sendBodies()
  }

  /** No more of it is sent. True where some of it was not. */
  drop(id: number): boolean {
    const body = this.#bodies.get(id)
    this.#bodies.delete(id)
    return body !== undefined && body.unsent.length > 0
  }

  /** The server takes `more` bytes: of all streams together (0), or of one that may be over. */
  allow(id: number, more: number): void {
    if (id === 0) this.#window = larger(this.#window, more)
    else {
      const body = this.#bodies.get(id)
      if (body) body.window = larger(body.window, more)
    }
    this.sendBodies()
  }

  /** The server's SETTINGS_INITIAL_WINDOW_SIZE, which holds for what is under way too (section 6.9.2). */
  resize(bytes: number): void {
    const more = bytes - this.#streamWindow
    this.#streamWindow = larger(0, bytes)
    for (const body of this.#bodies.values()) body.window = larger(body.window, more)
  }

  sendBodies(): void {
    for (const [id, body] of this.#bodies) this.#sendBody(id, body)
  }

  /** As much of it as both windows allow. */
  #sendBody(id: number, body: Body): void {
    while (body.unsent.length > 0) {
      const most = Math.min(this.#window, body.window, frames.MAX_FRAME_BYTES)
      if (most <= 0) return
      const part = body.unsent.subarray(0, most)
      body.unsent = body.unsent.subarray(part.length)
      this.#window -= part.length
      body.window -= part.length
      const end = body.unsent.length === 0 ? frames.END_STREAM : 0
      this.#write(frame(frames.DATA, end, id, part))
    }
  }
}

function larger(window: number, more: number): number {
  if (window + more > LARGEST_WINDOW_BYTES)
    throw new Http2Error('FLOW_CONTROL_ERROR', 'a window that is too large')
  return window + more
}
