import { expect, test } from 'bun:test'
import { isStale, setStale } from '@stepwell/promql'
import { generator } from '../testing.ts'
import { chunkLength, decodeChunk, encodeChunk } from './sample-chunk.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32))
const random = generator(seed)
const whole = (below: number) => Math.floor(random() * below)
const bitsOf = ({ buffer }: Float64Array) => [...new BigUint64Array(buffer)]
const T0 = Date.UTC(2026, 0, 1)

const STEPS: Readonly<Record<string, (before: number) => number>> = {
  nothing: (before) => before,
  counter: (before) => before + whole(1000),
  'counter that begins again': (before) => (random() < 0.1 ? 0 : before + whole(1e6)),
  'whole ones up to 2^52': () => whole(2 ** 52) - 2 ** 51,
  'just beyond 32 bits': () => whole(2) * 2 ** 32,
  cents: (before) => Math.round((before + random()) * 100) / 100,
  nanoseconds: () => whole(1e12) / 1e9,
  'any double': () => (random() - 0.5) * 10 ** whole(300),
  odd: () =>
    [-0, 0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 0.1, 2 ** 53][
      whole(8)
    ]!,
}

test.each(Object.entries(STEPS))('%s comes back to the last bit', (_, step) => {
  for (let round = 0; round < 200; round++) {
    const count = 1 + whole(300)
    const [times, values, starts] = [0, 1, 2].map(() => new Float64Array(count)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    const stales: number[] = []
    const isRegular = random() < 0.5
    for (let i = 0; i < count; i++) {
      times[i] = (times[i - 1] ?? T0) + (isRegular ? 60_000 : 1 + whole(10 ** whole(9)))
      starts[i] = random() < 0.9 ? (starts[i - 1] ?? 0) : T0 - whole(1e9)
      values[i] = step(values[i - 1] ?? 0)
      if (random() < 0.05) {
        stales.push(i)
        setStale(values, i)
      }
    }
    const bytes = encodeChunk({ times, values, starts }, stales)
    const room = () => new Float64Array(count + 3).fill(7)
    const into = { times: room(), values: room(), starts: room() }
    expect(decodeChunk(bytes, into)).toBe(count)
    expect(chunkLength(bytes)).toBe(count)
    for (const [name, sent] of Object.entries({ times, values, starts })) {
      const read = into[name as keyof typeof into].slice(0, count)
      expect({ seed, round, name, bits: bitsOf(read) }).toEqual({
        seed,
        round,
        name,
        bits: bitsOf(sent),
      })
    }
    for (let i = 0; i < count; i++) expect(isStale(into.values, i)).toBe(stales.includes(i))
  }
})

test('a counter that is read each minute takes about one byte a sample', () => {
  const count = 120
  let total = 0
  const bytes = encodeChunk(
    {
      times: Float64Array.from({ length: count }, (_, i) => T0 + i * 60_000),
      values: Float64Array.from({ length: count }, () => (total += whole(100))),
      starts: new Float64Array(count).fill(T0 - 5000),
    },
    [],
  )
  expect(bytes.length / count).toBeLessThan(1.3)
})
