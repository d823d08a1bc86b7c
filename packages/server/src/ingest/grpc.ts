// OTLP/gRPC by grpc-js. Messages pass as bytes: the journal keeps them as they came.

import { readFileSync } from 'node:fs'
import {
  logVerbosity,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  setLogVerbosity,
} from '@grpc/grpc-js'
import { encodeResponse, encodeStatus, type Signal } from '@stepwell/otlp'
import type { Intake } from './intake.ts'
import { MAX_REQUEST_BYTES } from './limits.ts'
import type { Receiver, ReceiverOptions } from './receiver.ts'
import { type Rejection, rejectionOf } from './rejection.ts'
import { tokenCheck } from './token.ts'

const SERVICES: readonly (readonly [Signal, string])[] = [
  ['traces', 'trace.v1.TraceService'],
  ['metrics', 'metrics.v1.MetricsService'],
  ['logs', 'logs.v1.LogsService'],
]

/** Listens. Rejects with an error whose message has the code of `listen`, e.g. EADDRINUSE. */
export async function serveOtlpGrpc(intake: Intake, options: ReceiverOptions): Promise<Receiver> {
  // Its log repeats, without context, what its errors say.
  setLogVerbosity(logVerbosity.NONE)
  const checkToken = tokenCheck(options.token)
  const server = new Server({ 'grpc.max_receive_message_length': MAX_REQUEST_BYTES })

  async function receive(signal: Signal, call: ServerUnaryCall<Buffer, Buffer>): Promise<Buffer> {
    const [authorization] = call.metadata.get('authorization')
    checkToken(authorization?.toString())
    const held = intake.admit(call.request.length)
    try {
      const partial = await intake.accept('grpc', signal, 'protobuf', call.request)
      return Buffer.from(encodeResponse(signal, 'protobuf', partial))
    } finally {
      held.release()
    }
  }

  for (const [signal, service] of SERVICES) {
    server.addService(exportService(service), {
      Export(call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) {
        receive(signal, call).then(
          (success) => answer(null, success),
          (error) => {
            const rejection = rejectionOf(error, options.warn)
            intake.counts.rejected('grpc', rejection.reason)
            answer(refusal(rejection))
          },
        )
      },
    })
  }

  const port = await new Promise<number>((resolve, reject) => {
    const { host } = options
    const address = `${host.includes(':') ? `[${host}]` : host}:${options.port}`
    server.bindAsync(address, credentials(options), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  return { port, stop: (withinMilliseconds) => stop(server, withinMilliseconds) }
}

const asIs = (bytes: Buffer): Buffer => bytes

function exportService(service: string): ServiceDefinition {
  return {
    Export: {
      path: `/opentelemetry.proto.collector.${service}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  }
}

function credentials({ tls }: ReceiverOptions): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure()
  const pair = { cert_chain: readFileSync(tls.certFile), private_key: readFileSync(tls.keyFile) }
  return ServerCredentials.createSsl(null, [pair])
}

/** RetryInfo says that the client may come again: without it RESOURCE_EXHAUSTED is for good (OTLP/gRPC Throttling). */
function refusal({ answer, message }: Rejection) {
  const { grpc: code, retryAfterSeconds } = answer
  const metadata = new Metadata()
  if (retryAfterSeconds !== undefined) {
    const status = { code, message, retryDelayMs: retryAfterSeconds * 1000 }
    metadata.set('grpc-status-details-bin', Buffer.from(encodeStatus('protobuf', status)))
  }
  return { code, details: message, metadata }
}

async function stop(server: Server, withinMilliseconds: number): Promise<void> {
  const drained = new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
  await Promise.race([drained, Bun.sleep(withinMilliseconds)])
  server.forceShutdown()
}
