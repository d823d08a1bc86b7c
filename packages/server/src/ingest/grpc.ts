// OTLP/gRPC: three unary methods over HTTP/2 (grpc/doc/PROTOCOL-HTTP2.md). By node:http2 alone: a general gRPC
// server takes twice the time for each request, and holds as much as is sent before anyone can count it.

import { readFileSync } from 'node:fs'
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { encodeResponse, encodeStatus, type PartialSuccess, type Signal } from '@stepwell/otlp'
import { CONTENT_ENCODINGS, decompress } from './decompress.ts'
import { frameOf, readMessage } from './grpc-message.ts'
import type { Intake } from './intake.ts'
import { inTime, type Receiver, type ReceiverOptions } from './receiver.ts'
import { Rejection, rejectionOf } from './rejection.ts'
import { tokenCheck } from './token.ts'

const METHODS: Readonly<Record<string, Signal>> = {
  '/opentelemetry.proto.collector.trace.v1.TraceService/Export': 'traces',
  '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export': 'metrics',
  '/opentelemetry.proto.collector.logs.v1.LogsService/Export': 'logs',
}

/** Of one connection at one time; who sends more waits. */
const MAX_STREAMS = 100
/** A connection without a request for so long is closed; clients open another when they need one. */
const IDLE_MILLISECONDS = 15 * 60_000

const RESPONSE_HEADERS = {
  ':status': 200,
  'content-type': 'application/grpc+proto',
  'grpc-accept-encoding': CONTENT_ENCODINGS.join(','),
}

/** Listens. Rejects with the error of `listen`, e.g. with the code EADDRINUSE. */
export async function serveOtlpGrpc(intake: Intake, options: ReceiverOptions): Promise<Receiver> {
  const checkToken = tokenCheck(options.token)

  async function receive(
    signal: Signal,
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
  ): Promise<PartialSuccess | undefined> {
    checkToken(headers.authorization)
    const held = intake.admit(0)
    try {
      const { isCompressed, bytes } = await inTime(readMessage(stream, held), options)
      const encoding = isCompressed ? String(headers['grpc-encoding'] ?? 'identity') : 'identity'
      const body = await decompress(bytes, encoding, held)
      return await intake.accept('grpc', signal, 'protobuf', body)
    } finally {
      held.release()
    }
  }

  async function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    try {
      const signal = METHODS[headers[':path'] ?? '']
      if (signal === undefined) {
        throw new Rejection('path', `${headers[':path']} is none of OTLP's Export methods`)
      }
      const partial = await receive(signal, stream, headers)
      succeed(stream, frameOf(encodeResponse(signal, 'protobuf', partial)))
    } catch (error) {
      const rejection = rejectionOf(error, options.warn)
      intake.counts.rejected('grpc', rejection.reason)
      refuse(stream, rejection)
    }
  }

  const server = createHttp2Server(options)
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
    session.setTimeout(IDLE_MILLISECONDS, () => session.close())
  })
  // A client that breaks off, or speaks no HTTP/2, costs its own connection.
  server.on('sessionError', () => {})
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => {})
    if (isGrpc(headers)) answer(stream, headers)
    else end(stream, { ':status': 415 })
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    async stop(withinMilliseconds) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const session of sessions) session.close()
      await Promise.race([closed, Bun.sleep(withinMilliseconds)])
      for (const session of sessions) session.destroy()
    },
  }
}

function createHttp2Server({ tls }: ReceiverOptions): Http2Server {
  const settings = { maxConcurrentStreams: MAX_STREAMS }
  if (tls === undefined) return createServer({ settings })
  const [cert, key] = [readFileSync(tls.certFile), readFileSync(tls.keyFile)]
  return createSecureServer({ settings, cert, key })
}

const isGrpc = (headers: IncomingHttpHeaders): boolean =>
  headers[':method'] === 'POST' &&
  /^application\/grpc(\+proto)?\s*(;|$)/.test(headers['content-type'] ?? '')

function succeed(stream: ServerHttp2Stream, frame: Uint8Array): void {
  // On a stream that is gone all of this throws, and nobody waits for the answer.
  if (stream.destroyed) return
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.respond(RESPONSE_HEADERS, { waitForTrailers: true })
  stream.end(frame)
}

/** RetryInfo says that the client may come again: without it RESOURCE_EXHAUSTED is for good (OTLP/gRPC Throttling). */
function refuse(stream: ServerHttp2Stream, { answer, message }: Rejection): void {
  const { grpc: code, retryAfterSeconds } = answer
  const headers: OutgoingHttpHeaders = {
    ...RESPONSE_HEADERS,
    'grpc-status': String(code),
    'grpc-message': percentEncoded(message),
  }
  if (retryAfterSeconds !== undefined) {
    const status = { code, message, retryDelayMs: retryAfterSeconds * 1000 }
    headers['grpc-status-details-bin'] = Buffer.from(encodeStatus('protobuf', status)).toString(
      'base64',
    )
  }
  end(stream, headers)
}

/** Ends the stream with headers alone, and takes no more of what the client may still be sending. */
function end(stream: ServerHttp2Stream, headers: OutgoingHttpHeaders): void {
  if (stream.destroyed) return
  stream.respond(headers, { endStream: true })
  stream.close()
}

/** All but printable ASCII, and the percent sign. */
const percentEncoded = (message: string): string =>
  message.replace(/[^ -$&-~]/gu, (character) => encodeURIComponent(character))
