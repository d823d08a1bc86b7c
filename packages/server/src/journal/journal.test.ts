import { afterEach, beforeEach, expect, test } from 'bun:test'
import {
  closeSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Signal } from '@stepwell/otlp'
import { BLOCK_HEADER_BYTES, decodeBlockHeader, SEGMENT_HEADER_BYTES } from './format.ts'
import { Journal, type JournalOptions, type JournalWriteError } from './journal.ts'
import { comparePositions, JournalReader } from './reader.ts'
import { createSegment, listSegments, segmentPath } from './segments.ts'
import { generator } from './testing.ts'
import type { Encoding, JournalPosition, JournalRecord } from './types.ts'

let folder: string
let warnings: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stepwell-journal-'))
  warnings = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const warn = (message: string) => warnings.push(message)
const open = (options: Partial<JournalOptions> = {}) => new Journal(folder, { warn, ...options })
const text = (body: Uint8Array) => Buffer.from(body).toString()
const body = (value: string) => new TextEncoder().encode(value)

function readAll(after?: JournalPosition, until?: JournalPosition): JournalRecord[] {
  const reader = new JournalReader(folder, { warn })
  const records = [...reader.replay(after, until)].flat()
  reader.close()
  return records
}

test('what was appended is read back, in order, byte for byte, after a restart', async () => {
  const journal = open()
  expect(journal.end).toBeUndefined()
  const large = crypto.getRandomValues(new Uint8Array(65_536))
  const appended = [
    await journal.append('traces', 'protobuf', body('a')),
    await journal.append('logs', 'json', large),
    await journal.append('metrics', 'protobuf', new Uint8Array()),
  ]
  await journal.close()

  const again = open()
  const read = readAll()
  expect(read.map(({ signal, encoding }) => [signal, encoding])).toEqual([
    ['traces', 'protobuf'],
    ['logs', 'json'],
    ['metrics', 'protobuf'],
  ])
  expect(read.map((record) => Buffer.from(record.body).toString('hex'))).toEqual([
    Buffer.from('a').toString('hex'),
    Buffer.from(large).toString('hex'),
    '',
  ])
  expect(read.map((record) => record.position)).toEqual(appended.map((record) => record.position))
  expect(again.end).toEqual(appended[2]!.position)
  await again.close()
  expect(warnings).toEqual([])
})

test('requests that arrive during a commit share the next one', async () => {
  const journal = open()
  const first = journal.append('traces', 'json', body('first'))
  const rest = Array.from({ length: 50 }, (_, n) =>
    journal.append('traces', 'json', body(String(n))),
  )
  await Promise.all([first, ...rest])
  await journal.close()
  expect(journal.counters).toMatchObject({ fsyncs: 2, blocks: 2, failures: 0 })
})

test('a commit is told before its appends resolve', async () => {
  const order: string[] = []
  const journal = open()
  journal.onCommit = (records) => {
    order.push(`commit ${records.map((record) => text(record.body))}`)
  }
  await journal.append('traces', 'json', body('x')).then(() => order.push('answer'))
  await journal.close()
  expect(order).toEqual(['commit x', 'answer'])
})

test('acceptance times increase strictly when the clock stands still or steps back, also over a restart', async () => {
  let clock = 5000
  const now = () => clock
  const journal = open({ now })
  await Promise.all([1, 2, 3].map((n) => journal.append('traces', 'json', body(`${n}`))))
  await journal.close()
  clock = 10
  const second = open({ now })
  const { acceptedAt } = await second.append('traces', 'json', body('4'))
  await second.close()
  // A crash may come when the next segment was made and nothing was in it.
  closeSync(createSegment(folder, 2, acceptedAt))
  const third = open({ now })
  await third.append('traces', 'json', body('5'))
  await third.close()
  const times = readAll().map((record) => record.acceptedAt as bigint)
  expect(times).toEqual([0n, 1n, 2n, 3n, 4n].map((n) => 5_000_000_000n + n))
})

test('a segment that reached its size is closed, and reading goes on in the next', async () => {
  const journal = open({ segmentBytes: 100 })
  for (let n = 0; n < 5; n++) await journal.append('logs', 'json', body(`record ${n}`.repeat(9)))
  await journal.close()
  expect(listSegments(folder)).toEqual([1, 2, 3, 4, 5])
  expect(readAll().map((record) => text(record.body).slice(0, 8))).toEqual(
    [0, 1, 2, 3, 4].map((n) => `record ${n}`),
  )
})

test('a commit of more than 256 KiB is split into blocks', async () => {
  const journal = open()
  const big = crypto.getRandomValues(new Uint8Array(60_000))
  const blocker = journal.append('logs', 'json', body('blocker'))
  const records = await Promise.all(
    Array.from({ length: 40 }, () => journal.append('logs', 'protobuf', big)),
  )
  await blocker
  await journal.close()
  expect(journal.counters.fsyncs).toBe(2)
  expect(new Set(records.map((record) => record.position.block)).size).toBe(10)
  expect(readAll().length).toBe(41)
})

test('the end is cut back to the last whole block, wherever in it the write was torn', async () => {
  const journal = open()
  const kept = await journal.append('traces', 'json', body('kept'))
  const torn = await journal.append('traces', 'json', body('torn away'))
  await journal.close()
  const path = segmentPath(folder, 1)
  const whole = readFileSync(path)
  for (let size = torn.position.block + 1; size < whole.length; size++) {
    writeFileSync(path, whole.subarray(0, size))
    warnings = []
    const again = open()
    expect(warnings).toEqual([
      `journal: cut ${size - torn.position.block} bytes of an unfinished write from the end of ${path}`,
    ])
    expect(again.end).toEqual(kept.position)
    const added = await again.append('traces', 'json', body('added'))
    expect(added.position).toEqual(torn.position)
    await again.close()
    expect(readAll().map((record) => text(record.body))).toEqual(['kept', 'added'])
  }
})

test('a tail of zeros, as a power cut leaves it, is cut', async () => {
  const journal = open()
  await journal.append('traces', 'json', body('kept'))
  await journal.close()
  const path = segmentPath(folder, 1)
  const size = statSync(path).size
  truncateSync(path, size + 5000)
  await open().close()
  expect(statSync(path).size).toBe(size)
  expect(warnings.length).toBe(1)
})

test('a segment whose making was interrupted is made anew', async () => {
  const journal = open({ segmentBytes: 1 })
  await journal.append('traces', 'json', body('kept'))
  await journal.close()
  for (let size = 0; size < SEGMENT_HEADER_BYTES; size += 7) {
    writeFileSync(segmentPath(folder, 2), readFileSync(segmentPath(folder, 1)).subarray(0, size))
    const again = open()
    expect(again.end).toEqual({ segment: 1, block: SEGMENT_HEADER_BYTES, record: 0 })
    await again.close()
    expect(listSegments(folder)).toEqual([1])
  }
})

test('a damaged block costs its own records and is named; those before and after it are read', async () => {
  const journal = open()
  const records = []
  for (let n = 0; n < 4; n++) {
    records.push(await journal.append('traces', 'json', body(`record ${n}`)))
  }
  await journal.close()
  const path = segmentPath(folder, 1)
  const whole = readFileSync(path)
  const [from, to] = [records[1]!.position.block, records[2]!.position.block]
  for (let at = from; at < to; at++) {
    const damaged = Buffer.from(whole)
    damaged[at] = damaged[at]! ^ 0x41
    writeFileSync(path, damaged)
    warnings = []
    expect(readAll().map((record) => text(record.body))).toEqual([
      'record 0',
      'record 2',
      'record 3',
    ])
    expect(warnings.length).toBe(1)
    expect(warnings[0]).toContain(`${path} is damaged from byte ${from} to ${to}`)
    const reader = new JournalReader(folder, { warn })
    expect(reader.read(records[1]!.position)).toBeUndefined()
    expect(text(reader.read(records[2]!.position)!.body)).toBe('record 2')
    reader.close()
  }
})

test('a block that is quoted in a request is not taken for one when the block around it is damaged', async () => {
  const journal = open()
  await journal.append('traces', 'json', body('real'))
  const block = readFileSync(segmentPath(folder, 1)).subarray(SEGMENT_HEADER_BYTES)
  const quoting = await journal.append('traces', 'json', block)
  await journal.append('traces', 'json', body('after'))
  await journal.close()
  const path = segmentPath(folder, 1)
  const damaged = readFileSync(path)
  damaged[quoting.position.block + 8]! ^= 1
  writeFileSync(path, damaged)
  expect(readAll().map((record) => text(record.body))).toEqual(['real', 'after'])
})

test('a journal of a later format is refused with a sentence', async () => {
  const journal = open()
  await journal.append('traces', 'json', body('x'))
  await journal.close()
  const path = segmentPath(folder, 1)
  const bytes = readFileSync(path)
  bytes.writeUInt32LE(3, 8)
  bytes.writeUInt32LE(Bun.hash.crc32(bytes.subarray(0, 24)), 24)
  writeFileSync(path, bytes)
  expect(open).toThrow('journal format 3, and this stepwell reads formats up to 2')
})

test('a journal of the format before this one is read, and goes on in a new segment', async () => {
  const before = open()
  await before.append('traces', 'json', body('before'))
  await before.close()
  const path = segmentPath(folder, 1)
  const bytes = readFileSync(path)
  bytes.writeUInt32LE(1, 8)
  bytes.writeUInt32LE(Bun.hash.crc32(bytes.subarray(0, 24)), 24)
  writeFileSync(path, bytes)
  const journal = open()
  const { position } = await journal.append('metrics', 'remote-write-2', body('after'))
  await journal.close()
  expect(position.segment).toBe(2)
  expect(readFileSync(path)).toEqual(bytes)
  expect(readAll().map((record) => text(record.body))).toEqual(['before', 'after'])
})

test('after close, appends are refused and what waited is durable', async () => {
  const journal = open()
  const appended = [1, 2, 3].map((n) => journal.append('traces', 'json', body(`${n}`)))
  await journal.close()
  await Promise.all(appended)
  const refused = await journal.append('traces', 'json', body('late')).catch((error) => error)
  expect((refused as JournalWriteError).reason).toBe('closed')
  expect(readAll().length).toBe(3)
})

test('a write that fails halfway is cut back and refused; the next goes to a new segment', async () => {
  // The limit on a file's size stands for a disk that fails: it lets a part of the write through.
  const script = `
    import { Journal } from ${JSON.stringify(join(import.meta.dir, 'journal.ts'))}
    const journal = new Journal(${JSON.stringify(folder)}, { warn: console.error })
    const random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes))
    const append = (bytes) => journal.append('traces', 'protobuf', random(bytes)).then(
      ({ position }) => position.segment + ' at ' + position.block,
      ({ reason }) => reason,
    )
    console.log([await append(500), await append(5000), await append(400)].join(', '))
    await journal.close()`
  const child = Bun.spawn(
    ['sh', '-c', 'ulimit -f 4; exec "$0" -e "$1"', process.execPath, script],
    {
      stdout: 'pipe',
      stderr: 'pipe',
    },
  )
  const said = await new Response(child.stdout).text()
  expect(said.trim()).toBe('1 at 32, failed, 2 at 32')
  expect(await new Response(child.stderr).text()).toMatch(
    /cannot be written: .*EFBIG.*\n.*can be written again/s,
  )
  expect(statSync(segmentPath(folder, 1)).size).toBe(32 + 48 + 16 + 500)
  expect(readAll().map((record) => record.body.length)).toEqual([500, 400])
  expect(warnings).toEqual([])
})

test('a header says what the documentation says', async () => {
  const journal = open()
  const record = await journal.append('traces', 'json', body('{"resourceSpans":[]}'.repeat(40)))
  await journal.close()
  const bytes = readFileSync(segmentPath(folder, 1))
  expect(bytes.toString('latin1', 0, 8)).toBe('STEPWELL')
  const header = decodeBlockHeader(bytes.subarray(SEGMENT_HEADER_BYTES), SEGMENT_HEADER_BYTES)!
  expect(header).toEqual({
    records: 1,
    firstAcceptedAt: record.acceptedAt,
    lastAcceptedAt: record.acceptedAt,
    storedBytes: bytes.length - SEGMENT_HEADER_BYTES - BLOCK_HEADER_BYTES,
    rawBytes: 816,
    compression: 'zstd',
  })
})

test('random appends, restarts, torn tails and damage agree with a list', async () => {
  const seed = Number(process.env.STEPWELL_TEST_SEED ?? Date.now() % 1_000_000)
  console.log(`journal seed ${seed} (STEPWELL_TEST_SEED replays it)`)
  const random = generator(seed)
  const signals: Signal[] = ['traces', 'metrics', 'logs']
  const encodings: Encoding[] = ['protobuf', 'json']
  let model: { position: JournalPosition; line: string }[] = []
  const lineOf = (record: JournalRecord) =>
    `${record.acceptedAt} ${record.signal} ${record.encoding} ${Bun.hash(record.body)}`

  for (let round = 0; round < 40; round++) {
    const journal = open({ segmentBytes: 20_000, now: () => random(1000) })
    for (let commit = random(6); commit >= 0; commit--) {
      const appended = await Promise.all(
        Array.from({ length: 1 + random(8) }, () =>
          journal.append(
            signals[random(3)]!,
            encodings[random(2)]!,
            Buffer.alloc(random(3000), random(4) === 0 ? 'abc' : `${random(1e9)}`),
          ),
        ),
      )
      model.push(...appended.map((record) => ({ position: record.position, line: lineOf(record) })))
    }
    await journal.close()

    const newest = listSegments(folder).at(-1)!
    const path = segmentPath(folder, newest)
    const last = model.at(-1)!.position
    const fault = ['torn', 'bad byte', 'none'][random(3)]
    if (fault === 'torn') {
      // A torn write: part of the last block is missing.
      const size = statSync(path).size
      truncateSync(path, last.block + random(size - last.block))
      model = model.filter(({ position }) => !sameBlock(position, last))
    } else if (fault === 'bad byte') {
      // A bad byte in any block of any segment but the last block.
      const { position } = model[random(model.length)]!
      if (!sameBlock(position, last)) {
        const victim = segmentPath(folder, position.segment)
        const bytes = readFileSync(victim)
        bytes[position.block + random(BLOCK_HEADER_BYTES)]! ^= 0x10
        writeFileSync(victim, bytes)
        model = model.filter((each) => !sameBlock(each.position, position))
      }
    }

    const after = model[random(model.length + 1) - 1]
    const until = model[random(model.length)]
    const range = model.filter(
      ({ position }) =>
        (after === undefined || comparePositions(position, after.position) > 0) &&
        (until === undefined || comparePositions(position, until.position) <= 0),
    )
    await open().close()
    expect(readAll(after?.position, until?.position).map(lineOf)).toEqual(
      range.map(({ line }) => line),
    )
    const reader = new JournalReader(folder, { warn })
    for (let n = 0; n < 20 && model.length > 0; n++) {
      const { position, line } = model[random(model.length)]!
      expect(lineOf(reader.read(position)!)).toBe(line)
    }
    reader.close()
  }
}, 60_000)

const sameBlock = (a: JournalPosition, b: JournalPosition) =>
  a.segment === b.segment && a.block === b.block
