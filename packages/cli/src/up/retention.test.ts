// A real engine that deletes: by age and by size, while it is asked without a pause, and through kill -9.

import { afterAll, expect, test } from 'bun:test'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { encodeProtobuf, keyValues } from '@stepwell/otlp'
import {
  cleanUp,
  type EngineProcess,
  spawnEngine,
  temporaryFolder,
  waitFor,
} from './test/engine-process.ts'
import { traceIdOf } from './test/requests.ts'

afterAll(cleanUp)

const randomText = (bytes: number) =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex')

/** Sends a step of that number among spans that no compression makes small. */
async function send(otlpHttp: string, id: number, others: number): Promise<void> {
  const now = BigInt(Date.now()) * 1_000_000n
  const times = { startTimeUnixNano: now - 5_000_000n, endTimeUnixNano: now }
  const step = {
    ...times,
    traceId: traceIdOf(id),
    spanId: id.toString(16).padStart(16, '0'),
    name: 'claude/plan',
    attributes: keyValues({
      'stepwell.kind': 'step',
      'agent.name': 'claude',
      outcome: 'success',
      note: randomText(100),
    }),
  }
  const spans = Array.from({ length: others }, () => ({
    ...times,
    traceId: randomText(16),
    spanId: randomText(8),
    name: 'work',
    attributes: keyValues({ text: randomText(60) }),
  }))
  const answer = await fetch(`${otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: Buffer.from(
      encodeProtobuf('traces', {
        resourceSpans: [
          {
            resource: { attributes: keyValues({ 'service.name': 'agent-steps' }) },
            scopeSpans: [{ spans: [step, ...spans] }],
          },
        ],
      }),
    ),
  })
  expect(answer.status).toBe(200)
}

async function metricsOf(url: string): Promise<(name: string) => number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return (name) =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

/** A file may go while they are looked at. */
const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0

const stepsIn = async (url: string) => (await metricsOf(url))('agent_step_success_total')
const deletedIn = async (url: string) =>
  (await metricsOf(url))('stepwell_retention_deleted_segments_total')

async function isThere(ui: string, id: number): Promise<boolean> {
  const answer = await fetch(`${ui}/api/traces/${traceIdOf(id)}`)
  expect([200, 404]).toContain(answer.status)
  return answer.status === 200
}

async function end(engine: EngineProcess): Promise<void> {
  engine.kill('SIGTERM')
  expect(await engine.exited).toBe(0)
}

test('what is older than --retention goes, also where nothing more is sent; its count stays', async () => {
  const dataDir = temporaryFolder()
  const args = ['--retention', '3s']
  const first = spawnEngine(dataDir, args)
  let { urls } = await first.ready()
  await send(urls.otlpHttp!, 1, 0)
  expect(await isThere(urls.ui!, 1)).toBe(true)
  await waitFor('the trace to be gone', async () => !(await isThere(urls.ui!, 1)))
  await waitFor('a line about it', () => first.log().includes('retention: deleted a segment'))
  expect(await stepsIn(urls.metrics!)).toBe(1)
  await end(first)

  const second = spawnEngine(dataDir, args)
  urls = (await second.ready()).urls
  expect(await stepsIn(urls.metrics!)).toBe(1)
  // The same once more: what was counted and forgotten is not counted again.
  await send(urls.otlpHttp!, 2, 0)
  expect(await stepsIn(urls.metrics!)).toBe(2)
  await end(second)
}, 60_000)

test('--max-size is kept while the engine is asked without a pause, and is killed', async () => {
  const dataDir = temporaryFolder()
  const limit = 6_000_000
  const args = ['--max-size', '6MB']
  let id = 0
  for (let life = 1; life <= 3; life++) {
    const engine = spawnEngine(dataDir, args)
    const { urls } = await engine.ready()
    const stop = { now: false }
    const asking = Promise.all(
      [1, 2].map(async () => {
        while (!stop.now) {
          await isThere(urls.ui!, 1 + Math.floor(Math.random() * (id + 1)))
          const search = await fetch(`${urls.ui}/api/traces?service=agent-steps&limit=5`)
          expect(search.status).toBe(200)
        }
      }),
    )
    const goal = life * 20
    await waitFor('the engine to delete', async () => {
      for (let batch = 0; batch < 10; batch++) await send(urls.otlpHttp!, ++id, 300)
      return id > goal && (await deletedIn(urls.metrics!)) > 10
    })
    expect(await isThere(urls.ui!, 1)).toBe(false)
    expect(await isThere(urls.ui!, id)).toBe(true)
    expect(await stepsIn(urls.metrics!)).toBe(id)
    await waitFor('the journal to be within the limit', () => {
      const journal = join(dataDir, 'journal')
      return (
        readdirSync(journal).reduce((sum, name) => sum + sizeOf(join(journal, name)), 0) < limit
      )
    })
    stop.now = true
    await asking
    const said = () => engine.log().includes('more than --max-size has room for')
    await waitFor('a line about it', said)
    engine.kill('SIGKILL')
    await engine.exited
  }
  const last = spawnEngine(dataDir, args)
  const { urls } = await last.ready()
  expect(await stepsIn(urls.metrics!)).toBe(id)
  await end(last)
}, 120_000)
