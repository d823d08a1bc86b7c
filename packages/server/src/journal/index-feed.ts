// Hands the index thread every record of the journal once, in order. As long as the index keeps up, records go to
// it straight from the commit; when it starts, or falls behind, they are read back from the journal, so that what
// waits lies on the disk and not in memory.

import type { Journal } from './journal.ts'
import { comparePositions, type JournalReader } from './reader.ts'
import type { JournalPosition, JournalRecord } from './types.ts'

/** Record bodies that the index thread may have before it. */
const WINDOW_BYTES = 32 << 20

export interface IndexFeedOptions {
  readonly journal: Pick<Journal, 'end'>
  readonly reader: JournalReader
  /** Takes records whose bodies are theirs alone, so that they can be transferred. */
  readonly post: (records: readonly JournalRecord[]) => void
  /** The journal could not be read back. */
  readonly failed: (error: unknown) => void
  readonly windowBytes?: number
}

export class IndexFeed {
  readonly #journal: Pick<Journal, 'end'>
  readonly #reader: JournalReader
  readonly #post: (records: readonly JournalRecord[]) => void
  readonly #failed: (error: unknown) => void
  readonly #windowBytes: number

  #state: 'waiting' | 'reading' | 'live' | 'stopped' = 'waiting'
  /** The last record handed over, or the last that the index had. */
  #position: JournalPosition | undefined
  /** Bodies handed over and not yet indexed. */
  #postedBytes = 0
  /** Of those, what was in the journal before this process: nobody's back-pressure. */
  #replayedBytes = 0
  #backlogBytes = 0
  readonly #startEnd: JournalPosition | undefined
  #room: (() => void) | undefined

  constructor({ journal, reader, post, failed, windowBytes }: IndexFeedOptions) {
    this.#journal = journal
    this.#startEnd = journal.end
    this.#reader = reader
    this.#post = post
    this.#failed = failed
    this.#windowBytes = windowBytes ?? WINDOW_BYTES
  }

  /** Bodies that were accepted by this process and are not yet indexed. */
  get backlogBytes(): number {
    return this.#backlogBytes
  }

  /** Begins behind `after`. Resolves when the index has been handed all that the journal holds. */
  async start(after: JournalPosition | undefined): Promise<void> {
    this.#position = after
    this.#state = 'reading'
    await this.#read()
  }

  /** Call with each commit of the journal, in order. */
  committed(records: readonly JournalRecord[]): void {
    const bytes = bodyBytes(records)
    this.#backlogBytes += bytes
    if (this.#state !== 'live') return
    if (this.#postedBytes > this.#windowBytes) {
      this.#state = 'reading'
      this.#read().catch(this.#failed)
      return
    }
    // The reading that just ended may have met this commit already.
    const fresh = records.filter(({ position }) => isAfter(position, this.#position))
    if (fresh.length > 0) this.#hand(fresh.map(withOwnBody))
  }

  /** The index says that it has taken in so much. */
  indexed(bytes: number): void {
    this.#postedBytes -= bytes
    const replayed = Math.min(bytes, this.#replayedBytes)
    this.#replayedBytes -= replayed
    this.#backlogBytes -= bytes - replayed
    if (this.#postedBytes <= this.#windowBytes) this.#room?.()
  }

  /** Hands nothing more. What is left is read at the next start. */
  stop(): void {
    this.#state = 'stopped'
    this.#room?.()
  }

  async #read(): Promise<void> {
    while (this.#state === 'reading') {
      const until = this.#journal.end
      if (until === undefined) break
      for (const records of this.#reader.replay(this.#position, until)) {
        await this.#waitForRoom()
        if (this.#state !== 'reading') return
        this.#hand(records.map(withOwnBody))
        // A long replay must not keep requests waiting.
        await new Promise((resolve) => setImmediate(resolve))
      }
      if (this.#journal.end === until) break
    }
    if (this.#state === 'reading') this.#state = 'live'
  }

  #hand(records: readonly JournalRecord[]): void {
    const bytes = bodyBytes(records)
    this.#position = records.at(-1)!.position
    this.#postedBytes += bytes
    if (this.#startEnd !== undefined && !isAfter(this.#position, this.#startEnd)) {
      this.#replayedBytes += bytes
    }
    this.#post(records)
  }

  async #waitForRoom(): Promise<void> {
    while (this.#postedBytes > this.#windowBytes && this.#state === 'reading') {
      await new Promise<void>((resolve) => {
        this.#room = resolve
      })
    }
  }
}

const isAfter = (position: JournalPosition, other: JournalPosition | undefined): boolean =>
  other === undefined || comparePositions(position, other) > 0

const bodyBytes = (records: readonly JournalRecord[]): number =>
  records.reduce((sum, { body }) => sum + body.length, 0)

/** Transferring or cloning a view takes the whole buffer behind it along. */
function withOwnBody(record: JournalRecord): JournalRecord {
  const { body } = record
  return body.length === body.buffer.byteLength ? record : { ...record, body: body.slice() }
}
