// Acknowledged means durable, and is found once: the engine is killed and stopped among many clients, while it starts
// and while its index is rebuilt; the set acknowledged is compared with what the journal holds, and with what the next
// engine answers. STEPWELL_KILL_SEED makes the same choices again, STEPWELL_KILL_ROUNDS more of them.

import { afterAll, expect, test } from 'bun:test'
import { existsSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generator } from '@stepwell/server/journal/testing'
import { countLines, countSteps, findStep, sumOfDeltas } from './test/asked.ts'
import { cleanUp, spawnEngine, temporaryFolder, waitFor } from './test/engine-process.ts'
import { journalled } from './test/journalled.ts'
import { spawnRebuild } from './test/rebuild-process.ts'
import { Senders, signalOf } from './test/senders.ts'

const CLIENTS = 12
const ROUNDS = Number(process.env.STEPWELL_KILL_ROUNDS ?? 30)
/** Then a new folder: what is compared grows with each round. */
const ROUNDS_OF_A_FOLDER = 15

afterAll(cleanUp)

/** Nothing that was acknowledged is missing, nothing is there twice, or was never sent. The numbers found. */
function compare(dataDir: string, senders: Senders): number[] {
  const found = journalled(dataDir)
  const set = new Set(found)
  expect([...senders.acknowledged].filter((id) => !set.has(id))).toEqual([])
  expect(found.filter((id) => !senders.sent.has(id))).toEqual([])
  expect(found.length).toBe(set.size)
  return found
}

type Urls = Parameters<Senders['send']>[0]

/** Every API has what the journal has, once. */
async function ask(urls: Urls, found: readonly number[], random: (bound: number) => number) {
  const count = (signal: string) => found.filter((id) => signalOf(id) === signal).length
  expect({
    lines: await countLines(urls),
    deltas: await sumOfDeltas(urls),
    steps: await countSteps(urls),
  }).toEqual({ lines: count('logs'), deltas: count('metrics'), steps: count('traces') })
  const steps = found.filter((id) => signalOf(id) === 'traces')
  const some = Array.from({ length: Math.min(10, steps.length) }, () => random(steps.length))
  for (const at of [...some, steps.length - 1]) {
    const id = steps[at]
    if (id !== undefined) expect([id, await findStep(urls, id)]).toEqual([id, 1])
  }
}

test('kill -9 loses nothing that was acknowledged, and doubles nothing', async () => {
  const seed = Number(process.env.STEPWELL_KILL_SEED ?? Date.now() % 1_000_000)
  console.log(`kill seed ${seed}, ${ROUNDS} rounds (STEPWELL_KILL_SEED, STEPWELL_KILL_ROUNDS)`)
  const random = generator(seed)
  const done = { started: 0, starting: 0, rebuilding: 0, damaged: 0, requests: 0 }
  let dataDir = ''
  let senders = new Senders()
  for (let round = 0; round < ROUNDS; round++) {
    if (round % ROUNDS_OF_A_FOLDER === 0) {
      done.requests += senders.acknowledged.size
      dataDir = temporaryFolder()
      senders = new Senders()
    }
    // Small segments.
    const engine = spawnEngine(dataDir, ['--max-size', '64MB'])
    if (random(5) === 0) {
      await Bun.sleep(random(400))
      engine.kill('SIGKILL')
      await engine.exited
      done.starting++
      if (existsSync(join(dataDir, 'journal'))) compare(dataDir, senders)
      continue
    }
    const { urls } = await engine.ready()
    await ask(urls, journalled(dataDir), random)
    const stop = new AbortController()
    const sending = senders.send(urls, CLIENTS, stop.signal)
    const until = senders.acknowledged.size + 1 + random(600)
    await waitFor('acknowledgements', () => senders.acknowledged.size >= until)
    engine.kill('SIGKILL')
    stop.abort()
    await Promise.all([sending, engine.exited])
    done.started++
    compare(dataDir, senders)
    const index = join(dataDir, 'index.duckdb')
    const fate = random(10)
    if (fate === 0) {
      const rebuild = spawnRebuild(dataDir)
      await Bun.sleep(random(500))
      rebuild.kill('SIGKILL')
      await rebuild.ended
      done.rebuilding++
    } else if (fate === 1 && existsSync(index)) {
      truncateSync(index, random(statSync(index).size))
      done.damaged++
    } else if (fate === 2) {
      writeFileSync(`${index}.wal`, Buffer.alloc(random(2000), 'garbage'))
      done.damaged++
    } else if (fate === 3) {
      rmSync(index, { force: true })
      done.damaged++
    }
  }
  const last = spawnEngine(dataDir)
  const { urls } = await last.ready()
  const found = compare(dataDir, senders)
  await ask(urls, found, random)
  const steps = found.filter((id) => signalOf(id) === 'traces')
  const missing = []
  for (const id of steps) if ((await findStep(urls, id)) !== 1) missing.push(id)
  expect(missing).toEqual([])
  last.kill('SIGTERM')
  expect(await last.exited).toBe(0)
  compare(dataDir, senders)
  done.requests += senders.acknowledged.size
  console.log(`killed: ${JSON.stringify(done)}`)
}, 3_600_000)

test('SIGTERM among many clients ends cleanly, and keeps what was acknowledged', async () => {
  const dataDir = temporaryFolder()
  const engine = spawnEngine(dataDir)
  const { urls } = await engine.ready()
  const senders = new Senders()
  const stop = new AbortController()
  const sending = senders.send(urls, CLIENTS, stop.signal)
  await waitFor('acknowledgements', () => senders.acknowledged.size >= 100)
  engine.kill('SIGTERM')
  expect(await engine.exited).toBe(0)
  stop.abort()
  await sending
  expect(engine.log()).not.toContain('unfinished write')
  compare(dataDir, senders)
}, 60_000)
