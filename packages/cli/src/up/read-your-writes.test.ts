// Read your writes: what one client was told is kept is in the answer to its very next question, by every API, while
// others write and ask.

import { afterAll, expect, test } from 'bun:test'
import { countLines, countSpans, countSteps, findStep, sumOfDeltas } from './test/asked.ts'
import { cleanUp, spawnEngine, temporaryFolder } from './test/engine-process.ts'
import { Senders, signalOf } from './test/senders.ts'

afterAll(cleanUp)

const CLIENTS = 8
const ROUNDS = 30

test('what has been acknowledged is in the answer to the very next question, by every API', async () => {
  const engine = spawnEngine(temporaryFolder())
  const { urls } = await engine.ready()
  const senders = new Senders()
  const acknowledged = (signal: string) =>
    [...senders.acknowledged].filter((id) => signalOf(id) === signal).length
  const late: string[] = []
  const see = async (what: string, least: number, found: Promise<number>) => {
    const count = await found
    if (count < least) late.push(`${what}: ${count} of ${least}`)
  }
  const client = async (number: number) => {
    for (let round = 0; round < ROUNDS; round++) {
      const id = await senders.sendNext(urls, number + round)
      const signal = signalOf(id)
      const least = acknowledged(signal)
      if (signal === 'logs') await see('lines', least, countLines(urls))
      else if (signal === 'metrics') await see('deltas', least, sumOfDeltas(urls))
      else {
        await see(`step ${id}`, 1, findStep(urls, id))
        await see('counter', least, countSteps(urls))
        await see('SQL', least, countSpans(urls))
      }
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)))
  expect(late).toEqual([])
  expect(senders.acknowledged.size).toBe(CLIENTS * ROUNDS)
  engine.kill('SIGTERM')
  expect(await engine.exited).toBe(0)
}, 60_000)
