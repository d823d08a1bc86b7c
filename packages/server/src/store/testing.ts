// For tests: a journal that takes requests, and stores over it that can be closed, killed and opened again.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Nanoseconds } from '@stepwell/model'
import {
  encodeJson,
  encodeProtobuf,
  type RequestOf,
  type Signal,
  type Sparse,
} from '@stepwell/otlp'
import { Journal, type JournalOptions } from '../journal/journal.ts'
import type {
  Encoding,
  JournalRecord,
  OtlpEncoding,
  RemoteWriteEncoding,
} from '../journal/types.ts'
import { type OpenStore, openStore } from './store.ts'

/** A data folder with a journal. Everything is gone after `remove`. */
export class TestData {
  readonly root = mkdtempSync(join(tmpdir(), 'stepwell-store-'))
  readonly warnings: string[] = []
  /** Milliseconds since the Unix epoch: what the journal and the stores take for now. */
  now = Date.UTC(2026, 0, 1)
  /** Up to when the stores are told that the engine has acknowledged. */
  acknowledged = 0n as Nanoseconds
  readonly #journal: Journal
  readonly #records: JournalRecord[] = []
  readonly #open: OpenStore[] = []
  #copies = 0

  readonly #mostRecentSamples: number

  constructor({
    mostRecentSamples = Number.POSITIVE_INFINITY,
    ...options
  }: Pick<JournalOptions, 'segmentBytes'> & { readonly mostRecentSamples?: number } = {}) {
    this.#mostRecentSamples = mostRecentSamples
    this.#journal = new Journal(join(this.root, 'journal'), {
      ...options,
      warn: (message) => this.warnings.push(message),
      now: () => this.now,
    })
  }

  /** Appends a request. */
  async accept<S extends Signal>(
    signal: S,
    request: Sparse<RequestOf[S]>,
    encoding: OtlpEncoding = 'protobuf',
  ): Promise<JournalRecord> {
    const body =
      encoding === 'json'
        ? Buffer.from(encodeJson(signal, request))
        : encodeProtobuf(signal, request)
    return this.#append(signal, encoding, body)
  }

  /** Appends a request of remote write. */
  write(encoding: RemoteWriteEncoding, body: Uint8Array): Promise<JournalRecord> {
    return this.#append('metrics', encoding, body)
  }

  /** Opens the store of `folder` and gives it what it hasn't got yet, up to record number `until`. */
  async openStore(folder = this.root, until?: number): Promise<OpenStore> {
    mkdirSync(folder, { recursive: true })
    const opened = await openStore({
      config: { dataDir: folder, seriesIdleMilliseconds: 24 * 3_600_000 },
      journalDir: join(this.root, 'journal'),
      startedAt: this.now,
      acknowledged: () => this.acknowledged,
      warn: (message) => this.warnings.push(message),
      now: () => this.now,
      mostRecentSamples: this.#mostRecentSamples,
    })
    this.#open.push(opened)
    const { after } = opened
    const from = after
      ? this.#records.findIndex(
          ({ position: { segment, block, record } }) =>
            segment === after.segment && block === after.block && record === after.record,
        ) + 1
      : 0
    await opened.store.index(this.#records.slice(from, until))
    return opened
  }

  /** A folder with the index as a crash of this moment would leave it. */
  crash(folder = this.root): string {
    const copy = join(this.root, `crash-${++this.#copies}`)
    mkdirSync(copy)
    for (const name of readdirSync(folder)) {
      if (name.startsWith('index.')) {
        cpSync(join(folder, name), join(copy, name), { recursive: true })
      }
    }
    return copy
  }

  async #append(signal: Signal, encoding: Encoding, body: Uint8Array): Promise<JournalRecord> {
    const record = await this.#journal.append(signal, encoding, body)
    this.#records.push(record)
    return record
  }

  async remove(): Promise<void> {
    for (const { store } of this.#open) await store.close().catch(() => {})
    await this.#journal.close()
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** Numbers in [0, 1) that depend on the seed alone. */
export function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
