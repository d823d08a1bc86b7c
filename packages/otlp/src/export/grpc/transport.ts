// OTLP over gRPC: unary calls over one HTTP/2 connection. Loaded where a destination asks for gRPC, for it alone.
// gRPC's own words: "gRPC over HTTP2" (PROTOCOL-HTTP2.md) in the gRPC repository.

import { MAX_ANSWER_BYTES } from '../http-answer.ts'
import { joined } from '../joined.ts'
import type { TlsFiles } from '../settings.ts'
import { type Answer, type Post, type Transport, TransportFailure } from '../transport.ts'
import { Http2Connection } from './connection.ts'
import type { Fields } from './hpack.ts'
import { type Address, addressOf, openWire, type Wire } from './wire.ts'

/** A message's mark and length. */
const PREFIX_BYTES = 5

/** Speaks to one origin; works under Bun and Node. */
export class GrpcTransport implements Transport {
  readonly #address: Address
  readonly #tls: TlsFiles | undefined
  #open: { readonly connection: Http2Connection; readonly wire: Wire } | undefined

  constructor(origin: string, tls: TlsFiles | undefined) {
    this.#address = addressOf(origin)
    this.#tls = tls
  }

  /** Opens the connection, ahead of the requests. */
  connect(): void {
    this.#connection().wire.hold(false)
  }

  async post({ url, headers, body }: Post, signal: AbortSignal): Promise<Answer> {
    const { pathname } = new URL(url)
    const { connection, wire } = this.#connection()
    const fields: [string, string][] = [
      [':method', 'POST'],
      [':scheme', this.#address.secure ? 'https' : 'http'],
      [':path', pathname],
      [':authority', this.#address.host],
      ...Object.entries(headers),
    ]
    const compressed = headers['grpc-encoding'] !== undefined
    wire.hold(true)
    try {
      const answer = await connection.request(fields, messageOf(body, compressed), signal)
      return await answerOf(this.#address.host, answer.fields, answer.body)
    } finally {
      if (!connection.busy) wire.hold(false)
    }
  }

  close(): void {
    this.#open?.wire.close()
  }

  #connection() {
    if (this.#open && !this.#open.connection.closed) return this.#open
    let connection: Http2Connection | undefined
    const wire = openWire(this.#address, this.#tls, {
      data: (bytes) => connection?.receive(bytes),
      ended: (failure) => connection?.fail(failure),
    })
    connection = new Http2Connection(
      this.#address.host,
      (bytes) => wire.write(bytes),
      () => wire.close(),
    )
    this.#open = { connection, wire }
    return this.#open
  }
}

function messageOf(body: Uint8Array, compressed: boolean): Uint8Array {
  const prefix = new Uint8Array(PREFIX_BYTES)
  prefix[0] = compressed ? 1 : 0
  new DataView(prefix.buffer).setUint32(1, body.length)
  return joined([prefix, body])
}

async function answerOf(host: string, fields: Fields, body: Uint8Array): Promise<Answer> {
  const status = Number(fields[':status'])
  const own = fields['grpc-status']
  return {
    status,
    contentType: (fields['content-type'] ?? '').toLowerCase(),
    retryAfter: fields['retry-after'],
    body: own === '0' ? await messageIn(host, body, fields['grpc-encoding']) : new Uint8Array(0),
    grpc: {
      status: own !== undefined && /^\d{1,3}$/.test(own) ? Number(own) : undefined,
      message: percentDecoded(fields['grpc-message'] ?? ''),
      details: fields['grpc-status-details-bin'],
    },
  }
}

/** The one message of an answer; it may be absent where there is nothing to say. */
async function messageIn(
  host: string,
  body: Uint8Array,
  encoding: string | undefined,
): Promise<Uint8Array> {
  if (body.length === 0) return body
  const length =
    body.length < PREFIX_BYTES ? -1 : new DataView(body.buffer, body.byteOffset).getUint32(1)
  if (length !== body.length - PREFIX_BYTES)
    throw new TransportFailure('broken', `${host}: an answer that is cut`)
  const message = body.subarray(PREFIX_BYTES)
  if (body[0] === 0) return message
  if (encoding !== 'gzip')
    throw new TransportFailure('unreachable', `${host}: an answer in ${encoding}, not asked for`)
  return gunzipped(host, message)
}

async function gunzipped(host: string, message: Uint8Array): Promise<Uint8Array> {
  const whole = new Blob([message as Uint8Array<ArrayBuffer>]).stream()
  const parts: Uint8Array[] = []
  let length = 0
  try {
    for await (const part of whole.pipeThrough(new DecompressionStream('gzip'))) {
      length += part.length
      if (length > MAX_ANSWER_BYTES) throw new Error('longer than 1 MiB')
      parts.push(part)
    }
  } catch (error) {
    throw new TransportFailure(
      'unreachable',
      `${host}: no gRPC answer: ${(error as Error).message}`,
    )
  }
  return joined(parts)
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
