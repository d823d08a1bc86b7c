// Deletes the oldest segments of the journal, with what the index has of them, while they are too old or the data
// folder is too large. docs/retention.md says what that means for who asks.

import { closeSync, fstatSync, openSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Nanoseconds } from '@stepwell/model'
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES } from '../journal/format.ts'
import { scanSegment } from '../journal/scan.ts'
import { listSegments, segmentPath } from '../journal/segments.ts'
import type { IngestCounters } from '../messages.ts'
import type { Deletable } from '../store/types.ts'
import { reserveRoom } from './kept-file.ts'
import type { SteadyClock } from './steady-clock.ts'

/** Of the limit: what a segment may take, so that deleting one is no great loss, and a limit can be kept. */
const SEGMENTS_IN_LIMIT = 32
const MOST_SEGMENT_BYTES = 64 << 20
const LEAST_SEGMENT_BYTES = 64 << 10
/** A copy may have been let in by an older horizon, and still be on its way to the index. */
const ON_ITS_WAY_MILLISECONDS = 60_000

export interface Limits {
  readonly retentionMilliseconds: number
  readonly maxSizeBytes: number
}

/** How large and how old a segment of the journal becomes. */
export const segmentLimits = ({ retentionMilliseconds, maxSizeBytes }: Limits) => ({
  segmentBytes: Math.min(
    MOST_SEGMENT_BYTES,
    Math.max(LEAST_SEGMENT_BYTES, Math.floor(maxSizeBytes / SEGMENTS_IN_LIMIT)),
  ),
  segmentMilliseconds: retentionMilliseconds / SEGMENTS_IN_LIMIT,
})

interface Deletion {
  readonly reason: 'age' | 'size'
  /** Of the last record that is gone. */
  readonly acceptedAt: Nanoseconds
  readonly segments: number
  readonly bytes: number
}

interface Due extends Omit<Deletion, 'segments'> {
  /** The last one. */
  readonly segment: number
}

export interface RetentionOptions extends Limits {
  /** The journal's. */
  readonly folder: string
  readonly store: Deletable
  readonly clock: SteadyClock
  readonly warn: (message: string) => void
}

export class Retention {
  readonly #options: RetentionOptions
  /** Of the last record of each segment but the newest. */
  readonly #ends = new Map<number, Nanoseconds>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #running: Promise<void> = Promise.resolve()
  #isClosed = false
  #isTooLarge = false
  /** Bytes of the journal when the index was asked for its own. */
  #measuredAt: number | undefined
  #failing = ''
  #failedPasses = 0
  #sizes = { segments: 0, journal: 0, index: 0 }
  readonly #deleted = { age: 0, size: 0, bytes: 0 }

  constructor(options: RetentionOptions) {
    this.#options = options
  }

  /** Looks every so many milliseconds from now on. */
  start(every: number): void {
    this.#timer = setTimeout(() => {
      this.#running = this.pass().then(() => {
        if (!this.#isClosed) this.start(every)
      })
    }, every)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#running
  }

  /** Deletes what is due. Never throws: what could not be deleted is tried again. */
  async pass(): Promise<void> {
    const deletions: Deletion[] = []
    try {
      // Whoever sends without a pause must not keep the log from being told.
      while (!this.#isClosed && deletions.length < SEGMENTS_IN_LIMIT) {
        const deletion = await this.#deleteOldest()
        if (!deletion) break
        deletions.push(deletion)
      }
      this.#failing = ''
    } catch (error) {
      this.#failedPasses++
      const message = (error as Error).message.split('\n')[0]!
      if (message !== this.#failing) {
        this.#options.warn(
          `retention: what is due could not be deleted, and is tried again: ${message}`,
        )
      }
      this.#failing = message
    }
    this.#say(deletions)
    reserveRoom(this.#options.folder)
  }

  /** For /metrics, by name. */
  counters(): IngestCounters {
    return {
      stepwell_journal_segments: this.#sizes.segments,
      stepwell_journal_bytes: this.#sizes.journal,
      stepwell_index_bytes: this.#sizes.index,
      'stepwell_retention_deleted_segments_total{reason="age"}': this.#deleted.age,
      'stepwell_retention_deleted_segments_total{reason="size"}': this.#deleted.size,
      stepwell_retention_deleted_bytes_total: this.#deleted.bytes,
      stepwell_retention_failed_passes_total: this.#failedPasses,
      stepwell_retention_limit_bytes: this.#options.maxSizeBytes,
    }
  }

  /** Deletes the oldest segments that are due, as many at once: each deletion costs the index a transaction. */
  async #deleteOldest(): Promise<Deletion | undefined> {
    const { folder, store, clock, maxSizeBytes } = this.#options
    const segments = listSegments(folder)
    await this.#measure(segments)
    const now = clock.now()
    const { journal, index } = this.#sizes
    if (segments.length < 2) {
      this.#sayTooLarge(journal + index > maxSizeBytes)
      return undefined
    }
    const due = await this.#due(segments, now)
    if (!due) return undefined

    const { segment, acceptedAt, reason, bytes } = due
    const forgetBefore = this.#forgetBefore(now)
    const removed = await store.deleteSegments({ segment, acceptedAt, forgetBefore })
    if (removed.length === 0) return undefined
    for (const gone of removed) this.#ends.delete(gone)
    this.#measuredAt = undefined
    this.#deleted[reason] += removed.length
    this.#deleted.bytes += bytes
    return { reason, acceptedAt, segments: removed.length, bytes }
  }

  /** By age whatever is too old; by size what makes the room, an eighth of all at a time, since it is an estimate. */
  async #due(segments: readonly number[], now: number | undefined): Promise<Due | undefined> {
    const { folder, store, retentionMilliseconds, maxSizeBytes } = this.#options
    const { journal, index } = this.#sizes
    const most = Math.ceil((segments.length - 1) / 8)
    let excess = journal + index - maxSizeBytes
    let due: Due | undefined
    for (const [position, segment] of segments.slice(0, -1).entries()) {
      const acceptedAt = await this.#endOf(segment, segments[position + 1]!)
      // What the index has not seen yet waits for it.
      if (acceptedAt > store.acceptedAt) break
      const age = now === undefined ? 0 : now - Number(acceptedAt / 1_000_000n)
      const isTooMuch = excess > 0 && position < most
      const reason = age > retentionMilliseconds ? 'age' : isTooMuch ? 'size' : undefined
      if (!reason) break
      const bytes = bytesOf(segmentPath(folder, segment))
      // Its part of the index goes with it.
      excess -= bytes * (1 + index / journal)
      due = { segment, acceptedAt, reason, bytes: (due?.bytes ?? 0) + bytes }
    }
    return due
  }

  /** What asks the index is left out while the journal is nearly what it was. */
  async #measure(segments: readonly number[]): Promise<void> {
    const { folder, store, maxSizeBytes } = this.#options
    // Without the `.kept` file: to delete more would only make it larger.
    const journal = segments.reduce((sum, one) => sum + bytesOf(segmentPath(folder, one)), 0)
    const isNear =
      this.#measuredAt !== undefined &&
      Math.abs(journal - this.#measuredAt) < maxSizeBytes / SEGMENTS_IN_LIMIT / 8
    if (!isNear) this.#measuredAt = journal
    const index = isNear ? this.#sizes.index : await store.indexBytes()
    this.#sizes = { segments: segments.length, journal, index }
  }

  #sayTooLarge(isTooLarge: boolean): void {
    const { warn, maxSizeBytes } = this.#options
    if (isTooLarge && !this.#isTooLarge) {
      const { journal, index } = this.#sizes
      warn(
        `retention: the data folder takes ${journal + index} bytes with its newest segment alone, which is more than --max-size ${maxSizeBytes}`,
      )
    }
    this.#isTooLarge = isTooLarge
  }

  #say(deletions: readonly Deletion[]): void {
    const last = deletions.at(-1)
    if (!last) return
    const bytes = deletions.reduce((sum, one) => sum + one.bytes, 0)
    const why =
      last.reason === 'age' ? 'older than --retention' : 'more than --max-size has room for'
    const count = deletions.reduce((sum, one) => sum + one.segments, 0)
    const segments = count === 1 ? 'a segment' : `${count} segments`
    this.#options.warn(
      `retention: deleted ${segments} of the journal, ${bytes} bytes, accepted up to ${date(last.acceptedAt)}: ${why}`,
    )
  }

  /** Copies of what ended before this are rejected for good, and none is on its way. */
  #forgetBefore(now: number | undefined): Nanoseconds {
    if (now === undefined) return 0n as Nanoseconds
    const { store, retentionMilliseconds } = this.#options
    const newest = Math.min(now, Number(store.acceptedAt / 1_000_000n))
    const time = newest - retentionMilliseconds - ON_ITS_WAY_MILLISECONDS
    return (BigInt(Math.max(0, Math.floor(time))) * 1_000_000n) as Nanoseconds
  }

  /** The header of the next segment says when the last record of the one before it was accepted. */
  async #endOf(segment: number, next: number): Promise<Nanoseconds> {
    const known = this.#ends.get(segment)
    if (known !== undefined) return known
    const file = await open(segmentPath(this.#options.folder, next))
    try {
      const { buffer } = await file.read(Buffer.alloc(SEGMENT_HEADER_BYTES))
      const header = decodeSegmentHeader(buffer)
      const end = header?.previousAcceptedAt ?? lastIn(segmentPath(this.#options.folder, segment))
      this.#ends.set(segment, end)
      return end
    } finally {
      await file.close()
    }
  }
}

/** Time of its last record, by reading all of it. */
function lastIn(path: string): Nanoseconds {
  const file = openSync(path, 'r')
  try {
    let last = 0n as Nanoseconds
    for (const found of scanSegment(file, SEGMENT_HEADER_BYTES, fstatSync(file).size)) {
      if (found.kind === 'block') last = found.header.lastAcceptedAt
    }
    return last
  } finally {
    closeSync(file)
  }
}

const bytesOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** How often to look. */
export const passMilliseconds = ({ retentionMilliseconds }: Limits): number =>
  Math.min(1000, Math.max(100, retentionMilliseconds / SEGMENTS_IN_LIMIT))

const date = (time: Nanoseconds): string => new Date(Number(time / 1_000_000n)).toISOString()
