// The index is damaged in every way: the engine comes up, says so in a sentence, and answers what the journal has.

import { afterAll, expect, test } from 'bun:test'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { generator } from '@stepwell/server/journal/testing'
import { countLines, countSteps, findStep, sumOfDeltas } from './test/asked.ts'
import { cleanUp, spawnEngine, temporaryFolder, waitFor } from './test/engine-process.ts'
import { journalled } from './test/journalled.ts'
import { Senders, signalOf } from './test/senders.ts'

afterAll(cleanUp)

const seed = Number(process.env.STEPWELL_TEST_SEED ?? Date.now() % 1_000_000)
const random = generator(seed)

/** What a killed engine left: an index, its log of writes, and a journal that has more. */
async function usedFolder(): Promise<{ dataDir: string; requests: number[] }> {
  const dataDir = temporaryFolder()
  for (let life = 0; life < 2; life++) {
    const engine = spawnEngine(dataDir)
    const { urls } = await engine.ready()
    const senders = new Senders(1 + life * 1_000_000)
    const stop = new AbortController()
    const sending = senders.send(urls, 8, stop.signal)
    await waitFor('acknowledgements', () => senders.acknowledged.size >= 300)
    await countLines(urls)
    engine.kill(life === 0 ? 'SIGTERM' : 'SIGKILL')
    stop.abort()
    await Promise.all([sending, engine.exited])
  }
  return { dataDir, requests: journalled(dataDir) }
}

const bytesOf = (path: string) => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0))

function flipBits(path: string, from: number): void {
  const bytes = bytesOf(path)
  for (let flips = 0; flips < 20; flips++) {
    bytes[from + random(Math.max(1, bytes.length - from))]! ^= 1 << random(8)
  }
  writeFileSync(path, bytes)
}

const DAMAGE: Readonly<Record<string, (index: string) => void>> = {
  'it is empty': (index) => truncateSync(index, 0),
  'it is cut off in its header': (index) => truncateSync(index, 3000),
  'it is cut off anywhere': (index) => truncateSync(index, random(statSync(index).size)),
  'it is zeros': (index) => writeFileSync(index, Buffer.alloc(statSync(index).size)),
  'its header has other bits': (index) => {
    const bytes = readFileSync(index)
    bytes.fill(0xa5, 0, 12_288)
    writeFileSync(index, bytes)
  },
  'some of its bits are others': (index) => flipBits(index, 12_288),
  'it is another file': (index) => writeFileSync(index, 'SQLite format 3\0'.repeat(1000)),
  'it is a folder': (index) => {
    rmSync(index)
    mkdirSync(index)
  },
  'it is gone, and its log is there': (index) => rmSync(index),
  'its log is garbage': (index) => writeFileSync(`${index}.wal`, 'garbage'.repeat(100)),
  'its log is empty': (index) => writeFileSync(`${index}.wal`, ''),
  'its log has other bits': (index) => flipBits(`${index}.wal`, 0),
  'its log is cut off': (index) => {
    const bytes = bytesOf(`${index}.wal`)
    writeFileSync(`${index}.wal`, bytes.subarray(0, random(bytes.length + 1)))
  },
}

const used = usedFolder()

test.each(Object.entries(DAMAGE))(
  `%s (seed ${seed}, STEPWELL_TEST_SEED replays it)`,
  async (_, damage) => {
    const { dataDir: original, requests } = await used
    const dataDir = temporaryFolder()
    cpSync(original, dataDir, { recursive: true })
    damage(join(dataDir, 'index.duckdb'))
    const count = (signal: string) => requests.filter((id) => signalOf(id) === signal).length
    const answers = async () => {
      const engine = spawnEngine(dataDir)
      try {
        const { urls } = await engine.ready()
        const id = requests.find((one) => signalOf(one) === 'traces')!
        return {
          lines: await countLines(urls),
          deltas: await sumOfDeltas(urls),
          steps: await countSteps(urls),
          step: await findStep(urls, id),
        }
      } finally {
        engine.kill('SIGTERM')
        await engine.exited
        logs.push(engine.log())
      }
    }
    const logs: string[] = []
    const found = await answers().catch(async (error) => {
      // Found only when it was read: it is named, and the next start mends it.
      expect(String(error)).toContain(' answered 5')
      expect(logs.at(-1)).toContain('index.duckdb is damaged')
      return answers()
    })
    expect(found).toEqual({
      lines: count('logs'),
      deltas: count('metrics'),
      steps: count('traces'),
      step: 1,
    })
    if (existsSync(join(dataDir, 'index.duckdb.aside-1'))) {
      expect(logs.join('\n')).toMatch(/index: \S+ .+; it is set aside as \S+\.aside-1 and built/)
    }
  },
  60_000,
)
