// Filters over stretches of the journal: what they name, and what is left of them after a crash or damage.

import { afterEach, expect, test } from 'bun:test'
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeProtobuf, keyValues, PairHashes, scanSpans } from '@stepwell/otlp'
import { TagFilters } from './tag-filters.ts'

const folder = mkdtempSync(join(tmpdir(), 'stepwell-filters-'))
const warnings: string[] = []
const open = (isNew = false) =>
  new TagFilters({ folder, isNew, warn: (message) => warnings.push(message) })
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  expect(warnings.splice(0)).toEqual([])
})

/** Record `number`: one span, of attributes enough that three records fill a stretch. */
function add(filters: TagFilters, number: number, segment = 1): void {
  const traceId = number.toString(16).padStart(32, '1')
  const attributes = keyValues(
    Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`${number}.${i}`, i])),
  )
  const span = { traceId, name: 'n', startTimeUnixNano: BigInt(number), attributes }
  const body = encodeProtobuf('traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
  filters.beginRecord({ segment, block: number * 1000, record: 0 }, body.length)
  scanSpans(body, filters)
}

/** Blocks at which the stretches begin that may have it. */
function find(filters: TagFilters, key: string, text: string): number[] {
  const pairs = new PairHashes()
  pairs.addTexts(key, text)
  return filters
    .find({ pairs, start: 0n, end: 1n << 63n, minDuration: 0n })
    .map(({ firstBlock }) => firstBlock)
}

test('one stretch is named for what one record has, hardly one for what none has', () => {
  const filters = open()
  for (let number = 0; number < 300; number++) add(filters, number)
  for (let number = 0; number < 300; number++) {
    const found = find(filters, `${number}.7`, '7')
    expect(found.some((block) => block <= number * 1000 && block >= (number - 3) * 1000)).toBe(true)
  }
  let wrong = 0
  for (let i = 0; i < 1000; i++) wrong += find(filters, `absent.${i}`, '7').length
  // Of a hundred thousand filters that were asked.
  expect(wrong).toBeLessThan(100)
})

test('newest first', () => {
  const filters = open()
  for (let number = 0; number < 100; number++) add(filters, number)
  const found = find(filters, '', 'n')
  expect(found.length).toBeGreaterThan(30)
  expect(found).toEqual(found.toSorted((a, b) => b - a))
})

/** After a restart, told again what it may have lost. */
function resumed(records: number): TagFilters {
  const filters = open()
  const from = filters.from ? filters.from.block / 1000 : 0
  for (let number = 0; number < records; number++) add(filters, number)
  expect(from).toBeLessThan(records)
  return filters
}

const FILE = '0000000001.tags'

test('what was written is there after a restart, what was not is taken again', () => {
  const before = open()
  for (let number = 0; number < 200; number++) add(before, number)
  const written = readFileSync(join(folder, FILE))
  expect(open().from!.block).toBeGreaterThan(100_000)
  const filters = resumed(200)
  expect(readFileSync(join(folder, FILE))).toEqual(written)
  for (let number = 0; number < 200; number++) {
    expect(find(filters, `${number}.0`, '0').length).toBeGreaterThan(0)
  }
})

test.each([
  ['torn', (path: string) => truncateSync(path, readFileSync(path).length - 100)],
  ['of zeros at its end', (path: string) => writeAt(path, -100_000, Buffer.alloc(100_000))],
  ['damaged at its head', (path: string) => writeAt(path, 20, Buffer.from('damage'))],
])('a file that is %s costs what lies behind, which is taken again', (_, harm) => {
  const before = open()
  for (let number = 0; number < 200; number++) add(before, number)
  const whole = readFileSync(join(folder, FILE))
  const from = open().from!.block
  harm(join(folder, FILE))
  expect(open().from?.block ?? 0).toBeLessThan(from)
  const filters = resumed(200)
  for (let number = 0; number < 200; number++) {
    expect(find(filters, `${number}.0`, '0').length).toBeGreaterThan(0)
  }
  expect(readFileSync(join(folder, FILE)).length).toBe(whole.length)
})

test('each segment has a file, which goes with it', () => {
  const filters = open()
  for (let number = 0; number < 10; number++) add(filters, number, 1)
  for (let number = 10; number < 20; number++) add(filters, number, 2)
  add(filters, 20, 3)
  expect(readdirSync(folder)).toEqual([FILE, '0000000002.tags'])
  filters.forgetBefore(2)
  expect(readdirSync(folder)).toEqual(['0000000002.tags'])
  expect(find(filters, '3.0', '0')).toEqual([])
  expect(find(filters, '13.0', '0').length).toBe(1)
  expect(open(true).from).toBeUndefined()
})

test('a disk that is full delays the writing, says so once, and loses nothing', () => {
  const filters = open()
  rmSync(folder, { recursive: true, force: true })
  for (let number = 0; number < 200; number++) add(filters, number)
  expect(warnings.splice(0).length).toBe(1)
  expect(find(filters, '3.0', '0').length).toBe(1)
  open()
  for (let number = 200; number < 203; number++) add(filters, number)
  expect(readdirSync(folder)).toEqual([FILE])
  expect(find(filters, '3.0', '0').length).toBe(1)
  expect(find(filters, '201.0', '0').length).toBe(1)
})

function writeAt(path: string, at: number, bytes: Uint8Array): void {
  const all = readFileSync(path)
  all.set(bytes, at < 0 ? all.length + at : at)
  writeFileSync(path, all)
}
