import { expect, test } from 'bun:test'
import { compileMatchers, LabelSet, type Labels, type Matcher } from '@stepwell/promql'
import { generator } from '../testing.ts'
import { LabelIndex } from './label-index.ts'

test('what is found is what a look at all series finds', () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32))
  const random = generator(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const names = ['__name__', 'job', 'le', 'constructor', '__proto__']
  const values = ['a', 'b', 'ab', 'a|b', '0.5', 'grün', 'A']
  const index = new LabelIndex()
  const all: Labels[] = []
  for (let code = 0; code < 300; code++) {
    const labels: Labels = Object.fromEntries(
      names.filter(() => random() < 0.6).map((name) => [name, pick(values)]),
    )
    all.push(labels)
    index.add(labels)
  }
  const patterns = ['', 'a', 'a|b', 'a|a', '|a', 'a.*', '.+', '.*', '[ab]+', '(?i)A', 'none', '(']
  for (let i = 0; i < 2000; i++) {
    const matchers = Array.from({ length: Math.floor(random() * 4) }, (): Matcher => {
      const type = pick(['=', '!=', '=~', '!~'] as const)
      const value = type.includes('~') ? pick(patterns) : pick([...values, '', 'none'])
      return { name: pick([...names, 'absent', 'toString']), type, value }
    })
    const matches = compileMatchers(matchers)
    expect({ seed, matchers, found: index.find(matchers) }).toEqual({
      seed,
      matchers,
      found: [...all.keys()].filter((code) => matches(all[code]!)),
    })
  }
})

test('many are put in order of their labels, also those that came after the first were', () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32))
  const random = generator(seed)
  const index = new LabelIndex()
  const all: Labels[] = []
  for (let code = 0; code < 400; code++) {
    const labels = { [random() < 0.5 ? 'A' : '__name__']: `${Math.floor(random() * 1e6)}\u{1f600}` }
    all.push(labels)
    index.add(labels)
    if (code % 50 !== 49) continue
    const codes = [...all.keys()].filter(() => random() < 0.5)
    const ordered = index.inOrder(codes).map((position) => LabelSet.of(all[codes[position]!]!))
    expect({ seed, length: ordered.length }).toEqual({ seed, length: codes.length })
    const keys = ordered.map(({ key }) => key)
    const expected = ordered.toSorted((a, b) => a.compare(b)).map(({ key }) => key)
    expect({ seed, keys }).toEqual({ seed, keys: expected })
  }
})
