import { afterEach, expect, test } from 'bun:test'
import type { EngineConfig } from '../../config/config.ts'
import { startTestEngine, type TestEngine } from '../testing/engine.ts'
import { logsRequest } from '../testing/input.ts'
import type { Entry } from './entry.ts'
import { TailQueue } from './tail-queue.ts'

const NOW = Date.UTC(2026, 10, 20, 10, 30)
const ago = (seconds: number) => BigInt(NOW - seconds * 1000) * 1_000_000n

let engine: TestEngine
const sockets: WebSocket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close()
  await engine.stop()
})

interface Told {
  readonly streams: { stream: Record<string, string>; values: [string, string, unknown?][] }[]
  readonly encodingFlags?: string[]
}

async function tail(query: Record<string, string>, headers: Record<string, string> = {}) {
  const url = `${engine.url.loki.replace('http', 'ws')}/loki/api/v1/tail?${new URLSearchParams(query)}`
  // The types know browsers' alone, which take no headers.
  const socket = new WebSocket(url, { headers } as never)
  sockets.push(socket)
  const told: Told[] = []
  socket.addEventListener('message', ({ data }) => told.push(JSON.parse(String(data))))
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  const lines = () =>
    told.flatMap(({ streams }) => streams.flatMap(({ values }) => values.map(([, line]) => line)))
  return { socket, told, lines }
}

async function until(holds: () => boolean) {
  const limit = Date.now() + 5000
  while (!holds()) {
    if (Date.now() > limit) throw new Error('not within 5 s')
    await Bun.sleep(5)
  }
}

const start = async (config: Partial<EngineConfig> = {}) => {
  engine = await startTestEngine(config)
}

const ALL = '{service_name=~".+"}'

test('the newest lines so far in the order of time, then each that comes and that the query keeps', async () => {
  await start()
  engine.store.acceptLogs(
    logsRequest(
      [3, 2, 1].map((i) => ({ time: ago(i), line: `past ${i}`, attributes: { i: String(i) } })),
    ),
  )
  const { told, lines } = await tail({
    query: `${ALL} != "quiet" | line_format "<{{__line__}}>"`,
    limit: '2',
  })
  await until(() => lines().length === 2)
  expect(lines()).toEqual(['<past 2>', '<past 1>'])
  engine.store.acceptLogs(
    logsRequest([
      { time: ago(-1), line: 'live' },
      { time: ago(9), line: 'late' },
      { time: ago(-2), line: 'quiet' },
    ]),
  )
  await until(() => lines().length === 4)
  expect(lines().slice(2)).toEqual(['<late>', '<live>'])
  expect(told[0]!.streams[0]!.stream).toMatchObject({ service_name: 'shop', i: '2' })
  expect(told[0]!.encodingFlags).toBeUndefined()
})

test('metadata is apart where the client asks for categories', async () => {
  await start()
  const flags = { 'x-loki-response-encoding-flags': 'categorize-labels' }
  const { told } = await tail({ query: `${ALL} | logfmt` }, flags)
  engine.store.acceptLogs(logsRequest([{ time: ago(0), line: 'k=v' }]))
  await until(() => told.length === 1)
  expect(told[0]).toEqual({
    streams: [
      {
        stream: { service_name: 'shop' },
        values: [
          [
            String(ago(0)),
            'k=v',
            { structuredMetadata: { detected_level: 'unknown' }, parsed: { k: 'v' } },
          ],
        ],
      },
    ],
    encodingFlags: ['categorize-labels'],
  })
})

test('a line that is both past and live is told once', async () => {
  await start()
  const { scanLogs } = engine.store
  const line = { time: ago(1), line: 'at the seam' }
  // It is indexed, and told of, while the past is being read.
  engine.store.scanLogs = async function (this: typeof engine.store, ...given) {
    this.acceptLogs(logsRequest([line]))
    await scanLogs.apply(this, given)
  }
  const { lines } = await tail({ query: ALL, delay_for: '1' })
  await until(() => lines().length === 1)
  engine.store.acceptLogs(logsRequest([{ time: ago(0), line: 'behind it' }]))
  await until(() => lines().includes('behind it'))
  expect(lines()).toEqual(['at the seam', 'behind it'])
})

test('a client that leaves is forgotten, and only ten may listen', async () => {
  await start()
  const first = await tail({ query: ALL })
  for (let i = 1; i < 10; i++) await tail({ query: ALL })
  const url = `${engine.url.loki}/loki/api/v1/tail?${new URLSearchParams({ query: ALL })}`
  const refused = await fetch(url)
  expect([refused.status, await refused.text()]).toEqual([
    400,
    'max concurrent tail requests limit exceeded, count > limit (11 > 10)',
  ])
  first.socket.close()
  await until(() => first.socket.readyState === WebSocket.CLOSED)
  await tail({ query: ALL })
})

test.each([
  [{}, 400, 'parse error : syntax error: unexpected $end'],
  [{ query: 'rate({a="b"}[1m])' }, 400, 'parse error : only label matchers are supported'],
  [{ query: ALL, delay_for: '6' }, 400, 'delay_for must be between 0 and 5'],
  [{ query: ALL, limit: '5001' }, 400, 'max entries limit per query exceeded'],
  [{ query: ALL }, 426, 'This is for WebSockets'],
])('%p is refused before there is a connection', async (query, status, message) => {
  await start()
  const answer = await fetch(
    `${engine.url.loki}/loki/api/v1/tail?${new URLSearchParams(query as Record<string, string>)}`,
  )
  expect(answer.status).toBe(status)
  expect(await answer.text()).toStartWith(message)
})

const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

test.each<[string, Partial<EngineConfig>, Record<string, string>, number]>([
  ['without the token', { token: 'secret' }, {}, 401],
  ['with another token', { token: 'secret' }, { authorization: 'Bearer guess' }, 401],
  ['with the token', { token: 'secret' }, { authorization: 'Bearer secret' }, 101],
  ['from a foreign page', {}, { origin: 'https://evil.example' }, 403],
  [
    'from an allowed page',
    { allowOrigins: ['https://good.example'] },
    { origin: 'https://good.example' },
    101,
  ],
  ['by a rebound name', {}, { host: 'evil.example' }, 403],
])('a WebSocket passes the same gate: %s', async (_, config, headers, status) => {
  await start(config)
  const { hostname, port } = new URL(engine.url.loki)
  const lines = Object.entries({ host: 'localhost', ...HANDSHAKE, ...headers })
  const answered = await new Promise<string>((resolve, reject) => {
    Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        open: (socket) => {
          const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
          socket.write(
            `GET /loki/api/v1/tail?query=${encodeURIComponent(ALL)} HTTP/1.1\r\n${head}\r\n`,
          )
        },
        data: (socket, bytes) => {
          resolve(bytes.toString())
          socket.end()
        },
        error: (_socket, error) => reject(error),
      },
    }).catch(reject)
  })
  expect(answered).toStartWith(`HTTP/1.1 ${status}`)
})

const entry = (i: number, line = `line ${i}`): Entry => ({
  time: BigInt(i),
  line,
  labels: {},
  metadata: {},
})

test('a queue holds lines back for the delay, gives them in the order of time, and forgets the oldest', async () => {
  await start()
  const queue = new TailQueue(1000)
  queue.push(entry(2), 0)
  queue.push(entry(1), 10)
  expect(queue.dueIn(500)).toBe(500)
  expect(queue.take(999).entries).toEqual([])
  expect(queue.take(1010).entries).toEqual([entry(1), entry(2)])
  for (let i = 0; i < 25_000; i++) queue.push(entry(i), 0)
  const { entries, dropped } = queue.take(2000)
  expect(entries[0]).toEqual(entry(5000))
  expect(entries).toHaveLength(500)
  expect(dropped).toHaveLength(1000)
  expect(dropped[0]).toEqual(entry(0, ''))
  expect(queue.size).toBe(19_500)
})

test('a reader that does not read costs no memory without end, and learns what it lost', async () => {
  await start()
  const { hostname, port } = new URL(engine.url.loki)
  const received: Buffer[] = []
  let open = false
  const client = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data: (socket, bytes) => {
        received.push(Buffer.from(bytes))
        if (!open) socket.pause()
        open = true
      },
    },
  })
  const head = Object.entries({ host: 'localhost', ...HANDSHAKE }).map(([n, v]) => `${n}: ${v}\r\n`)
  client.write(
    `GET /loki/api/v1/tail?query=${encodeURIComponent(ALL)} HTTP/1.1\r\n${head.join('')}\r\n`,
  )
  await until(() => open)
  const text = 'x'.repeat(100_000)
  for (let i = 0; i < 600; i++)
    engine.store.acceptLogs(logsRequest([{ time: ago(-i), line: `${i} ${text}` }]))
  client.resume()
  await until(() => Buffer.concat(received).includes('dropped_entries'))
  client.end()
})
