// `stepwell doctor` against an engine, and against what goes wrong with endpoints.

import { beforeAll, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Check } from '../src/doctor/check.ts'
import { spawnEngine } from '../src/up/test/engine-process.ts'
import { GrpcReceiver } from './grpc-receiver.ts'
import {
  accepted,
  attributes,
  baseEnvironment,
  buildWrapper,
  Receiver,
  stepwell,
  temporaryFolder,
  type Variables,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

interface Examined {
  readonly exitCode: number | null
  readonly checks: readonly Check[]
  readonly failed: readonly Check[]
}

async function doctor(environment: Variables, args: readonly string[] = []): Promise<Examined> {
  const run = await stepwell(['doctor', '--json', ...args], environment)
  const { ok, checks } = JSON.parse(run.stdout.toString()) as { ok: boolean; checks: Check[] }
  expect(run.stderr.toString()).toBe('')
  expect(run.exitCode).toBe(ok ? 0 : 1)
  const failed = checks.filter(({ status }) => status === 'fail')
  // Whatever is not well, there is something to do about it.
  for (const { status, advice } of checks) expect(advice === '').toBe(status === 'ok')
  return { exitCode: run.exitCode, checks, failed }
}

/** What is said of the endpoint `url`. */
async function of(url: string, more: Variables = {}): Promise<Examined> {
  using folder = temporaryFolder()
  return await doctor({
    ...baseEnvironment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    ...more,
  })
}

const named = ({ checks }: Examined, name: string) => checks.find((check) => check.name === name)

test('against an engine that runs here: all well, and the test span found again', async () => {
  using folder = temporaryFolder()
  const engine = spawnEngine(folder.path)
  await engine.ready()
  const environment = { ...baseEnvironment(folder.path), STEPWELL_DATA: folder.path }
  const examined = await doctor(environment)
  expect(examined.failed).toEqual([])
  for (const signal of ['traces', 'metrics', 'logs'])
    expect(named(examined, `export ${signal}`)?.status).toBe('ok')
  expect(named(examined, 'query')?.message).toContain('was found at http://127.0.0.1:')
  // As text: a line a check, and the exit code says the rest.
  const { stdout, exitCode } = await stepwell(['doctor'], environment)
  expect(exitCode).toBe(0)
  const lines = stdout.toString().trim().split('\n')
  expect(lines).toHaveLength(examined.checks.length)
  for (const line of lines) expect(line).toMatch(/^(ok {2}|warn|FAIL) {2}\S/)
  engine.kill('SIGTERM')
  await engine.exited
})

test('the test span counts nowhere, and without a query address it says what it could not see', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const examined = await doctor(receiver.environment(folder.path))
  expect(examined.exitCode).toBe(0)
  expect(receiver.spans).toHaveLength(1)
  const { record, resource } = receiver.spans[0]!
  expect(attributes(record)).toEqual({})
  expect(attributes(resource!)).toEqual({ 'service.name': 'stepwell-doctor' })
  expect(named(examined, 'query')).toMatchObject({ status: 'warn' })
  expect(named(examined, 'query')?.advice).toContain('--query')
  expect(readdirSync(folder.path)).toEqual([])
})

test('--query: a span that is not there is a failure', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const empty = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () =>
      Response.json({ errors: [{ code: 404, msg: 'trace not found' }] }, { status: 404 }),
  })
  const { failed } = await doctor(receiver.environment(folder.path), ['--query', `${empty.url}`])
  expect(failed.map(({ name }) => name)).toEqual(['query'])
  expect(failed[0]!.message).toContain('accepted and not found')
  const refused = ['--query', 'http://127.0.0.1:1']
  const { failed: nobody } = await doctor(receiver.environment(folder.path), refused)
  expect(nobody.map(({ name }) => name)).toEqual(['query'])
  empty.stop(true)
})

test('a refused port, and an unknown host', async () => {
  const refused = await of('http://127.0.0.1:1')
  expect(refused.failed.map(({ name }) => name)).toEqual(['tcp 127.0.0.1:1'])
  expect(refused.failed[0]!.message).toContain('ECONNREFUSED')
  expect(refused.failed[0]!.advice).toContain('OTEL_EXPORTER_OTLP_ENDPOINT')
  const unknown = await of('http://collector.invalid:4318')
  expect(unknown.failed.map(({ name }) => name)).toEqual(['dns collector.invalid'])
}, 20_000)

test('nobody at an address that no variable names: an engine with a folder of its own may be meant', async () => {
  using folder = temporaryFolder()
  const urls = { otlpHttp: 'http://127.0.0.1:1' }
  writeFileSync(join(folder.path, 'ready.json'), JSON.stringify({ pid: process.pid, urls }))
  const { failed } = await doctor({
    ...baseEnvironment(folder.path),
    STEPWELL_DATA: folder.path,
  })
  expect(failed.map(({ name }) => name)).toEqual(['tcp 127.0.0.1:1'])
  expect(failed[0]!.advice).toContain('STEPWELL_DATA, or set OTEL_EXPORTER_OTLP_ENDPOINT')
})

test('a signal of its own that goes nowhere is told apart', async () => {
  using receiver = new Receiver()
  const { failed, checks } = await of(receiver.url, {
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://127.0.0.1:1/v1/logs',
  })
  expect(failed.map(({ name }) => name)).toEqual(['tcp 127.0.0.1:1'])
  expect(failed[0]!.advice).toContain('OTEL_EXPORTER_OTLP_LOGS_ENDPOINT')
  expect(checks.map(({ name }) => name)).toContain('export traces')
  expect(checks.map(({ name }) => name)).not.toContain('export logs')
})

test('a signal that is switched off is not sent, and said', async () => {
  using receiver = new Receiver()
  const examined = await of(receiver.url, { OTEL_METRICS_EXPORTER: 'none' })
  expect(named(examined, 'endpoint metrics')).toMatchObject({ status: 'warn' })
  expect(named(examined, 'export metrics')).toBeUndefined()
  expect(named(examined, 'export logs')?.status).toBe('ok')
})

test('a server that takes connections and never answers is not waited for long', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await new Promise((resolve) => silent.once('listening', resolve))
  const { port } = silent.address() as { port: number }
  const examined = await Promise.all(
    ['http', 'https'].map((scheme) => of(`${scheme}://127.0.0.1:${port}`)),
  )
  for (const { failed } of examined) {
    expect(failed.length).toBeGreaterThan(0)
    expect(failed[0]!.message).toMatch(/no answer in time|says nothing/)
  }
  silent.close()
}, 40_000)

test('answers that are no acceptance: 401, 404, a web page, 503, a partial success', async () => {
  using receiver = new Receiver()
  const failure = async (response: () => Response) => {
    receiver.answer = response
    const { failed } = await of(receiver.url)
    return failed.find(({ name }) => name === 'export traces')
  }
  const status = (code: number) => () => new Response('', { status: code })
  expect((await failure(status(401)))?.advice).toContain('OTEL_EXPORTER_OTLP_HEADERS')
  expect((await failure(status(404)))?.advice).toContain('/v1/traces')
  expect((await failure(status(503)))?.message).toContain('503')
  const page = () => new Response('<html>', { headers: { 'content-type': 'text/html' } })
  expect((await failure(page))?.message).toContain('web page')
  const partial = { partialSuccess: { rejectedSpans: '1', errorMessage: 'too old' } }
  receiver.answer = (signal) => (signal === 'traces' ? Response.json(partial) : accepted())
  const examined = await of(receiver.url)
  expect(named(examined, 'export traces')).toMatchObject({ status: 'warn' })
  expect(named(examined, 'export traces')?.message).toContain('too old')
}, 30_000)

test('a clock that is off, by the Date of the answer', async () => {
  const ahead = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () =>
      new Response('', { headers: { date: new Date(Date.now() + 120_000).toUTCString() } }),
  })
  const clock = named(await of(ahead.url.origin), `clock ${ahead.url.host}`)
  ahead.stop(true)
  expect(clock).toMatchObject({ status: 'warn' })
  expect(clock?.message).toMatch(/this machine is 1(19|20|21) s behind/)
})

test('over gRPC: the test span, a token that is missing, and an HTTP port taken for gRPC’s', async () => {
  using folder = temporaryFolder()
  await using receiver = await GrpcReceiver.start()
  const environment = receiver.environment(folder.path)
  expect((await doctor(environment)).failed).toEqual([])
  expect(receiver.spans.map(({ name }) => name)).toEqual(['stepwell doctor'])
  receiver.answer = () => ({ code: 16, message: 'no token' })
  const { failed } = await doctor(environment)
  expect(failed[0]).toMatchObject({ name: 'export traces' })
  expect(failed[0]!.message).toContain('UNAUTHENTICATED')
  expect(failed[0]!.advice).toContain('OTEL_EXPORTER_OTLP_HEADERS')
  using http = new Receiver()
  const wrong = await of(http.url, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })
  expect(wrong.failed.map(({ name }) => name)).toContain('export traces')
  const reverse = await of(`http://127.0.0.1:${receiver.port}`)
  expect(reverse.failed[0]!.advice).toContain('OTEL_EXPORTER_OTLP_PROTOCOL=grpc')
}, 30_000)

const OPENSSL = Bun.which('openssl')

/** A certificate of its own for `localhost`, one that was over in 2020 where `expired`. */
function certificate(folder: string, expired: boolean): { key: string; certificate: string } {
  const at = (name: string) => join(folder, name)
  const run = (...args: string[]) => {
    const made = Bun.spawnSync([OPENSSL!, ...args], { cwd: folder })
    if (!made.success) throw new Error(made.stderr.toString())
  }
  const names = 'subjectAltName=DNS:localhost'
  run(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=localhost',
    '-keyout',
    'key',
    '-out',
    'csr',
  )
  writeFileSync(
    at('ca'),
    `[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\nx509_extensions=x\n[p]\ncommonName=supplied\n[x]\n${names}\n`,
  )
  writeFileSync(at('index'), '')
  writeFileSync(at('serial'), '01')
  const dates = expired
    ? ['-startdate', '20200101000000Z', '-enddate', '20200201000000Z']
    : ['-days', '2']
  const files = ['-config', 'ca', '-keyfile', 'key', '-in', 'csr', '-out', 'cert']
  run('ca', '-batch', '-notext', '-selfsign', ...files, ...dates)
  return { key: at('key'), certificate: at('cert') }
}

test.skipIf(!OPENSSL)(
  'TLS: self-signed, trusted, another name, expired, and plain where it is not (needs openssl)',
  async () => {
    using folder = temporaryFolder()
    const serve = ({ key, certificate }: { key: string; certificate: string }) =>
      Bun.serve({
        port: 0,
        hostname: '127.0.0.1',
        tls: { key: readFileSync(key), cert: readFileSync(certificate) },
        fetch: () => accepted(),
      })
    const own = certificate(folder.path, false)
    const server = serve(own)
    const endpoint = `https://localhost:${server.port}`
    const tls = async (url: string, more: Variables = {}) =>
      named(await of(url, more), `tls ${new URL(url).host}`)
    const untrusted = await tls(endpoint)
    expect(untrusted).toMatchObject({ status: 'fail' })
    expect(untrusted?.message).toContain('SELF_SIGNED')
    expect(untrusted?.advice).toContain('OTEL_EXPORTER_OTLP_CERTIFICATE')
    const trusting = { OTEL_EXPORTER_OTLP_CERTIFICATE: own.certificate }
    const trusted = await of(endpoint, trusting)
    expect(trusted.failed).toEqual([])
    expect(named(trusted, 'export traces')?.status).toBe('ok')
    const other = await tls(`https://127.0.0.1:${server.port}`, trusting)
    expect(other?.message).toContain('not for 127.0.0.1')
    const missing = { OTEL_EXPORTER_OTLP_CERTIFICATE: join(folder.path, 'none.pem') }
    expect((await tls(endpoint, missing))?.message).toContain('cannot be read')
    const plain = await tls(`http://localhost:${server.port}`)
    expect(plain?.advice).toContain('write https://')
    server.stop(true)

    mkdirSync(join(folder.path, 'old'))
    const old = certificate(join(folder.path, 'old'), true)
    const expired = serve(old)
    const late = await tls(`https://localhost:${expired.port}`, {
      OTEL_EXPORTER_OTLP_CERTIFICATE: old.certificate,
    })
    expect(late?.message).toContain('has expired')
    expired.stop(true)

    using receiver = new Receiver()
    const reverse = await tls(receiver.url.replace('http:', 'https:'))
    expect(reverse?.advice).toContain('write http://')
  },
  30_000,
)

test('settings that were ignored, a spool that waits, is torn, cannot be written', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const spool = join(folder.path, 'spool')
  mkdirSync(spool)
  const stem = `${Date.now()}-${'0'.repeat(16)}.otlp`
  writeFileSync(join(spool, stem), '')
  writeFileSync(join(spool, `${stem.replace('0.otlp', '1.otlp')}.damaged`), '')
  const { checks } = await doctor({
    ...receiver.environment(folder.path),
    OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd',
    OTEL_TRACES_SAMPLER: 'sometimes',
    OTEL_SDK_DISABLED: 'true',
  })
  const warned = checks.filter(({ status }) => status === 'warn')
  const text = warned.map(({ message }) => message).join('\n')
  for (const what of ['COMPRESSION=zstd', 'SAMPLER=sometimes', 'SDK_DISABLED', '1 requests wait'])
    expect(text).toContain(what)
  expect(text).toContain('torn')
  if (process.getuid?.() !== 0) {
    chmodSync(spool, 0o500)
    const { failed } = await doctor(receiver.environment(folder.path))
    expect(failed.map(({ name }) => name)).toEqual(['spool'])
    chmodSync(spool, 0o700)
  }
})

test('no secret is printed; wrong flags are 125', async () => {
  using folder = temporaryFolder()
  const environment = {
    ...baseEnvironment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:hunter2@127.0.0.1:1',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hunter2',
  }
  const run = await stepwell(['doctor'], environment)
  expect(`${run.stdout}${run.stderr}`).not.toContain('hunter2')
  for (const args of [['--query', 'jaeger'], ['--jsno'], ['more']])
    expect((await stepwell(['doctor', ...args], environment)).exitCode).toBe(125)
})
