import { expect, test } from 'bun:test'
import type { Nanoseconds } from '@stepwell/model'
import { BlockCache } from './block-cache.ts'
import type { JournalRecord } from './types.ts'

const block = (bytes: number): readonly JournalRecord[] => [
  {
    position: { segment: 1, block: 32, record: 0 },
    acceptedAt: 1n as Nanoseconds,
    signal: 'traces',
    encoding: 'json',
    body: new Uint8Array(bytes),
  },
]

test('random reads and additions agree with a list', () => {
  const seed = Number(process.env.STEPWELL_TEST_SEED ?? Date.now() % 1_000_000)
  console.log(`cache seed ${seed} (STEPWELL_TEST_SEED replays it)`)
  let state = seed
  const random = (bound: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >>> 8) % bound
  }
  const capacity = 100
  const cache = new BlockCache(capacity)
  /** The longest unused first. */
  let model: { key: string; bytes: number }[] = []
  for (let step = 0; step < 5000; step++) {
    const key = String(random(30))
    const known = model.find((entry) => entry.key === key)
    expect(cache.get(key)?.[0]?.body.length).toBe(known?.bytes)
    const entry = known ?? { key, bytes: random(60) === 0 ? 150 : random(30) }
    if (known === undefined) cache.add(key, block(entry.bytes))
    model = [...model.filter((each) => each.key !== key), entry]
    while (model.length > 1 && model.reduce((sum, { bytes }) => sum + bytes, 0) > capacity) {
      model.shift()
    }
    if (random(500) === 0) {
      cache.clear()
      model = []
    }
  }
})
