// Damage anywhere in the journal, beside a naive model: a block is there as long as no byte of it has changed.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SEGMENT_HEADER_BYTES } from './format.ts'
import { Journal } from './journal.ts'
import { JournalReader } from './reader.ts'
import { listSegments, segmentPath } from './segments.ts'
import { generator } from './testing.ts'
import type { JournalRecord } from './types.ts'

let folder: string
let warnings: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stepwell-damage-'))
  warnings = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const warn = (message: string) => warnings.push(message)
const open = (segmentBytes = 64 << 20) => new Journal(folder, { warn, segmentBytes })
const textOf = ({ body }: JournalRecord) => Buffer.from(body).toString()

function readAll(): string[] {
  const reader = new JournalReader(folder, { warn })
  const texts = [...reader.replay(undefined)].flat().map(textOf)
  reader.close()
  return texts
}

/** Each text in a block of its own. */
async function write(texts: readonly string[], segmentBytes?: number): Promise<JournalRecord[]> {
  const journal = open(segmentBytes)
  const records = []
  for (const text of texts) records.push(await journal.append('logs', 'json', Buffer.from(text)))
  await journal.close()
  return records
}

function change(segment: number, edit: (bytes: Buffer) => void): void {
  const path = segmentPath(folder, segment)
  const bytes = readFileSync(path)
  edit(bytes)
  writeFileSync(path, bytes)
}

test('a damaged segment is set aside: named, read, and written to no more', async () => {
  for (const victim of [1, 2]) {
    const records = await write(['a', 'b', 'c'])
    const path = segmentPath(folder, 1)
    const size = readFileSync(path).length
    const { block } = records[victim]!.position
    const next = records[victim + 1]?.position.block ?? size
    change(1, (bytes) => bytes.fill(0xff, block + 50, block + 60))
    const damaged = readFileSync(path)
    warnings = []
    const journal = open()
    await journal.append('logs', 'json', Buffer.from('d'))
    await journal.close()
    expect(warnings).toEqual([
      `journal: ${path} is damaged from byte ${block} to ${next}; the records there are lost, those around them are kept`,
      `journal: ${path} is set aside: it is read, and nothing more is written to it`,
    ])
    expect(readFileSync(path)).toEqual(damaged)
    expect(listSegments(folder)).toEqual([1, 2])
    expect(readAll()).toEqual(['a', 'b', 'c', 'd'].filter((_, index) => index !== victim))
    // Said once: the next start writes to the segment that follows.
    warnings = []
    await open().close()
    expect(warnings).toEqual([])
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
  }
})

test('a segment under another name is no segment', async () => {
  await write(['a'])
  copyFileSync(segmentPath(folder, 1), segmentPath(folder, 3))
  expect(open).toThrow(
    `${segmentPath(folder, 3)} says that it is segment 1: it was copied or renamed. Move it away`,
  )
  rmSync(segmentPath(folder, 3))
  rmSync(segmentPath(folder, 1))
  await write(['a', 'b', 'c'], 1)
  copyFileSync(segmentPath(folder, 1), segmentPath(folder, 2))
  expect(readAll()).toEqual(['a', 'c'])
  expect(warnings).toEqual([
    `journal: ${segmentPath(folder, 2)} says that it is segment 1: it was copied or renamed, and is left out`,
  ])
})

test('segments that are missing are named, and the rest is read', async () => {
  await write(['a', 'b', 'c', 'd', 'e'], 1)
  rmSync(segmentPath(folder, 2))
  rmSync(segmentPath(folder, 3))
  truncateSync(segmentPath(folder, 4), 0)
  expect(readAll()).toEqual(['a', 'e'])
  expect(warnings).toEqual([
    `journal: segments 2 to 3 are missing in ${folder}`,
    `journal: the header of ${segmentPath(folder, 4)} is damaged; its records are kept`,
  ])
})

test('what is no segment is left alone', async () => {
  await write(['a'])
  for (const name of ['notes.txt', '0000000009.log.bak', '9.log', '0000000009.LOG']) {
    writeFileSync(join(folder, name), 'x')
  }
  await write(['b'])
  expect(readAll()).toEqual(['a', 'b'])
  expect(warnings).toEqual([])
  mkdirSync(segmentPath(folder, 9))
  expect(open).toThrow('EISDIR')
})

test('a later format is refused wherever it is', async () => {
  await write(['a', 'b'], 1)
  change(1, (bytes) => {
    bytes.writeUInt32LE(3, 8)
    bytes.writeUInt32LE(Bun.hash.crc32(bytes.subarray(0, 24)), 24)
  })
  expect(readAll).toThrow('journal format 3, and this stepwell reads formats up to 2')
})

test('opening reads the newest segment alone', async () => {
  await write(['a', 'b', 'c'], 1)
  for (const segment of [1, 2]) {
    rmSync(segmentPath(folder, segment))
    symlinkSync('nowhere', segmentPath(folder, segment))
  }
  const journal = open()
  expect(journal.end?.segment).toBe(3)
  await journal.close()
  expect(warnings).toEqual([])
})

test('random damage costs the blocks that it is in, and no other', async () => {
  const seed = Number(process.env.STEPWELL_TEST_SEED ?? Date.now() % 1_000_000)
  console.log(`damage seed ${seed} (STEPWELL_TEST_SEED replays it)`)
  const random = generator(seed)
  for (let round = 0; round < 60; round++) {
    const texts = Array.from({ length: 30 }, (_, n) => `${n} ${'x'.repeat(random(600))}`)
    const records = await write(texts, 2000 + random(3000))
    const before = new Map(
      listSegments(folder).map((segment) => [segment, readFileSync(segmentPath(folder, segment))]),
    )
    for (let faults = 1 + random(4); faults > 0; faults--) {
      const segment = 1 + random(before.size)
      change(segment, (bytes) => {
        const at = random(bytes.length)
        const to = Math.min(bytes.length, at + 1 + random(random(2) === 0 ? 3 : 500))
        const fate = random(4)
        if (fate === 0) bytes[at]! ^= 1 << random(8)
        else if (fate === 1) bytes.fill(0, at, to)
        else if (fate === 2) bytes.fill(random(256), at, to)
        else bytes.copy(bytes, at, random(bytes.length))
      })
      if (random(4) === 0) {
        const path = segmentPath(folder, segment)
        truncateSync(path, random(readFileSync(path).length + 1))
      } else if (random(6) === 0) {
        const path = segmentPath(folder, segment)
        writeFileSync(path, Buffer.alloc(random(300), 'more'), { flag: 'a' })
      }
    }
    const survives = ({ position: { segment, block } }: JournalRecord, index: number) => {
      const whole = before.get(segment)!
      const next = records[index + 1]?.position
      const end = next?.segment === segment ? next.block : whole.length
      const now = readFileSync(segmentPath(folder, segment))
      return now.subarray(block, end).equals(whole.subarray(block, end))
    }
    const kept = records.filter(survives).map(textOf)
    await open().close()
    expect(readAll()).toEqual(kept)
    await write(['after'])
    expect(readAll()).toEqual([...kept, 'after'])
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
  }
}, 60_000)

test('a write that was cut off anywhere is cut away, and leaves its segment in use', async () => {
  const records = await write(['kept', 'x'.repeat(300)])
  const path = segmentPath(folder, 1)
  const whole = readFileSync(path)
  for (let size = records[1]!.position.block + 1; size < whole.length; size++) {
    writeFileSync(path, whole.subarray(0, size))
    const journal = open()
    expect(journal.end).toEqual(records[0]!.position)
    await journal.close()
    expect(readFileSync(path)).toEqual(whole.subarray(0, records[1]!.position.block))
  }
  expect(records[0]!.position.block).toBe(SEGMENT_HEADER_BYTES)
  expect(listSegments(folder)).toEqual([1])
})

test('damage where a record is asked for is named, once', async () => {
  const records = await write(['a', 'b', 'c'])
  const { block } = records[1]!.position
  change(1, (bytes) => bytes.fill(0xff, block + 50, block + 60))
  const reader = new JournalReader(folder, { warn })
  for (let times = 0; times < 2; times++) {
    expect(records.map(({ position }) => reader.read(position) !== undefined)).toEqual([
      true,
      false,
      true,
    ])
  }
  reader.close()
  expect(warnings).toEqual([
    `journal: ${segmentPath(folder, 1)} is damaged at byte ${block}; the records there are lost`,
  ])
})
