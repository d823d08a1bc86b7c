// Both transports over a journal of their own: for tests.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ClientOptions,
  credentials,
  Metadata as GrpcMetadata,
  type Metadata,
  makeGenericClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js'
import type { Nanoseconds } from '@stepwell/model'
import type { Signal } from '@stepwell/otlp'
import { Journal } from '../journal/journal.ts'
import { JournalReader } from '../journal/reader.ts'
import { IngestCounts } from './counters.ts'
import { serveOtlpGrpc } from './grpc.ts'
import { serveOtlpHttp } from './http.ts'
import { Intake } from './intake.ts'
import type { Receiver, ReceiverOptions } from './receiver.ts'

/** One span named `x` with trace id 01…01 and span id 02…02, by hand: resource_spans → scope_spans → spans. */
export const SPAN = Buffer.concat([
  Buffer.from([0x0a, 16, ...Array(16).fill(1)]),
  Buffer.from([0x12, 8, ...Array(8).fill(2)]),
  Buffer.from([0x2a, 1, 0x78]),
])
export const nested = (number: number, content: Buffer) =>
  Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content])
export const TRACES = nested(1, nested(2, nested(2, SPAN)))
export const PROTOBUF = { 'content-type': 'application/x-protobuf' }
export const JSON_TYPE = { 'content-type': 'application/json' }

export const EXPORT_TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'

export interface GrpcAnswer {
  readonly error: ServiceError | null
  readonly body: Buffer | undefined
}

export class TestIngest {
  readonly folder = mkdtempSync(join(tmpdir(), 'stepwell-ingest-'))
  readonly journal = new Journal(this.folder, { warn: () => {} })
  readonly counts = new IngestCounts()
  readonly warnings: string[] = []
  backlogBytes = 0
  /** Spans of ours that ended before are rejected. */
  readonly horizon = { before: 0n as Nanoseconds }
  readonly intake = new Intake({
    journal: this.journal,
    counts: this.counts,
    backlogBytes: () => this.backlogBytes,
    horizon: this.horizon,
  })
  readonly #receivers: Receiver[] = []

  /** The port of the receiver that was started last. */
  get port(): number {
    return this.#receivers.at(-1)!.port
  }

  serveHttp(options: Partial<ReceiverOptions> = {}): Receiver {
    const receiver = serveOtlpHttp(this.intake, this.#options(options))
    this.#receivers.push(receiver)
    return receiver
  }

  async serveGrpc(options: Partial<ReceiverOptions> = {}): Promise<Receiver> {
    const receiver = await serveOtlpGrpc(this.intake, this.#options(options))
    this.#receivers.push(receiver)
    return receiver
  }

  /** A client of a new receiver. */
  http(options: Partial<ReceiverOptions> = {}) {
    const { port } = this.serveHttp(options)
    return (
      path: string,
      body: BodyInit | Uint8Array | undefined,
      headers: Record<string, string>,
      method = 'POST',
    ) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers,
        ...(body !== undefined && { body: body as BodyInit }),
      })
  }

  /** A client of a new receiver. */
  async grpc(
    options: Partial<ReceiverOptions> = {},
    clientOptions: ClientOptions = {},
    security = credentials.createInsecure(),
  ) {
    const { port } = await this.serveGrpc(options)
    const asIs = (bytes: Buffer) => bytes
    return (signal: 'trace' | 'metrics' | 'logs', body: Buffer, metadata?: Metadata) => {
      const service = `${signal[0]!.toUpperCase()}${signal.slice(1)}Service`
      const Client = makeGenericClientConstructor({}, service)
      const client = new Client(`127.0.0.1:${port}`, security, clientOptions)
      return new Promise<GrpcAnswer>((resolve) => {
        client.makeUnaryRequest(
          `/opentelemetry.proto.collector.${signal}.v1.${service}/Export`,
          asIs,
          asIs,
          body,
          metadata ?? new GrpcMetadata(),
          (error, answer) => {
            client.close()
            resolve({ error, body: answer })
          },
        )
      })
    }
  }

  /** What the journal holds. */
  kept(): { signal: Signal; encoding: string; body: Buffer }[] {
    const reader = new JournalReader(this.folder, { warn: () => {} })
    return [...reader.replay(undefined)]
      .flat()
      .map(({ signal, encoding, body }) => ({ signal, encoding, body: Buffer.from(body) }))
  }

  /** How often requests were refused, by transport and reason; what was not is left out. */
  refused(): Record<string, number> {
    const refused: Record<string, number> = {}
    for (const [series, value] of Object.entries(this.counts.snapshot(this.journal.counters))) {
      const labels = /^stepwell_rejected_requests_total\{transport="(\w+)",reason="(\w+)"\}$/.exec(
        series,
      )
      if (labels && value > 0) refused[`${labels[1]} ${labels[2]}`] = value
    }
    return refused
  }

  async stop(): Promise<void> {
    await Promise.all(this.#receivers.map((receiver) => receiver.stop(0)))
    await this.journal.close()
    rmSync(this.folder, { recursive: true })
  }

  #options(options: Partial<ReceiverOptions>): ReceiverOptions {
    return {
      host: '127.0.0.1',
      port: 0,
      token: undefined,
      tls: undefined,
      allowOrigins: [],
      warn: (message) => this.warnings.push(message),
      ...options,
    }
  }
}
