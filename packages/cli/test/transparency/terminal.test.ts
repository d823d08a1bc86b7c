import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { buildWrapper, Receiver, temporaryFolder } from '../wrapper.ts'
import { inParallel } from './compare.ts'
import { DIALOGUES, inTerminal, TERMINAL_NEEDS } from './terminal.ts'

const isMissing = (name: string) =>
  TERMINAL_NEEDS[name] !== undefined && !Bun.which(TERMINAL_NEEDS[name])

describe('the same in a terminal through exec as alone', () => {
  const folder = temporaryFolder()
  const receiver = new Receiver()
  const shown = new Map<string, { alone: string; through: string }>()

  beforeAll(async () => {
    buildWrapper()
    const environment = receiver.environment(folder.path)
    await inParallel(Object.entries(DIALOGUES), async ([name, dialogue]) => {
      if (isMissing(name)) return
      const [alone, through] = await Promise.all([
        inTerminal(dialogue, '', environment),
        inTerminal(dialogue, 'EXEC', environment),
      ])
      shown.set(name, { alone, through })
    })
  }, 120_000)
  afterAll(() => {
    receiver.stop()
    folder[Symbol.dispose]()
  })

  for (const name of Object.keys(DIALOGUES))
    test.skipIf(isMissing(name))(name, () => {
      const { alone, through } = shown.get(name)!
      expect(alone).not.toContain('waited in vain')
      expect(through).toBe(alone)
    })
})
