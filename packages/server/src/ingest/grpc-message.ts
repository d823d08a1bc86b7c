// gRPC's frame around a message: whether it is compressed, its length, its bytes.

import type { ServerHttp2Stream } from 'node:http2'
import type { Held } from './holding.ts'
import { MAX_REQUEST_BYTES } from './limits.ts'
import { Rejection } from './rejection.ts'

const PREFIX_BYTES = 5

export interface GrpcMessage {
  readonly isCompressed: boolean
  readonly bytes: Uint8Array
}

/** The one message of a unary call, counted as it comes. Rejects with Rejection: `malformed`, `too_large`, `overloaded`. */
export function readMessage(stream: ServerHttp2Stream, held: Held): Promise<GrpcMessage> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let length = 0
    stream.on('data', (chunk: Uint8Array) => {
      length += chunk.length
      chunks.push(chunk)
      try {
        held.grow(length)
        if (length >= PREFIX_BYTES) checkPrefix(chunks, length)
      } catch (error) {
        chunks.length = 0
        stream.pause()
        reject(error)
      }
    })
    // Also where the client has gone in the middle.
    stream.on('end', () => {
      try {
        resolve(messageOf(Buffer.concat(chunks)))
      } catch (error) {
        reject(error)
      }
    })
    stream.on('close', () => reject(cutOff()))
  })
}

function checkPrefix(chunks: Uint8Array[], length: number): void {
  if (chunks[0]!.length < PREFIX_BYTES) chunks.splice(0, chunks.length, Buffer.concat(chunks))
  const due = lengthOf(chunks[0]!)
  if (due > MAX_REQUEST_BYTES) {
    throw new Rejection('too_large', 'the request is larger than 64 MiB')
  }
  if (length > PREFIX_BYTES + due) {
    throw new Rejection('malformed', 'more than the one message of an Export')
  }
}

function messageOf(frame: Buffer): GrpcMessage {
  if (frame.length < PREFIX_BYTES || frame.length < PREFIX_BYTES + lengthOf(frame)) throw cutOff()
  const flag = frame[0]!
  if (flag > 1) throw new Rejection('malformed', `a message flag of ${flag}, which is none`)
  return { isCompressed: flag === 1, bytes: frame.subarray(PREFIX_BYTES) }
}

const cutOff = () => new Rejection('malformed', 'the message is cut off')

const lengthOf = (prefix: Uint8Array): number =>
  new DataView(prefix.buffer, prefix.byteOffset).getUint32(1)

/** `message` as it goes out, not compressed. */
export function frameOf(message: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(PREFIX_BYTES + message.length)
  frame.writeUInt32BE(message.length, 1)
  frame.set(message, PREFIX_BYTES)
  return frame
}
