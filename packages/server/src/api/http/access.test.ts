import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startTestEngine, type TestEngine } from '../testing/engine.ts'
import { type AccessRules, createGate } from './access.ts'

const rules: AccessRules = {
  host: '127.0.0.1',
  token: undefined,
  allowOrigins: [],
  tls: false,
}

function check(given: Partial<AccessRules>, headers: Record<string, string>, method = 'GET') {
  const url = new URL('http://localhost:16686/api/services')
  const request = new Request(url, { method, headers })
  return createGate({ ...rules, ...given }).check(request, url)?.status
}

describe('Host', () => {
  test.each([
    'localhost',
    'localhost:16686',
    'LOCALHOST.',
    'stepwell.localhost:16686',
    '127.0.0.1:16686',
    '127.1.2.3',
    '[::1]:16686',
    '192.168.1.5:16686',
  ])('%s is ours', (host) => {
    expect(check({}, { host })).toBeUndefined()
  })

  test.each([
    'evil.example',
    'evil.example:16686',
    'localhost.evil.example',
    'evillocalhost',
    '127.0.0.1.nip.io',
  ])('%s is not', (host) => {
    expect(check({}, { host })).toBe(403)
  })

  test('the configured host is ours, and those of allowed origins', () => {
    expect(check({ host: 'box.example' }, { host: 'box.example:9090' })).toBeUndefined()
    const allowOrigins = ['https://stepwell.example']
    expect(check({ allowOrigins }, { host: 'stepwell.example' })).toBeUndefined()
    expect(check({ allowOrigins: ['*'] }, { host: 'evil.example' })).toBe(403)
  })
})

describe('Origin', () => {
  const foreign = { host: 'localhost:16686', origin: 'http://evil.example' }

  test('a foreign page may not change anything', () => {
    expect(check({}, foreign, 'POST')).toBe(403)
    expect(check({}, { ...foreign, origin: 'null' }, 'POST')).toBe(403)
    expect(check({}, { ...foreign, origin: 'http://localhost:3000' }, 'POST')).toBe(403)
  })

  test('it may ask, but not read without CORS', () => {
    expect(check({}, foreign)).toBeUndefined()
    const request = new Request('http://localhost', { headers: foreign })
    expect(createGate(rules).corsHeaders(request)).toEqual({})
  })

  test('our own page, an allowed one, and what is no page may', () => {
    expect(check({}, { ...foreign, origin: 'http://localhost:16686' }, 'POST')).toBeUndefined()
    expect(check({ allowOrigins: ['http://evil.example'] }, foreign, 'POST')).toBeUndefined()
    expect(check({}, { host: 'localhost' }, 'POST')).toBeUndefined()
  })

  test('CORS is for allowed origins alone', () => {
    const gate = createGate({ ...rules, allowOrigins: ['http://grafana.example'] })
    const cors = (origin: string) =>
      gate.corsHeaders(new Request('http://localhost', { headers: { origin } }))
    expect(cors('http://grafana.example')).toMatchObject({
      'access-control-allow-origin': 'http://grafana.example',
      vary: 'Origin',
    })
    expect(cors('http://evil.example')).toEqual({ vary: 'Origin' })
  })
})

describe('a token', () => {
  const token = 'correct horse battery'
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startTestEngine({ token })
  })
  afterAll(() => engine.stop())

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(engine.url.ui + path, { headers, redirect: 'manual' })

  test('guards every port', async () => {
    const paths = {
      ui: '/api/services',
      prometheus: '/api/v1/labels',
      loki: '/loki/api/v1/labels',
      metrics: '/metrics',
    } as const
    for (const [port, path] of Object.entries(paths)) {
      const url = engine.url[port as keyof typeof paths] + path
      expect((await fetch(url)).status, port).toBe(401)
      const wrong = await fetch(url, { headers: { authorization: 'Bearer wrong' } })
      expect(wrong.status, port).toBe(401)
      const right = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
      expect(right.status, port).toBe(200)
    }
  })

  test('health needs none', async () => {
    expect(await (await get('/healthz')).text()).toBe('ok\n')
    expect(await (await get('/readyz')).text()).toBe('ready\n')
  })

  test('in the address of the page becomes a cookie, and leaves the address', async () => {
    const query = `?q=1&token=${encodeURIComponent(token)}`
    const answer = await get(`/runs${query}`)
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/runs?q=1')
    const cookie = answer.headers.get('set-cookie')!
    expect(cookie).toMatch(/^stepwell_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax/)
    expect(cookie).not.toContain(token)
    const session = cookie.split(';')[0]!
    expect((await get('/api/services', { cookie: session })).status).toBe(200)
    expect((await get('/api/services', { cookie: `${session}x` })).status).toBe(401)
  })

  test('a redirect never leaves this host', async () => {
    const answer = await get(`//evil.example/?token=${encodeURIComponent(token)}`)
    expect(answer.headers.get('location')).toBe('/evil.example/')
  })

  test('the form takes it, and refuses another', async () => {
    const post = (given: string) =>
      fetch(`${engine.url.ui}/login`, {
        method: 'POST',
        body: new URLSearchParams({ token: given }),
        redirect: 'manual',
      })
    expect((await post(token)).status).toBe(303)
    const refused = await post('wrong')
    expect(refused.status).toBe(401)
    expect(refused.headers.get('set-cookie')).toBeNull()
    expect(await refused.text()).toContain('This is not the token.')
  })

  test('a browser without one sees the form', async () => {
    const answer = await get('/', { accept: 'text/html' })
    expect(answer.status).toBe(401)
    expect(await answer.text()).toContain('<form method="post" action="/login">')
  })
})

test('a page of an allowed origin can read, after it has asked whether it may', async () => {
  const engine = await startTestEngine({ allowOrigins: ['http://grafana.example'] })
  const headers = { origin: 'http://grafana.example' }
  const answer = await fetch(`${engine.url.prometheus}/api/v1/labels`, { headers })
  expect(answer.headers.get('access-control-allow-origin')).toBe('http://grafana.example')
  expect(answer.headers.get('vary')).toBe('Origin')
  const preflight = await fetch(`${engine.url.prometheus}/api/v1/query`, {
    method: 'OPTIONS',
    headers,
  })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-methods')).toBe('GET, POST, OPTIONS')
  await engine.stop()
})
