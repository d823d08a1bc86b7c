import { expect, test } from 'bun:test'
import { LabelSet } from './label-set.ts'

/** As Go orders them: name by name and value by value, by the bytes of UTF-8, the shorter set first. */
function compareBytes(a: LabelSet, b: LabelSet): number {
  const [x, y] = [a, b].map((set) => set.entries().flat()) as [string[], string[]]
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const order = Buffer.compare(Buffer.from(x[i]!), Buffer.from(y[i]!))
    if (order !== 0) return order
  }
  return Math.sign(x.length - y.length)
}

test('sets are in the order of their texts as bytes, whatever is in them', () => {
  const texts = ['a', 'ab', 'a\0', 'a\0b', 'b', '\0', '\u{1f600}', '\uffff', 'é', 'ÿ', 'a\u{1f600}']
  const sets = texts.flatMap((value) => [
    LabelSet.from({ job: value }),
    LabelSet.from({ job: 'a', zone: value }),
    LabelSet.from({ [value]: 'x' }),
  ])
  for (const a of sets) {
    for (const b of sets) {
      const pair = [a.entries(), b.entries()]
      expect([...pair, Math.sign(a.compare(b))]).toEqual([...pair, compareBytes(a, b)])
    }
  }
})
