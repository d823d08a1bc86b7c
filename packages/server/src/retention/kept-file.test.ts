import { afterAll, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Nanoseconds } from '@stepwell/model'
import { NOTHING_KEPT } from '../derive/kept.ts'
import { keptPath, segmentPath } from '../journal/segments.ts'
import {
  type Kept,
  KeptFileError,
  readKept,
  removeSegments,
  reserveRoom,
  writeKept,
} from './kept-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'stepwell-kept-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const kept = (segment: number): Kept => ({
  segment,
  acceptedAt: 123_456_789_012_345_678n as Nanoseconds,
  forgottenBefore: 17n as Nanoseconds,
  firsts: BigUint64Array.of(1n, 2n, 3n, 2n ** 64n - 1n, 5n, 6n, 7n, 8n, 9n, 10n),
  conflicts: BigUint64Array.of(1n, 2n, 3n, 4n, 5n),
  derivation: {
    ...NOTHING_KEPT,
    until: 4,
    series: [
      {
        metric: 'agent_step_success_total',
        labels: { agent: 'ü"\n' },
        firstAt: 1,
        lastAt: 2,
        count: 3,
        sum: 0.1 + 0.2,
        buckets: { '+Inf': 3 },
      },
    ],
  },
  sent: [{ labels: { __name__: 'x' }, total: 'NaN', histogram: '', lastTime: 5 }],
  metadata: [{ name: 'x', type: 'gauge', help: '', unit: '' }],
})

test('what is written is read; the newest counts, and removes what is before it', () => {
  expect(readKept(folder)).toBeUndefined()
  writeKept(folder, kept(3))
  writeKept(folder, kept(5))
  expect(readKept(folder)).toEqual(kept(5))
  for (const segment of [4, 5, 6]) writeFileSync(segmentPath(folder, segment), '')
  expect(removeSegments(folder, kept(5))).toEqual([4, 5])
  expect(removeSegments(folder, kept(5))).toEqual([])
  expect(readKept(folder)).toEqual(kept(5))
})

test('room is taken beforehand, and the next one is written into it', () => {
  reserveRoom(folder)
  const spare = join(folder, 'kept.spare')
  const size = statSync(spare).size
  expect(size).toBeGreaterThanOrEqual(64 << 10)
  reserveRoom(folder)
  expect(statSync(spare).size).toBe(size)
  writeFileSync(spare, Buffer.alloc(size, 0xff))
  writeKept(folder, kept(6))
  expect(existsSync(spare)).toBe(false)
  expect(readKept(folder)).toEqual(kept(6))
})

test('one that is damaged, or of another format, is refused with a sentence', () => {
  writeKept(folder, kept(7))
  const path = keptPath(folder, 7)
  const sound = readFileSync(path)
  const refusals: string[] = []
  for (let at = 0; at < sound.length; at++) {
    const bytes = Buffer.from(sound)
    bytes[at]! ^= 0x10
    writeFileSync(path, bytes)
    try {
      readKept(folder)
      refusals.push(`byte ${at} is read`)
    } catch (error) {
      expect(error).toBeInstanceOf(KeptFileError)
    }
    if (at % 7 === 0) {
      writeFileSync(path, sound.subarray(0, at))
      expect(() => readKept(folder)).toThrow('is damaged: it holds the totals')
    }
  }
  expect(refusals).toEqual([])
  sound.writeUInt32LE(2, 8)
  writeFileSync(path, sound)
  expect(() => readKept(folder)).toThrow('has format 2, and this stepwell reads format 1')
})
