import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IndexFeed } from './index-feed.ts'
import { Journal } from './journal.ts'
import { JournalReader } from './reader.ts'
import type { JournalRecord } from './types.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stepwell-feed-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const warn = () => {}
const text = ({ body }: JournalRecord) => Buffer.from(body).toString()
const body = (value: string) => new TextEncoder().encode(value)

/** An index that takes in what it is told to, when it is told to. */
class SlowIndex {
  readonly handed: string[] = []
  readonly #sizes: number[] = []
  feed!: IndexFeed

  post(records: readonly JournalRecord[]) {
    this.handed.push(...records.map(text))
    this.#sizes.push(records.reduce((sum, record) => sum + record.body.length, 0))
    // As a transfer would.
    for (const record of records) {
      expect(record.body.buffer.byteLength).toBe(record.body.length)
      structuredClone(record.body.buffer, { transfer: [record.body.buffer as ArrayBuffer] })
    }
  }

  get queued(): number {
    return this.#sizes.length
  }

  takeIn(): boolean {
    const bytes = this.#sizes.shift()
    if (bytes !== undefined) this.feed.indexed(bytes)
    return bytes !== undefined
  }
}

function connect(windowBytes: number) {
  const journal = new Journal(folder, { warn })
  const index = new SlowIndex()
  const feed = new IndexFeed({
    journal,
    reader: new JournalReader(folder, { warn }),
    post: (records) => index.post(records),
    failed: (error) => {
      throw error
    },
    windowBytes,
  })
  journal.onCommit = (records) => feed.committed(records)
  index.feed = feed
  return { journal, index, feed }
}

const append = (journal: Journal, value: string) => journal.append('traces', 'json', body(value))

test('what is in the journal comes first, then what is committed, each once', async () => {
  const before = connect(1000)
  const first = await append(before.journal, 'a')
  await append(before.journal, 'b')
  await before.journal.close()

  const { journal, index, feed } = connect(1000)
  await append(journal, 'c')
  expect(index.handed).toEqual([])
  await feed.start(first.position)
  expect(index.handed).toEqual(['b', 'c'])
  await append(journal, 'd')
  expect(index.handed).toEqual(['b', 'c', 'd'])
  await journal.close()
})

test('an empty journal is caught up with at once', async () => {
  const { journal, index, feed } = connect(1000)
  await feed.start(undefined)
  await append(journal, 'a')
  expect(index.handed).toEqual(['a'])
  await journal.close()
})

test('a commit that the reading met before it was told is not handed over twice', async () => {
  const { journal, index, feed } = connect(1000)
  const told: (readonly JournalRecord[])[] = []
  journal.onCommit = (records) => told.push(records)
  await append(journal, 'a')
  await feed.start(undefined)
  feed.committed(told[0]!)
  expect(index.handed).toEqual(['a'])
  await journal.close()
})

test('only what this process accepted is backlog', async () => {
  const before = connect(1000)
  await append(before.journal, 'before')
  await before.journal.close()
  const { journal, index, feed } = connect(1000)
  expect(feed.backlogBytes).toBe(0)
  await feed.start(undefined)
  await append(journal, 'now')
  expect(feed.backlogBytes).toBe(3)
  index.takeIn()
  expect(feed.backlogBytes).toBe(3)
  index.takeIn()
  expect(feed.backlogBytes).toBe(0)
  await journal.close()
})

test('an index that is behind is not handed more than the window, and loses nothing', async () => {
  const { journal, index, feed } = connect(5)
  await feed.start(undefined)
  for (let n = 0; n < 10; n++) await append(journal, `${n}`.repeat(3))
  expect(index.queued).toBe(2)
  while (index.handed.length < 10) {
    index.takeIn()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(index.handed).toEqual(Array.from({ length: 10 }, (_, n) => `${n}`.repeat(3)))
  await journal.close()
})

test('after stop nothing more is handed over', async () => {
  const { journal, index, feed } = connect(1000)
  await feed.start(undefined)
  feed.stop()
  await append(journal, 'late')
  expect(index.handed).toEqual([])
  await journal.close()
})

test('random speeds of writers and index: each record once, in order', async () => {
  const seed = Number(process.env.STEPWELL_TEST_SEED ?? Date.now() % 1_000_000)
  console.log(`feed seed ${seed} (STEPWELL_TEST_SEED replays it)`)
  let state = seed
  const random = (bound: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >>> 8) % bound
  }
  const { journal, index, feed } = connect(200)
  const model: string[] = []
  const appends: Promise<void>[] = []
  const write = (value: string) => {
    appends.push(append(journal, value).then((record) => void model.push(`${record.acceptedAt}`)))
  }
  write('0'.repeat(1 + random(90)))
  const started = feed.start(undefined)
  for (let step = 1; step < 1500; step++) {
    if (random(3) > 0) write(String(step).repeat(1 + random(30)))
    if (random(2) === 0) index.takeIn()
    if (random(2) === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.all(appends)
  const all = [...new JournalReader(folder, { warn }).replay(undefined)].flat().map(text)
  expect(all.length).toBe(model.length)
  for (let turn = 0; index.handed.length < all.length && turn < 100_000; turn++) {
    index.takeIn()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await started
  expect(index.handed).toEqual(all)
  while (index.takeIn());
  expect(feed.backlogBytes).toBe(0)
  await journal.close()
})
