import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestEngine, type TestEngine } from '../testing/engine.ts'

const root = mkdtempSync(join(tmpdir(), 'stepwell-page-'))
const webRoot = join(root, 'web')
let engine: TestEngine

beforeAll(async () => {
  mkdirSync(join(webRoot, 'assets'), { recursive: true })
  writeFileSync(join(root, 'secret.txt'), 'secret')
  writeFileSync(join(webRoot, 'index.html'), '<!doctype html><title>Stepwell</title>')
  writeFileSync(join(webRoot, 'icon.svg'), '<svg/>')
  writeFileSync(join(webRoot, 'assets', 'index-DiwrgTda.js'), 'export {}')
  engine = await startTestEngine({ webRoot })
})
afterAll(async () => {
  await engine.stop()
  rmSync(root, { recursive: true, force: true })
})

const get = (path: string, init: RequestInit = {}) => fetch(engine.url.ui + path, init)

test('the page answers at every address that is its own', async () => {
  for (const path of ['/', '/runs/0af7651916cd43dd8448eb211c80319c', '/explore?q=up']) {
    const answer = await get(path)
    expect(answer.status, path).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/html;charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('no-cache')
    expect(await answer.text()).toContain('Stepwell')
  }
})

test('what has a hash in its name is kept for good, the rest is asked for again', async () => {
  const script = await get('/assets/index-DiwrgTda.js')
  expect(script.headers.get('content-type')).toContain('text/javascript')
  expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  const icon = await get('/icon.svg')
  expect(icon.headers.get('content-type')).toBe('image/svg+xml')
  expect(icon.headers.get('cache-control')).toBe('no-cache')
  const again = await get('/icon.svg', { headers: { 'if-none-match': icon.headers.get('etag')! } })
  expect(again.status).toBe(304)
})

test('text is compressed for who can read that', async () => {
  const ask = async (accept: string) => {
    const answer = await get('/', { headers: { 'accept-encoding': accept } })
    expect(await answer.text()).toContain('Stepwell')
    return answer.headers.get('content-encoding')
  }
  expect(await ask('br, gzip')).toBe('gzip')
  expect(await ask('identity')).toBeNull()
  expect(await ask('gzip;q=0')).toBeNull()
})

test('a file or an endpoint that is not there is not the page', async () => {
  for (const path of ['/assets/gone-12345678.js', '/gone.png', '/api/nothing', '/loki/api/v1/x'])
    expect((await get(path)).status, path).toBe(404)
  expect((await get('/runs', { method: 'POST' })).status).toBe(404)
})

test('nothing outside of the root is shown', async () => {
  for (const path of ['/../secret.txt', '/..%2fsecret.txt', '/assets/..%2f..%2fsecret.txt', '/%00'])
    expect(await (await get(path)).text(), path).not.toContain('secret')
})

test('every answer of the port is guarded', async () => {
  for (const path of ['/', '/api/services', '/api/nothing', '/healthz']) {
    const { headers } = await get(path)
    const policy = headers.get('content-security-policy')
    expect(policy).toContain("default-src 'self'; script-src 'self';")
    expect(policy).not.toContain("script-src 'self' 'unsafe")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
  }
})

test('without a build a sentence says what to do', async () => {
  const bare = await startTestEngine()
  const answer = await fetch(`${bare.url.ui}/`)
  expect(answer.headers.get('content-type')).toStartWith('text/plain')
  expect(await answer.text()).toContain('npm run build')
  await bare.stop()
})
