import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { buildWrapper, Receiver, temporaryFolder } from '../wrapper.ts'
import { type Comparison, compare, inParallel } from './compare.ts'
import { NEEDS, PROGRAMS } from './programs.ts'

const isMissing = (name: string) => NEEDS[name] !== undefined && !Bun.which(NEEDS[name])

describe('the same through exec as alone', () => {
  const folder = temporaryFolder()
  const receiver = new Receiver()
  const comparisons = new Map<string, Comparison>()

  beforeAll(async () => {
    buildWrapper()
    await inParallel(Object.entries(PROGRAMS), async ([name, script]) => {
      if (!isMissing(name))
        comparisons.set(name, await compare(script, receiver.environment(folder.path)))
    })
  }, 120_000)
  afterAll(() => {
    receiver.stop()
    folder[Symbol.dispose]()
  })

  for (const name of Object.keys(PROGRAMS))
    test.skipIf(isMissing(name))(isMissing(name) ? `${name} (needs ${NEEDS[name]})` : name, () => {
      const { alone, through } = comparisons.get(name)!
      expect(through).toEqual(alone)
    })
})
