// The engine as users start it: a process, its ports, its files and its end.

import { afterAll, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { credentials, Metadata, makeGenericClientConstructor } from '@grpc/grpc-js'
import { cleanUp, spawnEngine, temporaryFolder, waitFor } from './test/engine-process.ts'
import { post, protobufOf, traceIdOf } from './test/requests.ts'

afterAll(cleanUp)

async function found(ui: string, id: number): Promise<number> {
  const answer = await fetch(`${ui}/api/traces/${traceIdOf(id)}`)
  if (!answer.ok) return 0
  const { data } = (await answer.json()) as { data: { spans: unknown[] }[] }
  return data[0]?.spans.length ?? 0
}

function exportByGrpc(otlpGrpc: string, id: number): Promise<Error | null> {
  const Client = makeGenericClientConstructor({}, 'TraceService')
  const client = new Client(new URL(otlpGrpc).host, credentials.createInsecure())
  const asIs = (bytes: Buffer) => bytes
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      asIs,
      asIs,
      Buffer.from(protobufOf(id)),
      new Metadata(),
      (error) => {
        client.close()
        resolve(error)
      },
    )
  })
}

test('what each transport acknowledges is found, also after a restart, once', async () => {
  const dataDir = temporaryFolder()
  const first = spawnEngine(dataDir)
  const { urls, pid } = await first.ready()
  expect(pid).toBe(first.pid)
  expect(await post(urls.otlpHttp!, 1, 'protobuf')).toBe(200)
  expect(await post(urls.otlpHttp!, 2, 'json')).toBe(200)
  expect(await exportByGrpc(urls.otlpGrpc!, 3)).toBeNull()
  for (const id of [1, 2, 3]) expect(await found(urls.ui!, id)).toBe(1)
  first.kill('SIGTERM')
  expect(await first.exited).toBe(0)

  const second = spawnEngine(dataDir)
  const again = (await second.ready()).urls
  for (const id of [1, 2, 3]) expect(await found(again.ui!, id)).toBe(1)
  second.kill('SIGINT')
  expect(await second.exited).toBe(0)
}, 60_000)

test('what has been acknowledged is in the answer to the very next question', async () => {
  const engine = spawnEngine(temporaryFolder())
  const { urls } = await engine.ready()
  for (let id = 1; id <= 100; id++) {
    await post(urls.otlpHttp!, id, 'protobuf')
    expect([id, await found(urls.ui!, id)]).toEqual([id, 1])
  }
  engine.kill('SIGTERM')
  expect(await engine.exited).toBe(0)
}, 60_000)

test('the ready files say what listens where, and go at a clean end', async () => {
  const dataDir = join(temporaryFolder(), 'made', 'by', 'it')
  const own = join(dataDir, 'ready.json')
  const asked = join(temporaryFolder(), 'asked.json')
  const engine = spawnEngine(dataDir, ['--loki', 'off', '--ready-file', asked])
  const description = await engine.ready()
  await waitFor('the file that was asked for', () => existsSync(asked))
  expect(JSON.parse(readFileSync(asked, 'utf8'))).toEqual(description)
  expect(statSync(dataDir).mode & 0o777).toBe(0o700)
  expect(Object.keys(description)).toEqual(['pid', 'dataDir', 'urls'])
  expect(Object.keys(description.urls).sort()).toEqual(
    ['metrics', 'otlpGrpc', 'otlpHttp', 'prometheus', 'ui'].sort(),
  )
  expect((await fetch(`${description.urls.ui}/readyz`)).status).toBe(200)
  expect((await fetch(`${description.urls.metrics}/metrics`)).status).toBe(200)
  expect((await fetch(`${description.urls.otlpHttp}/v1/traces`)).status).toBe(405)
  engine.kill('SIGTERM')
  expect(await engine.exited).toBe(0)
  expect([existsSync(own), existsSync(asked)]).toEqual([false, false])
  expect(engine.log()).toBe('')
}, 60_000)

test('without a ready file asked for, a person reads what listens where', async () => {
  const engine = spawnEngine(temporaryFolder())
  const { urls, dataDir } = await engine.ready()
  for (const told of [...Object.values(urls), dataDir])
    await waitFor(`${told} to be said`, () => engine.log().includes(told!))
  engine.kill('SIGTERM')
  expect(await engine.exited).toBe(0)
}, 60_000)

test('a request under way is waited for, a second SIGINT is not', async () => {
  const half = 'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
  for (const patient of [true, false]) {
    const dataDir = temporaryFolder()
    const engine = spawnEngine(dataDir)
    const { urls } = await engine.ready()
    const { hostname, port } = new URL(urls.otlpHttp!)
    let answer = ''
    const client = await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        data(_, bytes) {
          answer += bytes.toString()
        },
      },
    })
    // Whole but for its last byte, and known to have arrived when a later request was answered.
    client.write(`${half}Content-Length: 2\r\n\r\n{`)
    expect(await post(urls.otlpHttp!, 1, 'json')).toBe(200)
    engine.kill('SIGINT')
    await waitFor('the end to begin', () => !existsSync(join(dataDir, 'ready.json')))
    if (patient) client.write('}')
    else engine.kill('SIGINT')
    expect(await engine.exited).toBe(patient ? 0 : 130)
    expect(answer.startsWith('HTTP/1.1 200')).toBe(patient)
    client.end()
  }
}, 60_000)

test.each(['otlp-http', 'otlp-grpc', 'ui'])(
  'a taken port is named with its flag --%s, and nothing stays behind',
  async (flag) => {
    const taken = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response() })
    const dataDir = temporaryFolder()
    const engine = spawnEngine(dataDir, [`--${flag}`, String(taken.port)])
    expect(await engine.exited).toBe(1)
    expect(engine.log()).toContain(`Port ${taken.port}`)
    expect(engine.log()).toContain(`--${flag} PORT`)
    expect(readdirSync(dataDir)).not.toContain('ready.json')
    await taken.stop(true)
  },
  60_000,
)

test('a second engine on the same folder says whose it is and ends', async () => {
  const dataDir = temporaryFolder()
  const first = spawnEngine(dataDir)
  const { urls } = await first.ready()
  const second = spawnEngine(dataDir)
  expect(await second.exited).toBe(1)
  expect(second.log()).toContain(
    `The data folder ${dataDir} is in use by another stepwell that is running (pid ${first.pid}), with its page at ${urls.ui}`,
  )
  // The first one has not noticed.
  expect(await post(urls.otlpHttp!, 1, 'json')).toBe(200)
  expect(existsSync(join(dataDir, 'ready.json'))).toBe(true)
  first.kill('SIGTERM')
  expect(await first.exited).toBe(0)
}, 60_000)

test('wrong settings are named and nothing is started', async () => {
  const dataDir = join(temporaryFolder(), 'not-made')
  const engine = spawnEngine(dataDir, ['--otlp-htp', '1'])
  expect(await engine.exited).toBe(125)
  expect(engine.log()).toBe(
    'stepwell up: unknown flag --otlp-htp; did you mean --otlp-http?\n  stepwell up --help says what there is.\n',
  )
  expect(existsSync(dataDir)).toBe(false)
})

test('a data folder that cannot be one is named', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  const engine = spawnEngine(file)
  expect(await engine.exited).toBe(1)
  expect(engine.log()).toContain(`The data folder ${file} cannot be used`)
  expect(engine.log()).toContain('--data DIR')
})
