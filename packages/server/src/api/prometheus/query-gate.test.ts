import { expect, test } from 'bun:test'
import { QueryGate } from './query-gate.ts'

/** Queries that end when they are told to, and the order in which they began. */
function queries(gate: QueryGate) {
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const ask = (name: string, signal = new AbortController().signal) =>
    gate.within(signal, () => {
      begun.push(name)
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)))
    })
  return { begun, ask, end: (name: string) => ends.get(name)!() }
}

test('so many run at once, the others in the order that they came', async () => {
  const { begun, ask, end } = queries(new QueryGate(2))
  const answers = ['a', 'b', 'c', 'd'].map((name) => ask(name))
  expect(begun).toEqual(['a', 'b'])
  end('b')
  expect(await answers[1]).toBe('b')
  expect(begun).toEqual(['a', 'b', 'c'])
  end('c')
  await answers[2]
  expect(begun).toEqual(['a', 'b', 'c', 'd'])
  for (const name of ['a', 'd']) end(name)
  expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'd'])
})

test('who waits too long, or goes, loses its place and nobody else theirs', async () => {
  const { begun, ask, end } = queries(new QueryGate(1))
  const first = ask('first')
  const late = AbortSignal.abort(new DOMException('late', 'TimeoutError'))
  await expect(ask('late', late)).rejects.toMatchObject({
    errorType: 'bad_data',
    message: 'invalid parameter "query": context deadline exceeded',
  })
  const gone = new AbortController()
  const leaving = ask('gone', gone.signal)
  const last = ask('last')
  gone.abort()
  await expect(leaving).rejects.toMatchObject({
    errorType: 'canceled',
    message: 'context canceled',
  })
  end('first')
  await first
  expect(begun).toEqual(['first', 'last'])
  end('last')
  expect(await last).toBe('last')
})

test('a query that fails gives its place back', async () => {
  const gate = new QueryGate(1)
  const { signal } = new AbortController()
  const failing = gate.within(signal, async () => {
    throw new Error('broken')
  })
  await expect(failing).rejects.toThrow('broken')
  expect(await gate.within(signal, async () => 'next')).toBe('next')
})
