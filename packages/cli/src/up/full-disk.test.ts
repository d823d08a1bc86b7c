// A disk that fills, has room again, or may not be written to: a small file system in memory, which needs the right
// to mount.

import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { encodeProtobuf } from '@stepwell/otlp'
import { Journal } from '@stepwell/server/journal/journal'
import { SmallDisk } from '@stepwell/server/journal/testing'
import { countLines, countSteps, findStep, sumOfDeltas } from './test/asked.ts'
import { cleanUp, spawnEngine, temporaryFolder, waitFor } from './test/engine-process.ts'
import { journalled } from './test/journalled.ts'
import { spawnRebuild } from './test/rebuild-process.ts'
import { Senders, signalOf } from './test/senders.ts'

const CLIENTS = 9
const RESOURCE_EXHAUSTED = 8

const disks: SmallDisk[] = []
afterAll(async () => {
  await cleanUp()
  for (const disk of disks) disk.unmount()
})

function mounted(): SmallDisk {
  const disk = SmallDisk.mount('32m')!
  disks.push(disk)
  return disk
}

const spanOf = (id: number) => ({
  traceId: id.toString(16).padStart(32, '0'),
  spanId: id.toString(16).padStart(16, '0'),
  name: 'x',
  startTimeUnixNano: 1n,
  endTimeUnixNano: 2n,
})

const probe = SmallDisk.mount('1m')
probe?.unmount()
const testOnDisk = test.skipIf(!probe)

const countOf = (ids: readonly number[], signal: string) =>
  ids.filter((id) => signalOf(id) === signal).length

testOnDisk(
  'full (needs the right to mount): refusals with a reason, nothing lost, queries answer, and it resumes',
  async () => {
    const disk = mounted()
    const dataDir = join(disk.folder, 'data')
    const engine = spawnEngine(dataDir)
    const { urls } = await engine.ready()
    const senders = new Senders()
    const stop = new AbortController()
    const sending = senders.send(urls, CLIENTS, stop.signal)
    await waitFor('acknowledgements', () => senders.acknowledged.size >= 200)
    const early = [...senders.acknowledged].filter((id) => signalOf(id) === 'traces').slice(0, 20)
    for (const id of early) expect([id, await findStep(urls, id)]).toEqual([id, 1])
    disk.fill(64 << 10)
    const refused = (status: number) =>
      senders.refusals.filter((refusal) => refusal.status === status)
    await waitFor('refusals', () =>
      [503, RESOURCE_EXHAUSTED].every((status) => refused(status).length >= 20),
    )
    const [http, grpc] = [refused(503).at(-1)!, refused(RESOURCE_EXHAUSTED).at(-1)!]
    expect(http.retryAfter).toBe('10')
    expect(http.message).toContain('no room on the disk')
    expect(grpc.message).toContain('no room on the disk')
    expect(new Set(senders.refusals.map(({ status }) => status)).size).toBe(2)
    // Not a line for each refusal; a few, as the last bytes go.
    expect(engine.log().split('no room').length).toBeLessThan(10)

    // What the index could write before is found meanwhile.
    for (const id of early) expect([id, await findStep(urls, id)]).toEqual([id, 1])
    expect(await countLines(urls)).toBeGreaterThanOrEqual(60)
    expect(await sumOfDeltas(urls)).toBeGreaterThanOrEqual(60)

    const before = senders.acknowledged.size
    disk.empty()
    await waitFor('room', () => senders.acknowledged.size > before + 50)
    stop.abort()
    await sending
    expect(engine.log()).toContain('can be written again')
    const damage: string[] = []
    const found = journalled(dataDir, (message) => damage.push(message))
    // What the failed writes had begun was cut back.
    expect(damage).toEqual([])
    expect([...found].sort((a, b) => a - b)).toEqual(
      [...senders.acknowledged].sort((a, b) => a - b),
    )
    expect(await countSteps(urls)).toBe(countOf(found, 'traces'))
    expect(await countLines(urls)).toBe(countOf(found, 'logs'))
    expect(await sumOfDeltas(urls)).toBe(countOf(found, 'metrics'))
    engine.kill('SIGTERM')
    expect(await engine.exited).toBe(0)
  },
  60_000,
)

testOnDisk(
  'full at the start (needs the right to mount): it starts, refuses, and takes up when there is room',
  async () => {
    const disk = mounted()
    const dataDir = join(disk.folder, 'data')
    const first = spawnEngine(dataDir)
    const senders = new Senders()
    const sendTo = (urls: Parameters<Senders['send']>[0]) => {
      const stop = new AbortController()
      const sending = senders.send(urls, CLIENTS, stop.signal)
      return () => {
        stop.abort()
        return sending
      }
    }
    const stopFirst = sendTo((await first.ready()).urls)
    await waitFor('acknowledgements', () => senders.acknowledged.size >= 200)
    disk.fill(0)
    await waitFor('refusals', () => senders.refusals.length >= 20)
    first.kill('SIGKILL')
    await Promise.all([stopFirst(), first.exited])

    const held = senders.acknowledged.size
    const refused = senders.refusals.length
    const second = spawnEngine(dataDir)
    const { urls } = await second.ready()
    const stopSecond = sendTo(urls)
    await waitFor('refusals', () => senders.refusals.length >= refused + 20)
    disk.empty()
    await waitFor('room', () => senders.acknowledged.size > held + 50)
    await stopSecond()
    const found = journalled(dataDir)
    expect([...senders.acknowledged].filter((id) => !found.includes(id))).toEqual([])
    expect(await countSteps(urls)).toBe(countOf(found, 'traces'))
    expect(await countLines(urls)).toBe(countOf(found, 'logs'))
    expect(await sumOfDeltas(urls)).toBe(countOf(found, 'metrics'))
    second.kill('SIGTERM')
    expect(await second.exited).toBe(0)
    expect(readdirSync(dataDir).filter((name) => name.includes('aside'))).toEqual([])
  },
  60_000,
)

testOnDisk(
  'full while the index is rebuilt (needs the right to mount): it waits for room, and may be interrupted',
  async () => {
    const disk = mounted()
    const dataDir = join(disk.folder, 'data')
    const journal = new Journal(join(dataDir, 'journal'), { warn: console.error })
    for (let id = 1; id <= 60; id++) {
      const spans = Array.from({ length: 500 }, (_, n) => spanOf(id * 500 + n))
      const request = { resourceSpans: [{ scopeSpans: [{ spans }] }] }
      await journal.append('traces', 'protobuf', Buffer.from(encodeProtobuf('traces', request)))
    }
    await journal.close()
    for (const isInterrupted of [true, false]) {
      disk.fill(300 << 10)
      const rebuild = spawnRebuild(dataDir)
      await waitFor('a word', () => rebuild.log().includes('No space left'))
      if (isInterrupted) rebuild.kill('SIGINT')
      else disk.empty()
      const { code, log, said } = await rebuild.ended
      expect(code).toBe(isInterrupted ? 130 : 0)
      if (isInterrupted) expect(log).toContain('interrupted; the index that was there is kept')
      else expect(said).toContain('60 requests, 30000 spans')
    }
  },
  60_000,
)

testOnDisk(
  'read-only (needs the right to mount): refusals with a reason while it lasts, and a sentence at the start',
  async () => {
    const disk = mounted()
    const dataDir = join(disk.folder, 'data')
    mkdirSync(dataDir)
    disk.remount('ro')
    const none = spawnEngine(dataDir)
    expect(await none.exited).toBe(1)
    expect(none.log()).toContain(`The data folder ${dataDir} cannot be used: EROFS`)
    disk.remount('rw')
  },
  60_000,
)

test('a data folder that is removed ends the engine, with a sentence, before more is promised', async () => {
  const dataDir = join(temporaryFolder(), 'data')
  const engine = spawnEngine(dataDir)
  const senders = new Senders()
  const stop = new AbortController()
  const sending = senders.send((await engine.ready()).urls, CLIENTS, stop.signal)
  await waitFor('acknowledgements', () => senders.acknowledged.size >= 200)
  rmSync(dataDir, { recursive: true })
  expect(await engine.exited).toBe(1)
  stop.abort()
  await sending
  expect(engine.log()).toContain('was deleted while the engine ran')
  expect(readdirSync(join(dataDir, '..'))).toEqual([])
}, 60_000)
