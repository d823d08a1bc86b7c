// Tries to get in without: each door of a running engine, with every wrong key that one could think of.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { encodeJson } from '@stepwell/otlp'
import type { EngineDescription } from '@stepwell/server'
import { makeCertificate } from './test/certificate.ts'
import { cleanUp, type EngineProcess, spawnEngine, temporaryFolder } from './test/engine-process.ts'
import { oneSpan, protobufOf, traceIdOf } from './test/requests.ts'

afterAll(cleanUp)

const TOKEN = 'correct-horse-battery'
/** The name of the one service that the engine knows: who reads it is in. */
const TREASURE = 'up-test'

type Port = keyof EngineDescription['urls']
type Urls = Record<Port, string>

/** What answers to the token, and to nothing else. */
const DOORS: readonly (readonly [port: Port, path: string, method?: 'GET' | 'POST'])[] = [
  ['otlpHttp', '/v1/traces', 'POST'],
  ['otlpHttp', '/v1/metrics', 'POST'],
  ['otlpHttp', '/v1/logs', 'POST'],
  ['metrics', '/metrics'],
  ['prometheus', '/api/v1/query?query=up'],
  ['prometheus', '/api/v1/label/__name__/values'],
  ['prometheus', '/api/v1/query_exemplars?query=up', 'POST'],
  ['prometheus', '/api/v1/status/buildinfo'],
  ['prometheus', '/-/reload', 'POST'],
  ['loki', '/loki/api/v1/labels'],
  ['loki', '/loki/api/v1/query?query={service_name="x"}'],
  ['loki', '/loki/api/v1/tail?query={service_name="x"}'],
  ['ui', '/'],
  ['ui', '/index.html'],
  ['ui', '/api/services'],
  ['ui', `/api/traces/${traceIdOf(1)}`],
  ['ui', '/api/v3/services'],
  ['ui', '/api/live'],
  ['ui', '/api/v1/query?query=up'],
  ['ui', '/api/sql?query=select+1'],
  ['ui', '/api/sql', 'POST'],
  ['ui', '/loki/api/v1/labels'],
  ['ui', '/nothing/here'],
]

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

const WRONG_KEYS: readonly Readonly<Record<string, string>>[] = [
  {},
  { authorization: '' },
  { authorization: 'Bearer' },
  { authorization: 'Bearer ' },
  { authorization: `Bearer ${TOKEN.slice(0, -1)}` },
  { authorization: `Bearer ${TOKEN}x` },
  { authorization: `Bearer ${TOKEN.toUpperCase()}` },
  { authorization: `Bearer ${TOKEN}, Bearer ${TOKEN}` },
  { authorization: `Bearer wrong, Bearer ${TOKEN}` },
  { authorization: `Bearer Bearer ${TOKEN}` },
  { authorization: `Bearer "${TOKEN}"` },
  { authorization: `Bearer${TOKEN}` },
  { authorization: `Token ${TOKEN}` },
  { authorization: TOKEN },
  { authorization: basic(TOKEN) },
  { authorization: basic(`user:${TOKEN}`) },
  { authorization: 'Bearer undefined' },
  { 'proxy-authorization': `Bearer ${TOKEN}` },
  { 'x-authorization': `Bearer ${TOKEN}` },
  { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1', forwarded: 'for=127.0.0.1' },
  { token: TOKEN },
  { cookie: `stepwell_session=${TOKEN}` },
  { cookie: 'stepwell_session=' },
  { cookie: `token=${TOKEN}` },
  { cookie: `authorization=Bearer ${TOKEN}` },
]

/** What is sent over a raw connection and comes back until it is closed: fetch would put paths and headers right. */
function raw(url: string, text: string, tls?: ConnectionOptions): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const target = { host: hostname, port: Number(port) }
    const socket: Socket = tls ? connectTls({ ...target, ...tls }) : connect(target)
    let answer = ''
    socket.on(tls ? 'secureConnect' : 'connect', () => socket.write(text))
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
}

const lines = (head: string, headers: Readonly<Record<string, string>> = {}) =>
  [
    head,
    'Host: localhost',
    'Connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n')

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])

/** Exports a span by gRPC; the status, undefined where there is no connection. */
function exportByGrpc(
  url: string,
  headers: Readonly<Record<string, string>>,
  tls: ConnectionOptions = {},
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const session = connectHttp2(url, tls)
    session.on('error', () => resolve(undefined))
    const stream = session.request({
      ':method': 'POST',
      ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    })
    let status: string | undefined
    const noted = (seen: Readonly<Record<string, unknown>>) => {
      if (seen['grpc-status'] !== undefined) status = String(seen['grpc-status'])
    }
    stream.on('response', noted)
    stream.on('trailers', noted)
    stream.on('data', () => {})
    stream.on('error', () => {})
    stream.on('close', () => {
      session.close()
      resolve(status)
    })
    const message = protobufOf(2)
    stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]))
  })
}

const [GRPC_OK, GRPC_UNAUTHENTICATED] = ['0', '16']
const KEY = { authorization: `Bearer ${TOKEN}` }

async function start(args: readonly string[]): Promise<[EngineProcess, Urls]> {
  const tokenFile = join(temporaryFolder(), 'token')
  writeFileSync(tokenFile, `${TOKEN}\n`, { mode: 0o600 })
  const engine = spawnEngine(temporaryFolder(), ['--token-file', tokenFile, ...args])
  return [engine, (await engine.ready()).urls as Urls]
}

async function send(url: string, options: BunFetchRequestInit = {}): Promise<number> {
  const answer = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...KEY },
    body: encodeJson('traces', oneSpan(1)),
    ...options,
  })
  return answer.status
}

describe('with a token', () => {
  let urls: Urls
  beforeAll(async () => {
    ;[, urls] = await start([])
    expect(await send(urls.otlpHttp)).toBe(200)
  })

  test.each(DOORS)('%s %s %s opens to the token alone', async (port, path, method = 'GET') => {
    const target = encodeURI(path)
    const ask = (headers: Readonly<Record<string, string>>) =>
      raw(urls[port], lines(`${method} ${target} HTTP/1.1`, { ...headers, 'Content-Length': '0' }))
    for (const key of WRONG_KEYS) {
      const answer = await ask(key)
      expect([key, statusOf(answer)]).toEqual([key, 401])
      expect(answer).not.toContain(TREASURE)
    }
    const inAddress = target.includes('?') ? '&' : '?'
    if (path.startsWith('/api/') || port !== 'ui') {
      const odd = `${target}${inAddress}token=${TOKEN}&access_token=${TOKEN}`
      const answer = await raw(urls[port], lines(`${method} ${odd} HTTP/1.1`))
      expect(statusOf(answer)).toBe(401)
    }
    if (path.startsWith('/api/live')) return
    expect(statusOf(await ask(KEY))).not.toBe(401)
  })

  test('gRPC opens to the token alone', async () => {
    for (const key of WRONG_KEYS) {
      expect([key, await exportByGrpc(urls.otlpGrpc, key)]).toEqual([key, GRPC_UNAUTHENTICATED])
    }
    expect(await exportByGrpc(urls.otlpGrpc, KEY)).toBe(GRPC_OK)
  })

  test.each(['/api/live', '/loki/api/v1/tail?query=%7Ba=%22b%22%7D', '/', '/healthz'])(
    'an upgrade to a web socket at %s',
    async (path) => {
      for (const port of ['ui', 'loki', 'prometheus', 'metrics'] as const) {
        const answer = await raw(
          urls[port],
          `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
        )
        const isOpen = port === 'ui' && path === '/healthz'
        expect([port, statusOf(answer)]).toEqual([port, isOpen ? 200 : 401])
      }
    },
  )

  test.each([
    '//api/services',
    '/./api/services',
    '/healthz/../api/services',
    '/healthz/..%2fapi/services',
    '/healthz%2f..%2fapi/services',
    '/healthz/%2e%2e/api/services',
    '/%61pi/services',
    '/api%2fservices',
    '/API/services',
    '/login/../api/services',
    '/login',
    '/healthz;/api/services',
    '/healthz/',
    '/healthz\\..\\api\\services',
    '/api/services?/healthz',
    '/api/services#/healthz',
    'http://localhost/api/services',
    'http://localhost/healthz/../api/services',
    '//localhost/healthz/../api/services',
    '*',
  ])('the path %s leads nowhere', async (path) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'BREW']) {
      const answer = await raw(urls.ui, lines(`${method} ${path} HTTP/1.1`))
      expect([method, answer]).not.toEqual([method, expect.stringContaining(TREASURE)])
      // What is no method of HTTP's is cut off without an answer.
      if (answer !== '') expect([400, 401, 404, 405]).toContain(statusOf(answer))
    }
    expect(await raw(urls.ui, lines(`OPTIONS ${path} HTTP/1.1`))).not.toContain(TREASURE)
  })

  test.each([
    '/../../../../../../etc/passwd',
    '/..%2f..%2f..%2f..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
    '/assets/..%5c..%5c..%5cetc/passwd',
    '/assets/../../../../etc/passwd%00.js',
    '//etc/passwd',
    'file:///etc/passwd',
  ])('who is in gets no file of the machine by %s', async (path) => {
    const answer = await raw(urls.ui, lines(`GET ${path} HTTP/1.1`, KEY))
    expect(answer).not.toContain('root:')
  })

  test('two requests in one are two to the gate', async () => {
    const smuggled = `GET /api/services HTTP/1.1\r\nHost: localhost\r\n\r\n`
    const head = `GET /healthz HTTP/1.1\r\nHost: localhost\r\n`
    for (const text of [
      `${head}\r\n${smuggled}`,
      `${head}Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      `${head}Content-Length: ${smuggled.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `${head}X: y\nConnection: close\n\n${smuggled}`,
    ]) {
      const answer = await raw(urls.ui, `${text}GET /healthz HTTP/1.0\r\nConnection: close\r\n\r\n`)
      expect(answer).not.toContain(TREASURE)
    }
  })

  test('another name for this host, with the right token', async () => {
    for (const port of ['ui', 'loki', 'prometheus', 'metrics'] as const) {
      const evil = lines('GET /api/services HTTP/1.1', KEY).replace('localhost', 'evil.example')
      expect([port, statusOf(await raw(urls[port], evil))]).toEqual([port, 403])
    }
  })

  test('a page of another origin may not send or change, whatever it knows', async () => {
    for (const origin of ['http://evil.example', 'null', 'http://localhost:1']) {
      for (const [port, path] of [
        ['otlpHttp', '/v1/traces'],
        ['ui', '/login'],
        ['ui', '/api/v1/query'],
        ['prometheus', '/api/v1/query'],
        ['loki', '/loki/api/v1/labels'],
      ] as const) {
        const headers = { ...KEY, Origin: origin, 'Content-Length': '0' }
        const answer = await raw(urls[port], lines(`POST ${path} HTTP/1.1`, headers))
        expect([origin, path, statusOf(answer)]).toEqual([origin, path, 403])
        expect(answer.toLowerCase()).not.toContain('access-control-allow-origin')
      }
    }
  })

  test('the form lets no wrong token in', async () => {
    for (const token of ['', 'wrong', `${TOKEN} `, `${TOKEN}\0`, TOKEN.toUpperCase()]) {
      const answer = await fetch(`${urls.ui}/login`, {
        method: 'POST',
        body: new URLSearchParams({ token }),
        redirect: 'manual',
      })
      expect([token, answer.status, answer.headers.get('set-cookie')]).toEqual([token, 401, null])
    }
  })
})

test('to pages of any origin no answer says that it is for all, nor that cookies go along', async () => {
  const [, urls] = await start(['--allow-origin', '*'])
  for (const [port, path, method = 'GET'] of DOORS) {
    if (path.startsWith('/api/live')) continue
    for (const headers of [KEY, {}]) {
      const answer = await fetch(urls[port] + path, {
        method,
        headers: { ...headers, origin: 'http://evil.example' },
      })
      expect(answer.headers.get('access-control-allow-origin')).toBe('http://evil.example')
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
      expect(answer.headers.get('vary')?.toLowerCase()).toContain('origin')
    }
  }
}, 60_000)

const certificate = makeCertificate()

test.skipIf(certificate === undefined)(
  'TLS on every port, and nothing without it (needs openssl to make a certificate)',
  async () => {
    const { certFile, keyFile } = certificate!
    const [, urls] = await start(['--tls-cert', certFile, '--tls-key', keyFile])
    const ca = readFileSync(certFile)
    const ports = ['otlpHttp', 'metrics', 'prometheus', 'loki', 'ui', 'otlpGrpc'] as const
    for (const port of ports) {
      expect(urls[port]).toStartWith('https://')
      const plain = await raw(urls[port], lines('GET /healthz HTTP/1.1', KEY))
      expect([port, plain]).toEqual([port, expect.not.stringMatching(/^HTTP\/1.1 2/)])
      const old = { ca, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' } as const
      expect([port, await raw(urls[port], lines('GET / HTTP/1.1', KEY), old)]).toEqual([port, ''])
    }
    expect(await send(urls.otlpHttp, { tls: { ca } })).toBe(200)
    const found = await fetch(`${urls.ui}/api/services`, { headers: KEY, tls: { ca } })
    expect(await found.text()).toContain(TREASURE)
    expect(await exportByGrpc(urls.otlpGrpc, KEY, { ca })).toBe(GRPC_OK)
    expect(await exportByGrpc(urls.otlpGrpc, {}, { ca })).toBe(GRPC_UNAUTHENTICATED)
    // Without TLS, and with it but by HTTP/1.1.
    expect(await exportByGrpc(urls.otlpGrpc.replace('https', 'http'), KEY)).toBeUndefined()
    const older = await raw(urls.otlpGrpc, lines('GET / HTTP/1.1', KEY), { ca })
    expect(older).not.toMatch(/^HTTP\/1.1 2/)
  },
  60_000,
)
