// Many clients at once: all three signals, over HTTP in both encodings and over gRPC, one thing in each request that
// can be told from all others; and what became of each.

import { randomBytes } from 'node:crypto'
import { type Client, credentials, Metadata, makeGenericClientConstructor } from '@grpc/grpc-js'
import { ATTRIBUTE } from '@stepwell/model'
import { encodeJson, encodeProtobuf, keyValues, type Signal } from '@stepwell/otlp'
import type { EngineDescription } from '@stepwell/server'

export const SERVICE = 'kill-test'
const SIGNALS = ['traces', 'metrics', 'logs'] as const
const TRANSPORTS = ['http/protobuf', 'http/json', 'grpc'] as const
/** Of attribute values that no compression makes smaller, now and then: segments fill. */
const LARGE_BYTES = 12_000

/** Which signal a request of that number has. */
export const signalOf = (id: number): Signal => SIGNALS[id % SIGNALS.length]!

const resource = { attributes: keyValues({ 'service.name': SERVICE }) }
const digitsOf = (id: number) => id.toString(16).padStart(16, '0')
/** Of the step with that number. */
export const stepTraceId = (id: number): string => digitsOf(id).repeat(2)

/** A step, a delta of one, or a line: by its signal. A reader finds the number again by `idsOf` (journalled.ts). */
function requestOf(id: number) {
  const now = BigInt(Date.now()) * 1_000_000n
  const large = id % 20 === 0 ? { large: randomBytes(LARGE_BYTES).toString('base64') } : {}
  switch (signalOf(id)) {
    case 'traces': {
      const span = {
        traceId: stepTraceId(id),
        spanId: digitsOf(id),
        name: `step ${id}`,
        startTimeUnixNano: now - 1_000_000n,
        endTimeUnixNano: now,
        attributes: keyValues({
          [ATTRIBUTE.kind]: 'step',
          [ATTRIBUTE.outcome]: 'success',
          ...large,
        }),
      }
      return { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }
    }
    case 'metrics': {
      const point = { timeUnixNano: now, asInt: 1n }
      const sum = { aggregationTemporality: 1, isMonotonic: true, dataPoints: [point] }
      const metrics = [{ name: 'kill_requests', sum }]
      return { resourceMetrics: [{ resource, schemaUrl: `${id}`, scopeMetrics: [{ metrics }] }] }
    }
    case 'logs': {
      const line = { timeUnixNano: now, body: { stringValue: `${id}` } }
      const record = { ...line, attributes: keyValues(large) }
      return { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] }
    }
  }
}

const SERVICES: Readonly<Record<Signal, string>> = {
  traces: 'trace.v1.TraceService',
  metrics: 'metrics.v1.MetricsService',
  logs: 'logs.v1.LogsService',
}
const UNARY = makeGenericClientConstructor({}, 'Export')
const asIs = (bytes: Buffer) => bytes

export interface Refusal {
  /** `503`, or gRPC's `8`. */
  readonly status: number
  readonly message: string
  /** `Retry-After`, which HTTP alone has. */
  readonly retryAfter: string | null
}

export class Senders {
  readonly sent = new Set<number>()
  readonly acknowledged = new Set<number>()
  readonly refusals: Refusal[] = []
  #next: number

  /** `first`: the number of the first request. */
  constructor(first = 1) {
    this.#next = first
  }

  /** Sends from as many clients as that until `stop` is aborted or the engine is gone. */
  async send(urls: EngineDescription['urls'], clients: number, stop: AbortSignal): Promise<void> {
    const one = async (transport: (typeof TRANSPORTS)[number]) => {
      const channel = channelTo(urls)
      while (!stop.aborted && (await this.#sendOne(urls, channel, transport))) {}
      channel.close()
    }
    await Promise.all(
      Array.from({ length: clients }, (_, n) => one(TRANSPORTS[n % TRANSPORTS.length]!)),
    )
  }

  /** One request that must be taken; its number. */
  async sendNext(urls: EngineDescription['urls'], turn: number): Promise<number> {
    const channel = channelTo(urls)
    const id = this.#next
    const isThere = await this.#sendOne(urls, channel, TRANSPORTS[turn % TRANSPORTS.length]!)
    channel.close()
    if (!isThere || !this.acknowledged.has(id)) throw new Error(`request ${id} was not taken`)
    return id
  }

  /** Whether the engine is still there. */
  async #sendOne(
    urls: EngineDescription['urls'],
    channel: Client,
    transport: (typeof TRANSPORTS)[number],
  ): Promise<boolean> {
    const id = this.#next++
    this.sent.add(id)
    const refusal = await (transport === 'grpc'
      ? exportByGrpc(channel, id)
      : exportByHttp(urls.otlpHttp!, id, transport)
    ).catch(() => 'gone' as const)
    if (refusal === undefined) this.acknowledged.add(id)
    else if (refusal !== 'gone') this.refusals.push(refusal)
    return refusal !== 'gone'
  }
}

/** A connection of its own. */
const channelTo = ({ otlpGrpc }: EngineDescription['urls']): Client =>
  new UNARY(new URL(otlpGrpc!).host, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  })

async function exportByHttp(
  otlpHttp: string,
  id: number,
  transport: 'http/protobuf' | 'http/json',
): Promise<Refusal | undefined> {
  const signal = signalOf(id)
  const isJson = transport === 'http/json'
  const answer = await fetch(`${otlpHttp}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': isJson ? 'application/json' : 'application/x-protobuf' },
    body: isJson
      ? encodeJson(signal, requestOf(id))
      : Buffer.from(encodeProtobuf(signal, requestOf(id))),
  })
  const message = await answer.text()
  return answer.ok
    ? undefined
    : { status: answer.status, message, retryAfter: answer.headers.get('retry-after') }
}

/** gRPC's UNAVAILABLE with no word of the engine is a connection that broke. */
const UNAVAILABLE = 14

function exportByGrpc(channel: Client, id: number): Promise<Refusal | undefined> {
  const signal = signalOf(id)
  const { promise, resolve, reject } = Promise.withResolvers<Refusal | undefined>()
  channel.makeUnaryRequest(
    `/opentelemetry.proto.collector.${SERVICES[signal]}/Export`,
    asIs,
    asIs,
    Buffer.from(encodeProtobuf(signal, requestOf(id))),
    new Metadata(),
    (error) => {
      if (!error) resolve(undefined)
      else if (error.code === UNAVAILABLE && !/journal|engine/.test(error.details)) reject(error)
      else resolve({ status: error.code, message: error.details, retryAfter: null })
    },
  )
  return promise
}
