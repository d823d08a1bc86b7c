// An OTLP receiver over gRPC, by the implementation that gRPC itself maintains for JavaScript.

import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js'
import {
  attributeText,
  encodeResponse,
  encodeStatus,
  type LogRecord,
  type Span,
} from '@stepwell/otlp'
import { decodeProtobuf } from '@stepwell/otlp/decode'
import type { Signal } from '@stepwell/otlp/types'
import { baseEnvironment, type Variables } from './wrapper.ts'

const SERVICES: readonly (readonly [Signal, string])[] = [
  ['traces', 'trace.v1.TraceService'],
  ['metrics', 'metrics.v1.MetricsService'],
  ['logs', 'logs.v1.LogsService'],
]
const asIs = (bytes: Buffer) => bytes

/** What a request is answered with. */
export type Verdict =
  | { readonly rejected?: bigint; readonly message?: string }
  | { readonly code: number; readonly message?: string; readonly retryMilliseconds?: number }
  | 'never'

export class GrpcReceiver implements AsyncDisposable {
  readonly spans: Span[] = []
  readonly logs: LogRecord[] = []
  readonly metadata: Metadata[] = []
  /** By default everything is taken. */
  answer: (signal: Signal) => Verdict = () => ({})
  port = 0
  readonly #server = new Server({ 'grpc.max_receive_message_length': 64 << 20 })

  static async start(credentials = ServerCredentials.createInsecure()): Promise<GrpcReceiver> {
    const receiver = new GrpcReceiver()
    receiver.port = await new Promise<number>((resolve, reject) =>
      receiver.#server.bindAsync('127.0.0.1:0', credentials, (error, port) =>
        error ? reject(error) : resolve(port),
      ),
    )
    return receiver
  }

  private constructor() {
    for (const [signal, service] of SERVICES)
      this.#server.addService(
        {
          Export: {
            path: `/opentelemetry.proto.collector.${service}/Export`,
            requestStream: false,
            responseStream: false,
            requestSerialize: asIs,
            requestDeserialize: asIs,
            responseSerialize: asIs,
            responseDeserialize: asIs,
          },
        },
        {
          Export: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) =>
            this.#receive(signal, call, done),
        },
      )
  }

  environment(folder: string, scheme = 'http', host = '127.0.0.1'): Variables {
    return {
      ...baseEnvironment(folder),
      OTEL_EXPORTER_OTLP_ENDPOINT: `${scheme}://${host}:${this.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    }
  }

  /** Lines of output, by stream. */
  lines(stream: 'stdout' | 'stderr'): string[] {
    return this.logs
      .filter(({ attributes }) => attributeText(attributes, 'log.iostream') === stream)
      .map(({ body }) => (body && 'stringValue' in body ? body.stringValue : ''))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown()
  }

  #receive(signal: Signal, call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
    this.metadata.push(call.metadata)
    const verdict = this.answer(signal)
    if (verdict === 'never') return
    if ('code' in verdict) {
      const { code, message = '', retryMilliseconds: retryDelayMs } = verdict
      const metadata = new Metadata()
      if (retryDelayMs !== undefined) {
        const status = encodeStatus('protobuf', { code, message, retryDelayMs })
        metadata.set('grpc-status-details-bin', Buffer.from(status))
      }
      return done({ code, details: message, metadata })
    }
    if (signal === 'traces')
      for (const { scopeSpans } of decodeProtobuf('traces', call.request).resourceSpans)
        for (const { spans } of scopeSpans) this.spans.push(...spans)
    if (signal === 'logs')
      for (const { scopeLogs } of decodeProtobuf('logs', call.request).resourceLogs)
        for (const { logRecords } of scopeLogs) this.logs.push(...logRecords)
    const { rejected = 0n, message: errorMessage = '' } = verdict
    const partial = rejected || errorMessage ? { rejected, errorMessage } : undefined
    done(null, Buffer.from(encodeResponse(signal, 'protobuf', partial)))
  }
}
