// Frames of HTTP/2 (RFC 9113 section 4): out of a byte stream, and into one.

import { joined } from '../joined.ts'

export const DATA = 0
export const HEADERS = 1
export const RST_STREAM = 3
export const SETTINGS = 4
export const PUSH_PROMISE = 5
export const PING = 6
export const GOAWAY = 7
export const WINDOW_UPDATE = 8
export const CONTINUATION = 9

/** Of DATA and HEADERS. */
export const END_STREAM = 1
/** Of SETTINGS and PING. */
export const ACK = 1
export const END_HEADERS = 4
export const PADDED = 8
export const PRIORITY = 32

/** Section 7, in the order of their numbers. */
export const ERRORS = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const

export type ErrorName = (typeof ERRORS)[number]

/** What the peer did that ends the connection. */
export class Http2Error extends Error {
  override readonly name = 'Http2Error'
  constructor(
    readonly code: ErrorName,
    message: string,
  ) {
    super(message)
  }
}

export interface Frame {
  readonly type: number
  readonly flags: number
  /** 0: the connection itself. */
  readonly stream: number
  readonly payload: Uint8Array
}

/** What both sides may send unless told otherwise, and what we take. */
export const MAX_FRAME_BYTES = 16_384
const HEAD_BYTES = 9

export class FrameReader {
  #bytes: Uint8Array = new Uint8Array(0)

  push(bytes: Uint8Array): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : joined([this.#bytes, bytes])
  }

  /** The next frame that is there whole. */
  next(): Frame | undefined {
    const bytes = this.#bytes
    if (bytes.length < HEAD_BYTES) return undefined
    const length = (bytes[0]! << 16) | (bytes[1]! << 8) | bytes[2]!
    if (length > MAX_FRAME_BYTES) throw new Http2Error('FRAME_SIZE_ERROR', `a frame of ${length} B`)
    const end = HEAD_BYTES + length
    if (bytes.length < end) return undefined
    this.#bytes = bytes.subarray(end)
    return {
      type: bytes[3]!,
      flags: bytes[4]!,
      stream: uint32(bytes, 5) & 0x7fff_ffff,
      payload: bytes.subarray(HEAD_BYTES, end),
    }
  }
}

export function frame(type: number, flags: number, stream: number, payload: Uint8Array) {
  const { length } = payload
  const head = [length >> 16, length >> 8, length, type, flags]
  const bytes = new Uint8Array(HEAD_BYTES + length)
  bytes.set(head)
  putUint32(bytes, 5, stream)
  bytes.set(payload, HEAD_BYTES)
  return bytes
}

export function uint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  )
}

export function putUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** The payload of DATA or HEADERS without padding and priority (sections 6.1 and 6.2). */
export function unpadded({ type, flags, payload }: Frame): Uint8Array {
  let start = 0
  let end = payload.length
  if (flags & PADDED) {
    start = 1
    end -= payload[0] ?? 0
  }
  if (type === HEADERS && flags & PRIORITY) start += 5
  if (start > end) throw new Http2Error('PROTOCOL_ERROR', 'more padding than frame')
  return payload.subarray(start, end)
}
