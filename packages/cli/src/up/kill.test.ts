// Acknowledged means durable: the engine is killed and stopped among many clients, and the set acknowledged is
// compared with the set that the journal holds. STEPWELL_KILL_ROUNDS asks for more rounds than the usual few.

import { afterAll, expect, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJson, decodeProtobuf } from '@stepwell/otlp'
import { JournalReader } from '@stepwell/server/journal/reader'
import { cleanUp, spawnEngine, temporaryFolder, waitFor } from './test/engine-process.ts'
import { jsonOf, post } from './test/requests.ts'

const CLIENTS = 12

/** Ids of all spans in the journal, in order. */
function journalled(dataDir: string, warn: (message: string) => void = () => {}): number[] {
  const reader = new JournalReader(join(dataDir, 'journal'), { warn })
  const ids = [...reader.replay(undefined)].flat().flatMap(({ encoding, body }) => {
    const request =
      encoding === 'json' ? decodeJson('traces', body) : decodeProtobuf('traces', body)
    return request.resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) => spans.map(({ spanId }) => Number.parseInt(spanId, 16))),
    )
  })
  reader.close()
  return ids
}

class Clients {
  readonly sent = new Set<number>()
  readonly acknowledged = new Set<number>()
  readonly statuses = new Map<number, number>()
  #next = 1

  /** Posts from many connections until `until` resolves or the engine is gone. */
  async send(otlpHttp: string, stop: { now: boolean }): Promise<void> {
    await Promise.all(Array.from({ length: CLIENTS }, () => this.#client(otlpHttp, stop)))
  }

  async #client(otlpHttp: string, stop: { now: boolean }): Promise<void> {
    while (!stop.now) {
      const id = this.#next++
      this.sent.add(id)
      try {
        const status = await post(otlpHttp, id, id % 2 === 0 ? 'json' : 'protobuf')
        this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
        if (status === 200) this.acknowledged.add(id)
      } catch {
        // The connection broke: nothing was promised.
        return
      }
    }
  }
}

function compare(dataDir: string, clients: Clients): void {
  const found = journalled(dataDir)
  const set = new Set(found)
  expect([...clients.acknowledged].filter((id) => !set.has(id))).toEqual([])
  expect(found.filter((id) => !clients.sent.has(id))).toEqual([])
  expect(found.length).toBe(set.size)
}

test('kill -9 among many clients loses nothing that was acknowledged', async () => {
  const rounds = Number(process.env.STEPWELL_KILL_ROUNDS ?? 4)
  const seed = Number(process.env.STEPWELL_TEST_SEED ?? Date.now() % 1_000_000)
  console.log(`kill seed ${seed}, ${rounds} rounds (STEPWELL_TEST_SEED, STEPWELL_KILL_ROUNDS)`)
  let state = seed
  const random = (bound: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >>> 8) % bound
  }
  const dataDir = temporaryFolder()
  const clients = new Clients()
  for (let round = 0; round < rounds; round++) {
    const engine = spawnEngine(dataDir)
    const { urls } = await engine.ready()
    const stop = { now: false }
    const sending = clients.send(urls.otlpHttp!, stop)
    const until = clients.acknowledged.size + 1 + random(400)
    await waitFor('acknowledgements', () => clients.acknowledged.size >= until)
    engine.kill('SIGKILL')
    stop.now = true
    await Promise.all([sending, engine.exited])
    compare(dataDir, clients)
  }
  const last = spawnEngine(dataDir)
  const { urls } = await last.ready()
  const [some] = [...clients.acknowledged].slice(-1)
  const trace = some!.toString(16).padStart(16, '0').repeat(2)
  expect((await fetch(`${urls.ui}/api/traces/${trace}`)).status).toBe(200)
  last.kill('SIGTERM')
  expect(await last.exited).toBe(0)
  compare(dataDir, clients)
}, 120_000)

test('SIGTERM among many clients ends cleanly, and keeps what was acknowledged', async () => {
  const dataDir = temporaryFolder()
  const engine = spawnEngine(dataDir)
  const { urls } = await engine.ready()
  const clients = new Clients()
  const stop = { now: false }
  const sending = clients.send(urls.otlpHttp!, stop)
  await waitFor('acknowledgements', () => clients.acknowledged.size >= 100)
  engine.kill('SIGTERM')
  expect(await engine.exited).toBe(0)
  stop.now = true
  await sending
  expect(engine.log()).not.toContain('unfinished write')
  compare(dataDir, clients)
}, 60_000)

const small = mkdtempSync(join(tmpdir(), 'stepwell-small-'))
const mounted = mountSmallDisk(small)

afterAll(async () => {
  await cleanUp()
  if (mounted) execFileSync('umount', ['-l', small])
  rmSync(small, { recursive: true })
})

function mountSmallDisk(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test.skipIf(!mounted)(
  'a full disk (needs the right to mount): 503 with a reason, nothing lost, and it resumes when there is room',
  async () => {
    const engine = spawnEngine(small)
    const { urls } = await engine.ready()
    const clients = new Clients()
    const stop = { now: false }
    const ballast = join(small, 'ballast')
    const { bavail, bsize } = statfsSync(small)
    writeFileSync(ballast, Buffer.alloc(bavail * bsize - (64 << 10)))
    const sending = clients.send(urls.otlpHttp!, stop)
    await waitFor('refusals', () => (clients.statuses.get(503) ?? 0) >= 20)
    const refused = await fetch(`${urls.otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: jsonOf(2 ** 40),
    })
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('10')
    expect(((await refused.json()) as { message: string }).message).toContain('no room')
    // Not a line for each refusal; a few, as the last bytes go.
    expect(engine.log().split('no room').length).toBeLessThan(10)
    const before = clients.acknowledged.size
    rmSync(ballast)
    await waitFor('room', () => clients.acknowledged.size > before + 50)
    stop.now = true
    await sending
    expect(engine.log()).toContain('can be written again')
    expect([...clients.statuses.keys()].sort()).toEqual([200, 503])
    engine.kill('SIGTERM')
    expect(await engine.exited).toBe(0)
    compare(small, clients)
    // What the failed writes had begun was cut back.
    const damage: string[] = []
    journalled(small, (message) => damage.push(message))
    expect(damage).toEqual([])
  },
  60_000,
)
