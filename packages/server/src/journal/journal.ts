// The record of every byte that was acknowledged: append-only, one fdatasync for all requests that wait. While a
// commit is under way, what arrives gathers for the next one, so the disk sets the pace and no timer does.

import { closeSync, fdatasync, fstatSync, ftruncateSync, mkdirSync, writev } from 'node:fs'
import type { Nanoseconds } from '@stepwell/model'
import type { Signal } from '@stepwell/otlp'
import {
  BLOCK_HEADER_BYTES,
  encodeBlock,
  type NewRecord,
  recordBytes,
  SEGMENT_HEADER_BYTES,
} from './format.ts'
import { recoverJournal } from './recover.ts'
import { createSegment, segmentPath } from './segments.ts'
import type { Encoding, JournalPosition, JournalRecord } from './types.ts'

/** A segment is closed by the commit that reaches this. */
const SEGMENT_BYTES = 64 << 20
/** A block is what a reader decompresses to get at one record; larger ones compress no better. */
const BLOCK_BYTES = 256 << 10
const COMMIT_BYTES = 64 << 20

/** Why a record was not taken; nothing of it is in the journal. */
export class JournalWriteError extends Error {
  /** `full`: no room on the disk; trying again later makes sense in every case but `closed`. */
  readonly reason: 'full' | 'failed' | 'closed'

  constructor(reason: 'full' | 'failed' | 'closed', message: string, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
  }
}

export interface JournalOptions {
  /** Sentences about damage that was found and writes that failed. */
  readonly warn: (message: string) => void
  /** Unix time in milliseconds. */
  readonly now?: () => number
  readonly segmentBytes?: number
  /** A segment takes no more when its first record is older than this: retention deletes whole ones. */
  readonly segmentMilliseconds?: number
}

export interface JournalCounters {
  readonly blocks: number
  readonly fsyncs: number
  /** Bytes written, headers included. */
  readonly bytes: number
  /** Commits that failed. */
  readonly failures: number
}

interface Waiting {
  readonly signal: Signal
  readonly encoding: Encoding
  readonly body: Uint8Array
  readonly resolve: (record: JournalRecord) => void
  readonly reject: (error: JournalWriteError) => void
}

export class Journal {
  readonly #folder: string
  readonly #warn: (message: string) => void
  readonly #now: () => number
  readonly #segmentBytes: number
  readonly #segmentMilliseconds: number

  #segment: number
  #file: number | undefined
  #offset: number
  /** Of the first record of the segment; undefined where it has none. */
  #firstAcceptedAt: Nanoseconds | undefined
  #lastAcceptedAt: Nanoseconds
  #end: JournalPosition | undefined

  #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #closed = false
  #deleted: Error | undefined
  /** The last commit failed: said once, not with each that follows. */
  #failing = false
  readonly #counters = { blocks: 0, fsyncs: 0, bytes: 0, failures: 0 }

  /** Told of each commit when it is durable and before any of its appends resolve. Must not throw. */
  onCommit: (records: readonly JournalRecord[]) => void = () => {}

  /** Told, with a sentence, when somebody has deleted what is written to: from then on every append is refused. */
  onDeleted: (message: string) => void = () => {}

  /** Opens the journal in `folder`, which is made if absent; cuts a torn tail. Throws JournalOpenError or a file system error. */
  constructor(folder: string, options: JournalOptions) {
    this.#folder = folder
    this.#warn = options.warn
    this.#now = options.now ?? Date.now
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES
    this.#segmentMilliseconds = options.segmentMilliseconds ?? Number.POSITIVE_INFINITY
    mkdirSync(folder, { recursive: true })
    const recovered = recoverJournal(folder, options.warn)
    this.#segment = recovered.segment
    this.#file = recovered.file
    this.#offset = recovered.offset
    this.#firstAcceptedAt = recovered.firstAcceptedAt
    this.#lastAcceptedAt = recovered.lastAcceptedAt
    this.#end = recovered.end
  }

  /** Nothing committed lies behind this position; undefined in an empty journal. */
  get end(): JournalPosition | undefined {
    return this.#end
  }

  /** When the newest record was accepted; 0 where none was. */
  get lastAcceptedAt(): Nanoseconds {
    return this.#lastAcceptedAt
  }

  get counters(): JournalCounters {
    return this.#counters
  }

  /**
   * Resolves when the record is durable; rejects with JournalWriteError when it is not and will not be. `body` is
   * whosever `onCommit` makes it: it may have gone over to another thread by then.
   */
  append(signal: Signal, encoding: Encoding, body: Uint8Array): Promise<JournalRecord> {
    if (this.#closed) {
      return Promise.reject(new JournalWriteError('closed', 'the engine is shutting down'))
    }
    const appended = new Promise<JournalRecord>((resolve, reject) => {
      this.#waiting.push({ signal, encoding, body, resolve, reject })
    })
    this.#running ??= this.#commitAll()
    return appended
  }

  /** Begins a new segment where the newest is too old to take more, so that its age can be seen from the next one. */
  roll(): void {
    // A commit does it too.
    if (this.#running !== undefined || this.#closed || !this.#isOld()) return
    try {
      this.#openSegment()
    } catch (error) {
      this.#giveUp(error)
    }
  }

  /** Commits what waits, then closes. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
    this.#closeSegment()
  }

  async #commitAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#take()
      const records = await this.#commit(batch).catch((error) => this.#giveUp(error))
      if (records instanceof JournalWriteError) {
        for (const waiting of batch) waiting.reject(records)
      } else {
        this.onCommit(records)
        batch.forEach((waiting, index) => {
          waiting.resolve(records[index]!)
        })
      }
    }
    this.#running = undefined
  }

  /** All that waits, or as much as one commit should write; at least one. */
  #take(): Waiting[] {
    let bytes = 0
    let count = 0
    for (const { body } of this.#waiting) {
      bytes += recordBytes(body)
      if (count > 0 && bytes > COMMIT_BYTES) break
      count++
    }
    return this.#waiting.splice(0, count)
  }

  async #commit(batch: readonly Waiting[]): Promise<JournalRecord[]> {
    const file = this.#openSegment()
    const records: JournalRecord[] = []
    const buffers: Uint8Array[] = []
    let offset = this.#offset
    let blocks = 0
    for (const block of splitIntoBlocks(batch.map((waiting) => this.#accept(waiting)))) {
      const [header, stored] = encodeBlock(offset, block)
      block.forEach((record, index) => {
        records.push({
          ...record,
          position: { segment: this.#segment, block: offset, record: index },
        })
      })
      buffers.push(header, stored)
      offset += BLOCK_HEADER_BYTES + stored.length
      blocks++
    }
    await writeAll(file, buffers, this.#offset)
    await synchronise(file)
    if (fstatSync(file).nlink === 0) throw this.#noteDeleted()
    this.#counters.blocks += blocks
    this.#counters.fsyncs++
    this.#counters.bytes += offset - this.#offset
    this.#offset = offset
    this.#firstAcceptedAt ??= records[0]!.acceptedAt
    this.#end = records.at(-1)!.position
    if (offset >= this.#segmentBytes) this.#closeSegment()
    if (this.#failing) this.#warn(`journal: ${this.#folder} can be written again`)
    this.#failing = false
    return records
  }

  #accept({ signal, encoding, body }: Waiting): NewRecord {
    const now = BigInt(this.#now()) * 1_000_000n
    const acceptedAt = now > this.#lastAcceptedAt ? now : this.#lastAcceptedAt + 1n
    this.#lastAcceptedAt = acceptedAt as Nanoseconds
    return { acceptedAt: this.#lastAcceptedAt, signal, encoding, body }
  }

  #isOld(): boolean {
    const first = this.#firstAcceptedAt
    return (
      first !== undefined && this.#now() - Number(first / 1_000_000n) > this.#segmentMilliseconds
    )
  }

  #openSegment(): number {
    if (this.#deleted !== undefined) throw this.#deleted
    if (this.#isOld()) this.#closeSegment()
    if (this.#file === undefined) {
      this.#file = createSegment(this.#folder, this.#segment + 1, this.#lastAcceptedAt)
      this.#segment++
      this.#firstAcceptedAt = undefined
      this.#offset = SEGMENT_HEADER_BYTES
    }
    return this.#file
  }

  /** Not begun anew: another engine may have the folder that stands there now. */
  #noteDeleted(): Error {
    const path = segmentPath(this.#folder, this.#segment)
    this.#deleted = new Error(`${path} was deleted while the engine ran`)
    this.onDeleted(`journal: ${this.#deleted.message}; what it held is lost`)
    return this.#deleted
  }

  #closeSegment(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  /**
   * Takes back what a failed commit may have written. After a failed fsync the kernel may drop the pages and call
   * the next fsync a success, so the segment is not written to again in any case but a full disk.
   */
  #giveUp(cause: unknown): JournalWriteError {
    this.#counters.failures++
    const code = (cause as NodeJS.ErrnoException).code
    const full = code === 'ENOSPC' || code === 'EDQUOT'
    const message = full
      ? `the journal in ${this.#folder} cannot be written: no room on the disk`
      : `the journal in ${this.#folder} cannot be written: ${(cause as Error).message}`
    if (!this.#failing) this.#warn(`journal: ${message}; requests are refused until it can`)
    this.#failing = true
    if (this.#file !== undefined) {
      try {
        ftruncateSync(this.#file, this.#offset)
        if (!full) this.#closeSegment()
      } catch (error) {
        const path = segmentPath(this.#folder, this.#segment)
        this.#warn(
          `journal: ${path} cannot be cut back to ${this.#offset}: ${(error as Error).message}`,
        )
        this.#closeSegment()
      }
    }
    return new JournalWriteError(full ? 'full' : 'failed', message, cause)
  }
}

function* splitIntoBlocks(records: readonly NewRecord[]): Generator<readonly NewRecord[]> {
  let from = 0
  let bytes = 0
  for (const [index, record] of records.entries()) {
    const more = recordBytes(record.body)
    if (index > from && bytes + more > BLOCK_BYTES) {
      yield records.slice(from, index)
      from = index
      bytes = 0
    }
    bytes += more
  }
  yield records.slice(from)
}

/** One writev as a rule; the rest of it where the kernel took a part (a full disk says so on the second call). */
async function writeAll(file: number, buffers: readonly Uint8Array[], offset: number) {
  let rest = buffers.filter((buffer) => buffer.length > 0)
  let at = offset
  while (rest.length > 0) {
    const written = await new Promise<number>((resolve, reject) => {
      writev(file, rest, at, (error, count) => (error === null ? resolve(count) : reject(error)))
    })
    at += written
    rest = skipBytes(rest, written)
  }
}

function skipBytes(buffers: readonly Uint8Array[], count: number): Uint8Array[] {
  let skip = count
  const rest: Uint8Array[] = []
  for (const buffer of buffers) {
    if (skip < buffer.length) rest.push(buffer.subarray(skip))
    skip = Math.max(0, skip - buffer.length)
  }
  return rest
}

function synchronise(file: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(file, (error) => (error === null || error === undefined ? resolve() : reject(error)))
  })
}
