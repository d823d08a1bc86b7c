// A reader written from docs/format/journal.md alone, beside what the journal was given: the document is enough, and
// says what the bytes are.

import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { Journal } from './journal.ts'
import { generator } from './testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'stepwell-document-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Read {
  readonly position: { readonly segment: number; readonly block: number; readonly record: number }
  readonly acceptedAt: bigint
  readonly signal: number
  readonly encoding: number
  readonly body: Buffer
}

/** Throws where the document does not hold. */
function readByTheDocument(): Read[] {
  const records: Read[] = []
  const names = readdirSync(folder).sort()
  let before = 0n
  for (const [index, name] of names.entries()) {
    expect(name).toBe(`${String(index + 1).padStart(10, '0')}.log`)
    const file = readFileSync(join(folder, name))
    expect(file.toString('latin1', 0, 8)).toBe('STEPWELL')
    expect([file.readUInt32LE(8), file.readUInt32LE(12)]).toEqual([2, index + 1])
    expect(file.readBigUInt64LE(16)).toBe(before)
    expect(file.readUInt32LE(24)).toBe(crc32(file.subarray(0, 24)))
    expect(file.readUInt32LE(28)).toBe(0)
    for (let at = 32; at < file.length; ) {
      expect(file.toString('hex', at, at + 4)).toBe('f7535742')
      const storedBytes = file.readUInt32LE(at + 32)
      const end = at + 48 + storedBytes
      expect(file.readUInt32LE(at + 4)).toBe(crc32(file.subarray(at + 8, end)))
      expect(file.readUInt32LE(at + 8)).toBe(at)
      const count = file.readUInt32LE(at + 12)
      expect(count).toBeGreaterThan(0)
      expect(file.toString('hex', at + 41, at + 48)).toBe('00'.repeat(7))
      const stored = file.subarray(at + 48, end)
      const compression = file.readUInt8(at + 40)
      expect([0, 1]).toContain(compression)
      const payload = compression === 1 ? Buffer.from(Bun.zstdDecompressSync(stored)) : stored
      expect(payload.length).toBe(file.readUInt32LE(at + 36))
      let from = 0
      for (let record = 0; record < count; record++) {
        const acceptedAt = payload.readBigUInt64LE(from)
        expect(acceptedAt).toBeGreaterThan(before)
        before = acceptedAt
        if (record === 0) expect(file.readBigUInt64LE(at + 16)).toBe(acceptedAt)
        const length = payload.readUInt32LE(from + 8)
        expect(payload.readUInt16LE(from + 14)).toBe(0)
        records.push({
          position: { segment: index + 1, block: at, record },
          acceptedAt,
          signal: payload.readUInt8(from + 12),
          encoding: payload.readUInt8(from + 13),
          body: payload.subarray(from + 16, from + 16 + length),
        })
        from += 16 + length
      }
      expect(file.readBigUInt64LE(at + 24)).toBe(before)
      expect(from).toBe(payload.length)
      at = end
    }
  }
  return records
}

test('a reader made of the document reads what was written', async () => {
  const seed = Number(process.env.STEPWELL_TEST_SEED ?? Date.now() % 1_000_000)
  console.log(`document seed ${seed} (STEPWELL_TEST_SEED replays it)`)
  const random = generator(seed)
  const given: Read[] = []
  for (let life = 0; life < 5; life++) {
    const journal = new Journal(folder, { segmentBytes: 200_000, warn: console.error })
    for (let commit = 0; commit < 10; commit++) {
      const appended = await Promise.all(
        Array.from({ length: 1 + random(20) }, async () => {
          const signal = random(3)
          const encoding = random(4)
          const body =
            random(2) === 0
              ? Buffer.alloc(random(5000), `${random(1e9)} `)
              : Buffer.from(crypto.getRandomValues(new Uint8Array(random(5000))))
          const { position, acceptedAt } = await journal.append(
            (['traces', 'metrics', 'logs'] as const)[signal]!,
            (['protobuf', 'json', 'remote-write-1', 'remote-write-2'] as const)[encoding]!,
            body,
          )
          return { position, acceptedAt, signal: signal + 1, encoding: encoding + 1, body }
        }),
      )
      given.push(...appended)
    }
    await journal.close()
  }
  const texts = (records: readonly Read[]) =>
    records.map(({ body, ...rest }) => [rest, Bun.hash(body)] as const)
  expect(texts(readByTheDocument())).toEqual(texts(given))
})
