// The way of a request between the transports and the journal: admitted, checked, made durable.

import type { Nanoseconds } from '@stepwell/model'
import {
  checkProtobuf,
  decodeJson,
  OtlpDecodeError,
  OtlpTooLargeError,
  type PartialSuccess,
  type Signal,
} from '@stepwell/otlp'
import type { Labels } from '@stepwell/promql'
import { DERIVED_NAMES } from '../derive/derived-names.ts'
import { type Journal, JournalWriteError } from '../journal/journal.ts'
import type { Encoding, OtlpEncoding, RemoteWriteEncoding } from '../journal/types.ts'
import { decodeRemoteWrite } from '../remote-write/decode.ts'
import { RemoteWriteError, RemoteWriteTooLargeError } from '../remote-write/error.ts'
import type { Horizon } from '../retention/horizon.ts'
import { type Counted, countProtobufRecords, countRecords } from './count-records.ts'
import type { IngestCounts, Transport } from './counters.ts'
import { type Unexpired, withoutExpiredJson, withoutExpiredProtobuf } from './expired.ts'
import { type Held, Holding } from './holding.ts'
import { MAX_BACKLOG_BYTES, MAX_DECODED_BYTES } from './limits.ts'
import { Rejection } from './rejection.ts'

export interface IntakeOptions {
  readonly journal: Journal
  readonly counts: IngestCounts
  /** Bytes that were accepted and are not yet in the index. */
  readonly backlogBytes: () => number
  readonly horizon: Pick<Horizon, 'before'>
}

export class Intake {
  readonly #journal: Journal
  readonly #backlogBytes: () => number
  readonly #horizon: Pick<Horizon, 'before'>
  readonly counts: IngestCounts
  readonly #holding = new Holding()
  #closing = false

  constructor({ journal, counts, backlogBytes, horizon }: IntakeOptions) {
    this.#journal = journal
    this.#backlogBytes = backlogBytes
    this.#horizon = horizon
    this.counts = counts
  }

  /** Lets in a request that holds so many bytes. Throws Rejection where that is too much at present. */
  admit(bytes: number): Held {
    if (this.#closing) throw new Rejection('shutting_down', 'the engine is shutting down')
    if (this.#backlogBytes() > MAX_BACKLOG_BYTES) {
      throw new Rejection('overloaded', 'the index is behind: too much waits to be indexed')
    }
    return this.#holding.admit(bytes)
  }

  /**
   * Resolves when the request is durable, with what of it is refused for good; undefined where nothing is.
   * `body`: decompressed; it is handed on, don't touch it afterwards.
   * Throws Rejection: `malformed`, or what the journal says.
   */
  async accept(
    transport: Transport,
    signal: Signal,
    encoding: OtlpEncoding,
    body: Uint8Array,
  ): Promise<PartialSuccess | undefined> {
    const { before } = this.#horizon
    const { records, spansWithoutId, unexpired } = checked(signal, encoding, body, before)
    const misnamed = records === 0 && encoding === 'json' ? misnamedKey(body) : undefined
    const bytes = body.length
    if (unexpired?.spans !== 0) {
      await this.#append(signal, encoding, unexpired?.body ?? body)
    }
    const expired = unexpired?.expired ?? 0
    const rejected = spansWithoutId + expired
    this.counts.accepted(transport, signal, encoding, bytes, records - rejected)
    if (misnamed !== undefined) {
      const errorMessage = `nothing was found: ${misnamed} is no name of OTLP/JSON, whose names are lowerCamelCase`
      return { rejected: 0n, errorMessage }
    }
    if (rejected === 0) return undefined
    const reasons = [
      spansWithoutId > 0 && `${spansWithoutId} of ${records} spans have no trace id or no span id`,
      expired > 0 &&
        `${expired} of ${records} spans are of steps, stages, workflows or gates that ended before ${date(before)}: they are older than the retention`,
    ]
    return { rejected: BigInt(rejected), errorMessage: reasons.filter(Boolean).join('; ') }
  }

  /**
   * The same of a remote-write request, of which nothing is taken where anything of it is wrong; resolves with what
   * has been.
   */
  async write(
    transport: Transport,
    encoding: RemoteWriteEncoding,
    body: Uint8Array,
  ): Promise<Written> {
    const written = checkedWrite(encoding, body)
    const bytes = body.length
    const { samples, histograms, exemplars } = written
    const isWhole = written.derived.length + written.refused.length === 0
    if (samples + histograms + exemplars > 0 || isWhole) {
      await this.#append('metrics', encoding, body)
    }
    this.counts.accepted(transport, 'metrics', encoding, bytes, samples + histograms)
    return written
  }

  /** From now on everything is refused; what was admitted goes on. */
  close(): void {
    this.#closing = true
  }

  async #append(signal: Signal, encoding: Encoding, body: Uint8Array): Promise<void> {
    try {
      await this.#journal.append(signal, encoding, body)
    } catch (error) {
      throw notWritten(error)
    }
  }
}

/** What was taken of a remote-write request. */
export interface Written {
  readonly samples: number
  readonly histograms: number
  readonly exemplars: number
  /** Names of series that were not: they are derived from spans, and would be counted twice. */
  readonly derived: readonly string[]
  /** What is wrong with series that were not either, a sentence each. */
  readonly refused: readonly string[]
}

interface Checked extends Counted {
  /** What is left of it, where something is too old. */
  readonly unexpired: Unexpired | undefined
}

/** What is in a well-formed request. */
function checked(
  signal: Signal,
  encoding: OtlpEncoding,
  body: Uint8Array,
  before: Nanoseconds,
): Checked {
  try {
    if (encoding === 'json') {
      const request = decodeJson(signal, body, MAX_DECODED_BYTES)
      const unexpired = 'resourceSpans' in request ? withoutExpiredJson(request, before) : undefined
      return { ...countRecords(request), unexpired }
    }
    checkProtobuf(signal, body, MAX_DECODED_BYTES)
    const unexpired = signal === 'traces' ? withoutExpiredProtobuf(body, before) : undefined
    return { ...countProtobufRecords(signal, body), unexpired }
  } catch (error) {
    if (error instanceof OtlpTooLargeError) {
      throw new Rejection('too_large', `the request is of too many parts: ${error.message}`)
    }
    if (!(error instanceof OtlpDecodeError)) throw error
    throw new Rejection(
      'malformed',
      `not an OTLP ${signal} request in ${encoding}: ${error.message}`,
    )
  }
}

function checkedWrite(encoding: RemoteWriteEncoding, body: Uint8Array): Written {
  try {
    const decoded = decodeRemoteWrite(encoding, body, MAX_DECODED_BYTES)
    const { samples, histograms, exemplars, refused } = decoded
    const derived = new Set<string>()
    const count = (all: readonly { readonly labels: Labels }[]) =>
      all.reduce((taken, { labels: { __name__ = '' } }) => {
        if (!DERIVED_NAMES.has(__name__)) return taken + 1
        derived.add(__name__)
        return taken
      }, 0)
    return {
      samples: count(samples),
      histograms: count(histograms),
      exemplars: count(exemplars.map(({ series }) => ({ labels: series }))),
      derived: [...derived].sort(),
      refused,
    }
  } catch (error) {
    if (error instanceof RemoteWriteTooLargeError) {
      throw new Rejection('too_large', `the request is of too many parts: ${error.message}`)
    }
    if (!(error instanceof RemoteWriteError)) throw error
    const name = encoding === 'remote-write-1' ? '1' : '2'
    throw new Rejection('malformed', `not a request of remote write ${name}: ${error.message}`)
  }
}

/** The proto's own name of what a request is made of: unknown in OTLP/JSON, so ignored, and yet a mistake. */
function misnamedKey(json: Uint8Array): string | undefined {
  return /"resource_(?:spans|metrics|logs)"/.exec(
    Buffer.from(json.subarray(0, 1024)).toString('latin1'),
  )?.[0]
}

const date = (time: Nanoseconds): string => new Date(Number(time / 1_000_000n)).toISOString()

function notWritten(error: unknown): unknown {
  if (!(error instanceof JournalWriteError)) return error
  const reasons = {
    full: 'disk_full',
    failed: 'not_durable',
    closed: 'shutting_down',
  } as const
  return new Rejection(reasons[error.reason], error.message)
}
