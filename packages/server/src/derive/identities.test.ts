import { expect, test } from 'bun:test'
import { generator } from '../store/testing.ts'
import { Identities, type Standing } from './identities.ts'

test('standings are as the naive model has them', () => {
  const seed = Math.floor(Math.random() * 2 ** 32)
  const random = generator(seed)
  const identities = new Identities()
  const ends = new Map<string, Set<bigint>>()
  for (let i = 0; i < 20_000; i++) {
    const number = Math.floor(random() * 8000)
    const traceId = (number % 100).toString(16).padStart(32, '0')
    const spanId = number.toString(16).padStart(16, '0')
    const digest = BigInt(Math.floor(random() * 3))
    const known = ends.get(traceId + spanId)
    expect({ seed, i, known: identities.has(traceId, spanId) }).toEqual({ seed, i, known: !!known })
    const expected: Standing = !known ? 'first' : known.has(digest) ? 'copy' : 'conflict'
    ends.set(traceId + spanId, new Set([...(known ?? []), digest]))
    const standing = identities.accept(traceId, spanId, digest)
    expect({ seed, i, standing }).toEqual({ seed, i, standing: expected })
  }
})
