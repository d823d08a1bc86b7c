import { expect, test } from 'bun:test'
import { Ring } from './ring.ts'

const event = (bytes: number) => ({ bytes })

test('the oldest go when the bytes are used up, and their places are lost', () => {
  const ring = new Ring<{ bytes: number }>(100, 1000)
  for (let i = 0; i < 10; i++) ring.push(event(30))
  expect(ring.latest).toBe(1010)
  expect(ring.after(1007, 10)?.map(({ sequence }) => sequence)).toEqual([1008, 1009, 1010])
  expect(ring.after(1006, 10)).toBeUndefined()
})

test('an event larger than the ring is kept until the next', () => {
  const ring = new Ring<{ bytes: number }>(100, 0)
  ring.push(event(500))
  expect(ring.after(0, 10)?.length).toBe(1)
  ring.push(event(10))
  expect(ring.after(0, 10)).toBeUndefined()
  expect(ring.after(1, 10)?.length).toBe(1)
})

test('who is up to date gets nothing, a number that was never given out is no place', () => {
  const ring = new Ring<{ bytes: number }>(100, 50)
  expect(ring.after(50, 10)).toEqual([])
  expect(ring.after(51, 10)).toBeUndefined()
  expect(ring.after(49, 10)).toBeUndefined()
})

test('as a plain list that is cut in front', () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  let state = seed
  const random = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state % below
  }
  const ring = new Ring<{ bytes: number }>(5000, 7)
  let model: { sequence: number; bytes: number }[] = []
  let latest = 7
  for (let i = 0; i < 20_000; i++) {
    const bytes = 1 + random(20)
    ring.push(event(bytes))
    latest++
    model.push({ sequence: latest, bytes })
    while (model.reduce((sum, one) => sum + one.bytes, 0) > 5000 && model.length > 1)
      model = model.slice(1)
    if (i % 97) continue
    const from = latest - random(700)
    const oldest = model[0]!.sequence
    const expected =
      from + 1 < oldest ? undefined : model.filter(({ sequence }) => sequence > from).slice(0, 13)
    const found = ring.after(from, 13)?.map(({ sequence }) => sequence)
    expect(found, `seed ${seed}, event ${i}`).toEqual(
      expected?.map(({ sequence }) => sequence) as number[],
    )
  }
})
