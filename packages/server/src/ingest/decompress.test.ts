// Content-Encoding: all of the bytes or none, within the limits, whatever comes.

import { expect, test } from 'bun:test'
import { deflateSync, gzipSync } from 'node:zlib'
import { decompress } from './decompress.ts'
import type { Held } from './holding.ts'
import { MAX_REQUEST_BYTES } from './limits.ts'
import { Rejection } from './rejection.ts'
import { isWholeZstd } from './zstd.ts'

const zstd = (bytes: Uint8Array, level = 1) => Buffer.from(Bun.zstdCompressSync(bytes, { level }))
const COMPRESS = { gzip: gzipSync, deflate: deflateSync, zstd } as const
const NAMES = Object.keys(COMPRESS) as (keyof typeof COMPRESS)[]

class Recorded implements Held {
  now = 0
  most = 0
  grow(bytes: number) {
    this.now = bytes
    this.most = Math.max(this.most, bytes)
  }
  release() {}
}

/** The body, or the reason for which it is refused. */
async function outcome(bytes: Uint8Array, encoding: string): Promise<Buffer | string> {
  try {
    return Buffer.from(await decompress(bytes, encoding, new Recorded()))
  } catch (error) {
    if (error instanceof Rejection) return error.reason
    throw error
  }
}

const [hello, world] = [Buffer.from('hello '), Buffer.from('world')]

test.each(NAMES)('%s that is cut off anywhere is refused', async (name) => {
  const text = Buffer.from('one two three '.repeat(40))
  const bytes = COMPRESS[name](text)
  for (let length = 0; length < bytes.length; length++) {
    expect([length, await outcome(bytes.subarray(0, length), name)]).toEqual([length, 'malformed'])
  }
  expect(await outcome(bytes, name)).toEqual(text)
})

test.each(['gzip', 'zstd'] as const)('%s in several pieces is read to its end', async (name) => {
  const both = Buffer.concat([COMPRESS[name](hello), COMPRESS[name](world)])
  expect(await outcome(both, name)).toEqual(Buffer.from('hello world'))
})

test.each([
  ['gzip', gzipSync(hello)],
  ['zstd', zstd(hello)],
])('%s with something else behind it is refused', async (name, bytes) => {
  expect(await outcome(Buffer.concat([bytes, Buffer.from('something')]), name)).toBe('malformed')
})

test.each([
  ['x-gzip', gzipSync(hello), hello],
  [' GZIP ', gzipSync(hello), hello],
  ['', hello, hello],
  ['Identity', hello, hello],
  ['gzip, gzip', gzipSync(gzipSync(hello)), 'unsupported_type'],
  ['br', hello, 'unsupported_type'],
  ['constructor', hello, 'unsupported_type'],
  ['gzip', Buffer.alloc(0), 'malformed'],
  ['gzip', gzipSync(Buffer.alloc(0)), Buffer.alloc(0)],
])('Content-Encoding %j', async (encoding, bytes, expected) => {
  expect(await outcome(bytes, encoding)).toEqual(expected)
})

test.each(NAMES)(
  '%s: of large bodies one at a time is undone, and counted before',
  async (name) => {
    const body = Buffer.alloc(3 << 20, 'span')
    const bytes = COMPRESS[name](body)
    const held = Array.from({ length: 4 }, () => new Recorded())
    const under: number[] = []
    const bodies = held.map(async (each) => {
      const undone = await decompress(bytes, name, each)
      // Those behind this one hold nothing yet.
      under.push(held.filter(({ now }) => now > body.length).length)
      return undone
    })
    for (const undone of await Promise.all(bodies)) expect(body.equals(undone)).toBe(true)
    expect(Math.max(...under)).toBeLessThanOrEqual(1)
    for (const { now, most } of held) {
      expect(now).toBe(body.length)
      expect(most).toBeGreaterThan(body.length)
      expect(most).toBeLessThanOrEqual(MAX_REQUEST_BYTES + bytes.length)
    }
  },
)

test.each(NAMES)('%s: a bomb is refused, and the next one undone', async (name) => {
  const bomb = COMPRESS[name](Buffer.alloc(MAX_REQUEST_BYTES + 1))
  expect(await outcome(bomb, name)).toBe('too_large')
  const most = Buffer.alloc(MAX_REQUEST_BYTES)
  expect((await outcome(COMPRESS[name](most), name)).length).toBe(most.length)
})

test('zstd that wants a window of more than 8 MiB is refused', async () => {
  // A frame of one raw block, whose window descriptor says 2^log bytes (RFC 8878, section 3.1.1.1.2).
  const frame = (log: number) =>
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3, 0x09, 0, 0, 0x41])
  expect(await outcome(frame(23), 'zstd')).toEqual(Buffer.from('A'))
  expect(await outcome(frame(24), 'zstd')).toBe('malformed')
  expect(await outcome(frame(41), 'zstd')).toBe('malformed')
})

test('bytes changed, cut and put in: refused, or what the decoder of another makes of them', async () => {
  const seed = Number(process.env.STEPWELL_TEST_SEED ?? Date.now() % 1_000_000)
  console.log(`decompress seed ${seed} (STEPWELL_TEST_SEED replays it)`)
  let state = seed
  const random = (bound: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >>> 8) % bound
  }
  let refused = 0
  for (let round = 0; round < 1500; round++) {
    const text = Buffer.from('attribute '.repeat(random(50)) + random(1e6))
    const name = NAMES[round % NAMES.length]!
    const level = 1 + random(9)
    let bytes = name === 'zstd' ? zstd(text, level) : COMPRESS[name](text, { level })
    if (name === 'zstd') expect(isWholeZstd(bytes)).toBe(true)
    const at = random(bytes.length)
    switch (random(3)) {
      case 0:
        bytes[at] = random(256)
        break
      case 1:
        bytes = bytes.subarray(0, at)
        break
      case 2:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from([random(256)]),
          bytes.subarray(at),
        ])
    }
    const found = await outcome(bytes, name)
    if (typeof found === 'string') refused++
    // Deflate's blocks carry no checksum worth the name, gzip's do.
    else if (name === 'gzip') expect(found).toEqual(text)
  }
  expect(refused).toBeGreaterThan(1000)
})
