// The index built anew by the verb: from a folder that was used, damaged, busy, and while somebody ends it.

import { afterAll, expect, test } from 'bun:test'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Journal } from '@stepwell/server/journal/journal'
import { cleanUp, spawnEngine, temporaryFolder, waitFor } from './test/engine-process.ts'
import { spawnRebuild } from './test/rebuild-process.ts'
import { post, protobufOf, traceIdOf } from './test/requests.ts'

afterAll(cleanUp)

const rebuilt = (dataDir: string) => spawnRebuild(dataDir).ended

/** A data folder that has a journal of so many requests, of one span each. */
async function journalOf(requests: number): Promise<string> {
  const dataDir = temporaryFolder()
  const journal = new Journal(join(dataDir, 'journal'), { warn: console.error })
  for (let id = 1; id <= requests; id += 50) {
    await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        journal.append('traces', 'protobuf', Buffer.from(protobufOf(id + n))),
      ),
    )
  }
  await journal.close()
  return dataDir
}

test('a damaged index is made whole, and the engine finds nothing to mend', async () => {
  const dataDir = temporaryFolder()
  const first = spawnEngine(dataDir)
  const { urls } = await first.ready()
  for (let id = 1; id <= 20; id++) await post(urls.otlpHttp!, id, 'json')

  const refused = await rebuilt(dataDir)
  expect(refused.code).toBe(1)
  expect(refused.log).toContain(`is in use by another stepwell that is running (pid ${first.pid})`)

  first.kill('SIGKILL')
  await first.exited
  writeFileSync(join(dataDir, 'index.duckdb'), 'no database')
  const { code, said } = await rebuilt(dataDir)
  expect(code).toBe(0)
  expect(said).toMatch(/: 20 requests, 20 spans, 0 log records, in \d+\.\d s\n$/)
  const names = readdirSync(dataDir).filter((name) => name !== 'index.tags')
  expect(names.sort()).toEqual(['index.duckdb', 'journal', 'lock'])

  const second = spawnEngine(dataDir)
  const again = (await second.ready()).urls
  for (let id = 1; id <= 20; id++) {
    expect((await fetch(`${again.ui}/api/traces/${traceIdOf(id)}`)).status).toBe(200)
  }
  second.kill('SIGTERM')
  expect(await second.exited).toBe(0)
  expect(second.log()).not.toContain('index:')
}, 60_000)

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  'ended by %s the old index stays, and the next one is built',
  async (signal) => {
    const dataDir = await journalOf(10_000)
    const old = join(dataDir, 'index.duckdb')
    writeFileSync(old, 'the old one')
    const rebuild = spawnRebuild(dataDir)
    await waitFor('its progress', () => rebuild.log().includes('%'))
    rebuild.kill(signal)
    const { code, log } = await rebuild.ended
    expect(code).toBe({ SIGINT: 130, SIGTERM: 143, SIGKILL: 137 }[signal])
    expect(log.includes('interrupted; the index that was there is kept')).toBe(signal !== 'SIGKILL')
    expect(readFileSync(old, 'utf8')).toBe('the old one')
    expect(existsSync(join(dataDir, 'rebuild'))).toBe(signal === 'SIGKILL')
    const { said } = await rebuilt(dataDir)
    expect(said).toContain('10000 requests, 10000 spans')
    expect(existsSync(join(dataDir, 'rebuild'))).toBe(false)
  },
  60_000,
)

test('a journal of a later format ends engine and rebuild, with a sentence, and stays as it is', async () => {
  const dataDir = await journalOf(50)
  const path = join(dataDir, 'journal', '0000000001.log')
  const bytes = readFileSync(path)
  bytes.writeUInt32LE(3, 8)
  bytes.writeUInt32LE(Bun.hash.crc32(bytes.subarray(0, 24)), 24)
  writeFileSync(path, bytes)
  const sentence = `${path} has journal format 3, and this stepwell reads formats up to 2: use the version`
  const engine = spawnEngine(dataDir)
  expect(await engine.exited).toBe(1)
  expect(engine.log()).toContain(sentence)
  const { code, log } = await rebuilt(dataDir)
  expect([code, log.includes(sentence)]).toEqual([1, true])
  expect(readFileSync(path)).toEqual(bytes)
}, 60_000)

test('a damaged journal is named, and the index is built of what is sound', async () => {
  const dataDir = await journalOf(500)
  const path = join(dataDir, 'journal', '0000000001.log')
  const bytes = readFileSync(path)
  bytes[Math.floor(bytes.length / 2)]! ^= 1
  writeFileSync(path, bytes)
  const { code, log, said } = await rebuilt(dataDir)
  expect(code).toBe(0)
  expect(log).toMatch(/journal: \S+ is damaged from byte \d+ to \d+; the records there are lost/)
  // The first of a group is alone in its block, the others share one.
  expect(said).toMatch(/: (451|499) requests, (451|499) spans/)
  const engine = spawnEngine(dataDir)
  const { urls } = await engine.ready()
  for (const id of [1, 500]) {
    expect((await fetch(`${urls.ui}/api/traces/${traceIdOf(id)}`)).status).toBe(200)
  }
  engine.kill('SIGTERM')
  expect(await engine.exited).toBe(0)
}, 60_000)

test('a folder without a journal is named, and left as it is', async () => {
  const dataDir = join(temporaryFolder(), 'not-made')
  const { code, log } = await rebuilt(dataDir)
  expect(code).toBe(1)
  expect(log).toContain(`There is no journal in ${dataDir}`)
  expect(existsSync(dataDir)).toBe(false)
}, 60_000)

test("another program's folder is refused by the engine, and nothing is written to it", async () => {
  const dataDir = temporaryFolder()
  mkdirSync(join(dataDir, 'photos'))
  for (const name of ['a.txt', 'b.txt', 'c.txt']) writeFileSync(join(dataDir, name), '')
  const engine = spawnEngine(dataDir)
  expect(await engine.exited).toBe(1)
  expect(engine.log()).toContain(
    `The folder ${dataDir} is not empty, and no data folder of Stepwell: it holds`,
  )
  expect(engine.log()).toContain('and 1 more')
  expect(readdirSync(dataDir)).toHaveLength(4)
}, 60_000)
