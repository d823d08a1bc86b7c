// A receiver that is absent, dies, refuses, hangs or is none: the command's result and output are untouched, the end
// is delayed by no more than the bound, and the telemetry is kept.

import { beforeAll, expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeResponse } from '@stepwell/otlp'
import {
  accepted,
  attributes,
  baseEnvironment,
  buildWrapper,
  Receiver,
  start,
  stepwell,
  temporaryFolder,
  until,
  type Variables,
  WRAPPER,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

const COMMAND = ['sh', '-c', 'echo out; echo err >&2; exit 3']
const EXEC = ['exec', '--announce', 'off', '--', ...COMMAND]
/** The bound of 3 s, and room for a busy machine. */
const BOUND_MILLISECONDS = 8_000

const spooled = (environment: Variables) => {
  const folder = environment.STEPWELL_SPOOL!
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.otlp')) : []
}

/** Runs COMMAND; its result must be its own, and one line of ours may follow. */
async function untouched(environment: Variables): Promise<string> {
  const run = await stepwell(EXEC, environment)
  expect([run.exitCode, run.stdout.toString()]).toEqual([3, 'out\n'])
  const [first, ...ours] = run.stderr.toString().trim().split('\n')
  expect(first).toBe('err')
  expect(ours.length).toBeLessThanOrEqual(1)
  expect(run.milliseconds).toBeLessThan(BOUND_MILLISECONDS)
  return ours[0] ?? ''
}

/** An address where nobody listens. */
function closedPort(): string {
  using receiver = new Receiver()
  return receiver.url
}

test('nobody listens: one line, kept, and the next run sends it after its own', async () => {
  using folder = temporaryFolder()
  const absent: Variables = {
    ...baseEnvironment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: closedPort(),
  }
  const line = await untouched(absent)
  expect(line).toContain('telemetry was not delivered')
  expect(line).toContain(absent.STEPWELL_SPOOL!)
  expect(spooled(absent)).toHaveLength(2)

  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  expect(await untouched(environment)).toBe('')
  expect(receiver.spans).toHaveLength(2)
  expect(receiver.spans[0]!.record.startTimeUnixNano).toBeGreaterThan(
    receiver.spans[1]!.record.startTimeUnixNano,
  )
  expect(receiver.lines('stdout')).toEqual(['out', 'out'])
  // What was announced then does not run now.
  expect(receiver.events()).toEqual(['stepwell.step.started'])
  expect(existsSync(environment.STEPWELL_SPOOL!)).toBe(false)
})

test('an unknown host is like nobody', async () => {
  using folder = temporaryFolder()
  const environment = {
    ...baseEnvironment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://no-such-host.invalid:4318',
  }
  expect(await untouched(environment)).toContain('no-such-host.invalid')
  expect(spooled(environment)).toHaveLength(2)
})

test('an engine that dies in the middle of a run: what it did not take is kept', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  const running = Bun.spawn(
    [WRAPPER, 'exec', '--announce', 'off', '--', 'sh', '-c', 'echo one; read -r go; echo two'],
    { env: environment, stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' },
  )
  await until(() => receiver.lines('stdout').length > 0, 'the first line')
  receiver.stop()
  running.stdin.write('go\n')
  running.stdin.end()
  expect(await running.exited).toBe(0)
  expect(await new Response(running.stdout).text()).toBe('one\ntwo\n')

  using second = new Receiver()
  const flushed = await stepwell(['flush'], second.environment(folder.path))
  expect([flushed.exitCode, flushed.stdout.toString()]).toEqual([0, '2 requests sent\n'])
  expect(second.spans).toHaveLength(1)
  expect(second.lines('stdout')).toEqual(['two'])
})

test('503 is tried again; a Retry-After beyond the bound is not waited for', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  let refusals = 4
  receiver.answer = () => (refusals-- > 0 ? new Response('busy', { status: 503 }) : accepted())
  expect(await untouched(receiver.environment(folder.path))).toBe('')
  expect(receiver.spans).toHaveLength(1)

  receiver.answer = () => new Response('', { status: 429, headers: { 'retry-after': '60' } })
  const environment = receiver.environment(folder.path)
  const started = performance.now()
  expect(await untouched(environment)).toContain('answered 429')
  expect(performance.now() - started).toBeLessThan(2_900)
  expect(spooled(environment)).toHaveLength(2)
})

test('503 for ever: kept when the bound is over', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  receiver.answer = () => new Response('busy', { status: 503 })
  const environment = receiver.environment(folder.path)
  expect(await untouched(environment)).toContain('answered 503')
  expect(spooled(environment)).toHaveLength(2)
})

test('a server that accepts and never answers: kept when the bound is over', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const never = Promise.withResolvers<Response>()
  receiver.answer = () => never.promise
  const environment = receiver.environment(folder.path)
  expect(await untouched(environment)).toContain('no answer in time')
  expect(spooled(environment)).toHaveLength(2)
})

test('who is told to end while we wait for an answer ends at once', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const never = Promise.withResolvers<Response>()
  receiver.answer = () => never.promise
  const environment = receiver.environment(folder.path)
  const running = start([WRAPPER, ...EXEC], environment)
  await until(() => receiver.requests >= 2, 'the span')
  running.process.kill('SIGTERM')
  expect((await running.ended).exitCode).toBe(3)
  expect(spooled(environment)).toHaveLength(2)
})

test('a web page in answer is no acceptance, bytes that are no HTTP neither', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  receiver.answer = () =>
    new Response('<html>Sign in</html>', { headers: { 'content-type': 'text/html' } })
  const environment = receiver.environment(folder.path)
  expect(await untouched(environment)).toContain('web page')
  expect(spooled(environment)).toHaveLength(2)

  const garbage = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: { data: (socket) => void socket.write('220 mail.example ESMTP\r\n\r\n') },
  })
  const line = await untouched({
    ...baseEnvironment(join(folder.path, 'other')),
    HOME: folder.path,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${garbage.port}`,
  })
  garbage.stop(true)
  expect(line).toContain('no HTTP answer')
})

test('what is refused for good is said, and not kept', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  receiver.answer = () => new Response('', { status: 400 })
  const environment = receiver.environment(folder.path)
  expect(await untouched(environment)).toContain('refused')
  expect(spooled(environment)).toHaveLength(0)
})

test('401 is kept: the settings may be put right', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  receiver.answer = () => new Response('', { status: 401 })
  const environment = receiver.environment(folder.path)
  expect(await untouched(environment)).toContain('answered 401')
  expect(spooled(environment)).toHaveLength(2)
})

test('a spool that cannot be written is said, and changes nothing', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'file')
  writeFileSync(file, '')
  const environment = {
    ...baseEnvironment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: closedPort(),
    STEPWELL_SPOOL: join(file, 'spool'),
  }
  expect(await untouched(environment)).toContain('is lost')
})

const canMount = Bun.spawnSync(['unshare', '-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).success
test.skipIf(!canMount)(
  'a disk that is full is said, and half a file does not stay (needs the right to mount)',
  async () => {
    using folder = temporaryFolder()
    const disk = join(folder.path, 'disk')
    mkdirSync(disk)
    expect(Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', 'size=16k', 'none', disk]).success).toBe(
      true,
    )
    try {
      const environment = {
        ...baseEnvironment(folder.path),
        OTEL_EXPORTER_OTLP_ENDPOINT: closedPort(),
        STEPWELL_SPOOL: join(disk, 'spool'),
      }
      writeFileSync(join(disk, 'others'), new Uint8Array(12 << 10))
      const run = await stepwell(
        ['exec', '--announce', 'off', '--', 'seq', '1', '500'],
        environment,
      )
      expect(run.exitCode).toBe(0)
      expect(run.stderr.toString()).toMatch(/^stepwell: telemetry .* is lost: ENOSPC.*\n$/)
      const left = readdirSync(join(disk, 'spool'))
      expect(left.filter((name) => !name.endsWith('.otlp'))).toEqual([])
    } finally {
      Bun.spawnSync(['umount', disk])
    }
  },
)

test('telemetry meant for another host is not sent to this one, except by flush', async () => {
  using folder = temporaryFolder()
  const elsewhere = {
    ...baseEnvironment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://tenant-a.invalid:4318',
  }
  await untouched(elsewhere)
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  await untouched(environment)
  expect(receiver.spans).toHaveLength(1)
  expect(spooled(environment)).toHaveLength(2)
  await stepwell(['flush'], environment)
  expect(receiver.spans).toHaveLength(2)
  expect(spooled(environment)).toHaveLength(0)
})

test('flush names what is torn and what is not ours, and says what is left', async () => {
  using folder = temporaryFolder()
  const absent: Variables = {
    ...baseEnvironment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: closedPort(),
  }
  await untouched(absent)
  const spool = absent.STEPWELL_SPOOL!
  const [name] = spooled(absent)
  writeFileSync(join(spool, name!), 'stepwell-spool/1 torn')
  writeFileSync(join(spool, 'notes.txt'), 'mine')
  const failed = await stepwell(['flush'], absent)
  expect(failed.exitCode).toBe(1)
  expect(failed.stderr.toString()).toContain('1 requests are left: nobody answers')
  expect(failed.stderr.toString()).toContain(`${name}.damaged is torn`)
  expect(failed.stderr.toString()).toContain('notes.txt is none of ours')
  using receiver = new Receiver()
  const sent = await stepwell(['flush'], receiver.environment(folder.path))
  expect([sent.exitCode, sent.stdout.toString()]).toEqual([0, '1 requests sent\n'])
  expect(existsSync(join(spool, 'notes.txt'))).toBe(true)
})

test('headers, gzip, a signal’s own endpoint, a proxyless https address that nobody serves', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  using logs = new Receiver()
  const run = await stepwell(EXEC, {
    ...receiver.environment(folder.path),
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc,bad header=1',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${logs.url}/custom/logs`,
  })
  const [line, ...others] = run.stderr.toString().trim().split('\n')
  expect(others).toEqual(['err'])
  expect(receiver.headers.map((headers) => headers.get('authorization'))).toEqual(['Bearer abc'])
  expect(receiver.headers[0]!.get('content-encoding')).toBe('gzip')
  expect(receiver.spans).toHaveLength(1)
  expect(logs.lines('stdout')).toEqual(['out'])
  expect(line).toContain('OTEL_EXPORTER_OTLP_HEADERS')
  expect(line).not.toContain('abc')

  const secure = {
    ...baseEnvironment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: closedPort().replace('http:', 'https:'),
  }
  expect(await untouched(secure)).toContain('not delivered')
})

test('http/json: requests are JSON', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = {
    ...receiver.environment(folder.path),
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
  }
  expect(await untouched(environment)).toBe('')
  expect(new Set(receiver.headers.map((headers) => headers.get('content-type')))).toEqual(
    new Set(['application/json']),
  )
  expect(receiver.lines('stdout')).toEqual(['out'])
  expect(receiver.spans).toHaveLength(1)
})

test('what is taken in part is told in one line', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  receiver.answer = (signal) =>
    new Response(
      signal === 'traces'
        ? Buffer.from(
            encodeResponse('traces', 'protobuf', { rejected: 1n, errorMessage: 'too old' }),
          )
        : null,
      { headers: { 'content-type': 'application/x-protobuf' } },
    )
  expect(await untouched(receiver.environment(folder.path))).toContain(
    `taken in part: 127.0.0.1:${receiver.port}: 1 spans refused: too old`,
  )
})

test.skipIf(!Bun.which('openssl'))(
  'https: a certificate nobody trusts is not waited for; CERTIFICATE makes it trusted (needs openssl)',
  async () => {
    using folder = temporaryFolder()
    const [key, certificate] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')]
    const made = Bun.spawnSync(
      'openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext'
        .split(' ')
        .concat('subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate),
    )
    expect(made.success).toBe(true)
    let requests = 0
    const server = Bun.serve({
      port: 0,
      hostname: 'localhost',
      tls: { key: Bun.file(key), cert: Bun.file(certificate) },
      fetch: () => {
        requests++
        return accepted()
      },
    })
    const endpoint = {
      ...baseEnvironment(folder.path),
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${server.port}`,
    }
    expect(await untouched(endpoint)).toContain('self signed certificate')
    expect(requests).toBe(0)
    const missing = { ...endpoint, OTEL_EXPORTER_OTLP_CERTIFICATE: join(folder.path, 'none.pem') }
    expect(await untouched(missing)).toContain('not delivered')
    expect(requests).toBe(0)
    await untouched({ ...endpoint, OTEL_EXPORTER_OTLP_CERTIFICATE: certificate })
    expect(requests).toBeGreaterThan(1)
    expect(spooled(endpoint)).toEqual([])
    await server.stop(true)
  },
)

test('a proxy is not asked for what is on this machine', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = { ...receiver.environment(folder.path), http_proxy: closedPort() }
  expect(await untouched(environment)).toBe('')
  expect(receiver.spans).toHaveLength(1)
})

test('gRPC settings are answered with a sentence, and HTTP on its usual port', async () => {
  using folder = temporaryFolder()
  const run = await stepwell(['exec', '--announce', 'off', '--', 'true'], {
    ...baseEnvironment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.invalid:4317',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  })
  expect(run.exitCode).toBe(0)
  const lines = run.stderr.toString().trim().split('\n')
  expect(lines).toHaveLength(2)
  expect(lines[0]).toContain('http://collector.invalid:4318 in place of port 4317')
})

test('many at once into one spool, and many senders out of it: every span arrives', async () => {
  using folder = temporaryFolder()
  const absent: Variables = {
    ...baseEnvironment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: closedPort(),
  }
  const steps = Array.from({ length: 12 }, (_, n) => `s${n}`)
  await Promise.all(
    steps.map((step) => stepwell(['exec', '--step', step, '--', 'echo', step], absent)),
  )
  expect(spooled(absent)).toHaveLength(24)
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  await Promise.all(Array.from({ length: 4 }, () => stepwell(['flush'], environment)))
  const names = receiver.spans.map(({ record }) => String(attributes(record)['step.name']))
  expect(names.sort()).toEqual(steps.sort())
  expect(receiver.lines('stdout').sort()).toEqual(steps.sort())
  expect(spooled(environment)).toHaveLength(0)
})

test('an output folder that cannot be written is said, and changes nothing', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const file = join(folder.path, 'file')
  mkdirSync(join(folder.path, 'x'))
  writeFileSync(file, '')
  chmodSync(file, 0o400)
  const run = await stepwell(
    ['exec', '--announce', 'off', '--output-dir', join(file, 'out'), '--', 'true'],
    receiver.environment(folder.path),
  )
  expect(run.exitCode).toBe(0)
  expect(run.stderr.toString()).toContain('could not be written')
})
