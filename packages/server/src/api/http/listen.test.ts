import { expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestEngine, testConfig } from '../testing/engine.ts'

test('a taken port is named with the flag that moves it, and the others are closed again', async () => {
  const holder = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
  try {
    const ports = { ...testConfig().ports, loki: holder.port! }
    await expect(startTestEngine({ ports })).rejects.toThrow(
      `Port ${holder.port} (Loki API) is taken on 127.0.0.1; choose another with --loki PORT, any free one with --loki 0, or none with --loki off.`,
    )
  } finally {
    await holder.stop(true)
  }
})

test('a port that is off is not opened', async () => {
  const { url, stop } = await startTestEngine({ ports: { ...testConfig().ports, loki: 'off' } })
  expect(url.loki).toBe('')
  expect(url.ui).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  await stop()
})

test('what nobody expected is a 500 that says nothing of it', async () => {
  const { url, store, stop } = await startTestEngine()
  const logged: unknown[] = []
  const { error } = console
  console.error = (...parts: unknown[]) => void logged.push(...parts)
  try {
    store.services = async () => {
      throw new Error('the disk /secret/path is gone')
    }
    const answer = await fetch(`${url.ui}/api/services?x=1`)
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('secret')
    expect(String(logged[0])).toBe('page and Jaeger API: GET /api/services?x=1 failed:')
  } finally {
    console.error = error
    await stop()
  }
})

test('no query is of a megabyte, nor is a token', async () => {
  const { url, stop } = await startTestEngine({ token: 'secret' })
  try {
    const body = new URLSearchParams({ token: 'x'.repeat(1 << 20) })
    expect((await fetch(`${url.ui}/login`, { method: 'POST', body })).status).toBe(413)
  } finally {
    await stop()
  }
})

test.each([
  ['GET /api/services HTTP/1.0\r\n\r\n', 200, '"data"'],
  [
    'GET /api/services HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n',
    400,
    'The Host header "["',
  ],
  [
    'GET /api/services HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
    403,
    'The host name "a b"',
  ],
])('%j is answered %d', async (request, status, text) => {
  const { url, stop } = await startTestEngine()
  try {
    const answer = await askRaw(Number(new URL(url.ui).port), request)
    expect(answer).toStartWith(`HTTP/1.1 ${status} `)
    expect(answer).toContain(text)
    expect(answer).not.toContain('<script')
  } finally {
    await stop()
  }
})

/** What comes back until the server closes the connection. */
function askRaw(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    socket.setEncoding('utf8')
    socket.on('data', (part) => {
      answer += part
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

const certificate = makeCertificate()

test.skipIf(!certificate)(
  'TLS, and a cookie that travels over nothing else (needs openssl to make a certificate)',
  async () => {
    const tls = certificate!
    const { url, stop } = await startTestEngine({ tls, token: 'secret' })
    try {
      expect(url.ui).toStartWith('https://127.0.0.1:')
      const ca = readFileSync(tls.certFile)
      const answer = await fetch(`${url.ui}/?token=secret`, { tls: { ca }, redirect: 'manual' })
      expect(answer.status).toBe(303)
      expect(answer.headers.get('set-cookie')).toContain('; Secure')
    } finally {
      await stop()
    }
  },
)

function makeCertificate() {
  const folder = mkdtempSync(join(tmpdir(), 'stepwell-api-tls-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const command =
    'req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 1 -subj /CN=localhost'
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', certFile]
  const made = Bun.which('openssl')
    ? Bun.spawnSync(['openssl', ...command.split(' '), ...names]).success
    : false
  return made ? { certFile, keyFile } : undefined
}
