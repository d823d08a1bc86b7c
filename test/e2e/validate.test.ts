// `stepwell validate` against the engine: all there, and each part missing in turn, with a word on why.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '../../packages/cli/src/validate/finding.ts'
import { canMakeCertificates, makeCertificates } from '../../packages/cli/test/certificates.ts'
import {
  cleanUp,
  type Engine,
  launcher,
  plainEnvironment,
  startEngine,
  stepwell,
  temporaryFolder,
} from '../support/engine.ts'
import { freePort } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'

let engine: Engine
/** One that nothing is sent to. */
let empty: Engine
beforeAll(async () => {
  ;[engine, empty] = await Promise.all([startEngine(), startEngine()])
})

const servers: { stop(force: boolean): unknown }[] = []
afterAll(async () => {
  for (const server of servers) server.stop(true)
  await cleanUp()
})

interface Validated {
  readonly code: number
  readonly checks: readonly Finding[]
  /** `NAME: MESSAGE; ADVICE` of what is missing. */
  readonly missing: readonly string[]
}

async function validate(
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Validated> {
  const { code, stdout, stderr } = await stepwell(['validate', ...args, '--json'], {
    ...plainEnvironment(temporaryFolder('home')),
    OTEL_EXPORTER_OTLP_ENDPOINT: engine.urls.otlpHttp,
    ...environment,
  })
  expect(stderr).toBe('')
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Finding[] }
  expect(code).toBe(ok ? 0 : 1)
  // Whatever is missing, there is a likely reason.
  for (const { status, advice } of checks) expect(advice === '').toBe(status === 'ok')
  const missing = checks
    .filter(({ status }) => status === 'fail')
    .map(({ name, message, advice }) => `${name}: ${message}; ${advice}`)
  return { code, checks, missing }
}

test('what is on this machine is asked without a proxy', async () => {
  const proxy = `http://127.0.0.1:${freePort()}`
  const environment = { ...storesOf(engine), http_proxy: proxy, HTTP_PROXY: proxy, no_proxy: 'a.b' }
  expect((await validate(['all'], environment)).missing).toEqual([])
})

const namesOf = ({ checks }: Validated) => checks.map(({ name }) => name)

/** Every store by its own port. */
const storesOf = ({ urls }: Engine): Record<string, string> => ({
  STEPWELL_QUERY_URL: urls.ui,
  STEPWELL_PROMETHEUS_URL: urls.prometheus,
  STEPWELL_LOKI_URL: urls.loki,
})

const SOON = ['--limit', '2s']

test('all is there: two steps, their trace, series, exemplars and lines', async () => {
  const report = join(temporaryFolder('junit'), 'validate.xml')
  const metrics = engine.urls.metrics.replace('//', '//me:sesame@')
  const flags = ['--metrics-url', metrics, '--junit', report]
  const validated = await validate(['all', ...flags], storesOf(engine))
  expect(validated.missing).toEqual([])
  expect(namesOf(validated)).toEqual([
    ...['steps run', 'steps sent'],
    ...['traces store', 'traces spans', 'traces attributes', 'traces parents'],
    ...['metrics store', 'metrics series', 'metrics increase', 'metrics exemplars'],
    ...['page store', 'page series', 'page exemplars'],
    ...['logs store', 'logs lines', 'logs labels'],
  ])
  const xml = readFileSync(report, 'utf8')
  expect(xml).toContain('tests="16" failures="0" errors="0" skipped="0"')
  expect(xml).not.toContain('sesame')
})

test('the engine that runs here is found, and each verb looks for its own part', async () => {
  const here = { STEPWELL_DATA: engine.dataDir, OTEL_EXPORTER_OTLP_ENDPOINT: '' }
  const traces = await validate(['traces'], here)
  const logs = await validate(['logs'], here)
  const metrics = await validate(['metrics'], here)
  expect([traces, metrics, logs].flatMap(({ missing }) => missing)).toEqual([])
  const parts = [traces, metrics, logs].map((one) => [
    ...new Set(namesOf(one).map((name) => name.split(' ')[0])),
  ])
  expect(parts).toEqual([
    ['steps', 'traces'],
    ['steps', 'metrics'],
    ['steps', 'logs'],
  ])
})

test('nobody listens where spans are to go, or where they are to be found', async () => {
  const nowhere = `http://127.0.0.1:${freePort()}`
  const unsent = await validate(['all', ...SOON], {
    ...storesOf(engine),
    OTEL_EXPORTER_OTLP_ENDPOINT: nowhere,
  })
  expect(unsent.code).toBe(1)
  expect(unsent.missing.join()).toMatch(
    /^steps sent: tcp .*nobody listens \(ECONNREFUSED\); .*correct the port in OTEL_EXPORTER_OTLP_ENDPOINT$/,
  )
  expect(unsent.checks.filter(({ status }) => status === 'warn')).toHaveLength(3)
  for (const verb of ['traces', 'metrics', 'logs']) {
    const { missing } = await validate([verb, ...SOON], {
      ...storesOf(engine),
      OTEL_EXPORTER_OTLP_ENDPOINT: nowhere,
    })
    expect([verb, missing.length]).toEqual([verb, 1])
  }
  const unseen = await validate(['traces', '--query', nowhere])
  expect(unseen.missing.join()).toMatch(
    /^traces store: tcp .*nobody listens .*; see whether it runs, and correct --query$/,
  )
  const elsewhere = await validate(['logs', '--loki', 'http://nowhere.invalid'])
  expect(elsewhere.missing.join()).toMatch(/^logs store: dns nowhere.invalid: .*correct --loki$/)
})

test('another program answers at each address', async () => {
  const { code, missing } = await validate(['all', ...SOON], {
    STEPWELL_QUERY_URL: engine.urls.prometheus,
    STEPWELL_PROMETHEUS_URL: engine.urls.loki,
    STEPWELL_METRICS_URL: engine.urls.ui,
    STEPWELL_LOKI_URL: engine.urls.metrics,
  })
  expect(code).toBe(1)
  expect(missing.map((one) => one.replace(/http:\/\/[\d.:]+/g, 'URL'))).toEqual([
    'traces store: URL is no trace store (Jaeger, Tempo, stepwell): status 404 at /api/traces/ID; Prometheus answers there: correct --query',
    'metrics store: URL is no Prometheus: status 404 at /api/v1/query; Loki answers there: correct --prometheus',
    'page store: URL is no page of metrics: status 200 at /metrics; Prometheus answers there: correct --metrics-url',
    'logs store: URL is no Loki: status 404 at /loki/api/v1/labels; a page of metrics answers there: correct --loki',
  ])
})

test('the store of each part has nothing of it, though it runs', async () => {
  const lacks = (more: Record<string, string>) =>
    validate(['all', ...SOON], { ...storesOf(engine), ...more })
  const traces = await lacks({ STEPWELL_QUERY_URL: empty.urls.ui })
  expect(traces.missing[0]).toMatch(/^traces spans: nothing of the trace \w{32} is at .*; /)
  const logs = await lacks({ STEPWELL_LOKI_URL: empty.urls.loki })
  expect(logs.missing.find((one) => one.startsWith('logs'))).toMatch(
    /^logs lines: no line of the trace .*; the spans arrive, .*LOKI_ENDPOINT/,
  )
  const metrics = await lacks({
    STEPWELL_PROMETHEUS_URL: empty.urls.prometheus,
    STEPWELL_METRICS_URL: `${empty.urls.metrics}/metrics`,
  })
  expect(metrics.missing.map((one) => one.split(':')[0])).toEqual(['metrics series', 'page series'])
  const all = 'agent_step_duration_seconds, agent_step_success_total, agent_step_fail_total'
  expect(metrics.missing[0]).toStartWith(
    `metrics series: no ${all}; the spans arrive, and the Collector’s page has none either: it derives no series`,
  )
  expect(metrics.missing[1]).toStartWith(
    `page series: no ${all}; the spans arrive, so the Collector derives no series`,
  )
  // Where they went, and where they did not.
  const page = await lacks({
    STEPWELL_PROMETHEUS_URL: empty.urls.prometheus,
    STEPWELL_METRICS_URL: `${engine.urls.metrics}/metrics`,
  })
  expect(page.missing.join()).toContain('the Collector’s page has them, and Prometheus does not')
})

/** What the engine's page answers. */
async function passed({ pathname, search }: URL): Promise<Response> {
  const given = await fetch(`${engine.urls.ui}${pathname}${search}`)
  return new Response(await given.text(), { status: given.status })
}

/** The engine's page, but for what `answer` changes: JSON, or a whole response. */
function changed(answer: (url: URL, request: Request) => unknown): string {
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const url = new URL(request.url)
      const own = await answer(url, request)
      if (own instanceof Response) return own
      if (own !== undefined) return Response.json(own)
      return await passed(url)
    },
  })
  servers.push(server)
  return `http://127.0.0.1:${server.port}`
}

const FEATURES = '/api/v1/status/flags'
const withFeatures = (features: string) => ({
  status: 'success',
  data: { 'enable-feature': features, 'web.enable-otlp-receiver': 'true' },
})

test('series without exemplars, series without a beginning: the feature that is off', async () => {
  const bare = changed(({ pathname, searchParams }) => {
    if (pathname === FEATURES) return withFeatures('')
    if (pathname.endsWith('/query_exemplars')) return { status: 'success', data: [] }
    if (searchParams.get('query')?.startsWith('increase'))
      return { status: 'success', data: { resultType: 'vector', result: [] } }
    return undefined
  })
  const { code, missing } = await validate(['metrics', '--limit', '20s', '--prometheus', bare])
  expect(code).toBe(1)
  expect(missing[0]).toMatch(
    /^metrics increase: .*; Prometheus runs without --enable-feature=created-timestamp-zero-ingestion$/,
  )
  expect(missing[1]).toMatch(
    /^metrics exemplars: no exemplar names the trace .*; Prometheus runs without --enable-feature=exemplar-storage$/,
  )
  expect(missing).toHaveLength(2)
})

test('lines that have no trace_id; lines that Loki’s own settings refuse', async () => {
  const bare = changed(({ searchParams }) =>
    searchParams.get('query')?.includes('trace_id=')
      ? { status: 'success', data: { resultType: 'streams', result: [] } }
      : undefined,
  )
  const { missing } = await validate(['logs', ...SOON, '--loki', bare])
  expect(missing.join()).toMatch(/^logs lines: the lines are at .*, without trace_id; .*Fluent Bit/)
})

test('a receiver of traces alone: logs are missed by whoever looks for them', async () => {
  const receiver = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request) =>
      new URL(request.url).pathname === '/v1/traces'
        ? fetch(`${engine.urls.otlpHttp}/v1/traces`, request)
        : new Response('404 page not found', { status: 404 }),
  })
  servers.push(receiver)
  const environment = { ...storesOf(engine), OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url.origin }
  const traces = await validate(['traces'], environment)
  expect(traces.missing).toEqual([])
  expect(traces.checks.find(({ status }) => status === 'warn')?.message).toMatch(
    /^export logs: .* answered 404$/,
  )
  const logs = await validate(['logs'], environment)
  expect(logs.missing.join()).toMatch(
    /^steps sent: export logs: .* answered 404; it takes no OTLP at \/v1\/logs/,
  )
  expect(logs.checks.at(-1)).toMatchObject({ name: 'logs', advice: 'nothing of it was sent' })
  const off = await validate(['logs'], { ...environment, OTEL_LOGS_EXPORTER: 'none' })
  expect(off.missing).toEqual(['steps sent: OTEL_LOGS_EXPORTER=none: logs are not sent; unset it'])
})

test('a Tempo of today: another path, ids in base64, and no error for what it does not know', async () => {
  const tempo = changed(async ({ pathname }) => {
    const [, id] = /^\/api\/v2\/traces\/(\w+)$/.exec(pathname) ?? []
    if (!id) return new Response('404 page not found\n', { status: 404 })
    const answer = await fetch(`${engine.urls.ui}/api/v3/traces/${id}`)
    if (!answer.ok) return { trace: {} }
    const text = await answer.text()
    return {
      trace: JSON.parse(
        text.replace(/(?<=[sS]panId":")\w+/g, (hex) => Buffer.from(hex, 'hex').toString('base64')),
      ).result,
    }
  })
  expect((await validate(['traces', '--query', tempo])).missing).toEqual([])
  const other = { OTEL_EXPORTER_OTLP_ENDPOINT: empty.urls.otlpHttp }
  const { missing } = await validate(['traces', ...SOON, '--query', tempo], other)
  expect(missing.join()).toMatch(/^traces spans: nothing of the trace \w{32} is at /)
})

test('what a Collector takes out of spans, and where it tears them apart', async () => {
  const altered = (pattern: RegExp, by: string) =>
    changed(async (url) => {
      if (!url.pathname.startsWith('/api/traces/')) return undefined
      const answer = await passed(url)
      const text = (await answer.text()).replace(pattern, by)
      return new Response(text, { status: answer.status })
    })
  const drops = altered(/"key":"task[.]id"/g, '"key":"other"')
  const { missing } = await validate(['traces', '--query', drops])
  expect(missing.join()).toMatch(
    /^traces attributes: stepwell-validate\/\w+ has no task.id, .*; a processor of the Collector drops or changes attributes/,
  )
  const tears = altered(/("refType":"CHILD_OF",.*?"spanID":")\w+/g, '$10000000000000001')
  const torn = await validate(['traces', '--query', tears])
  expect(torn.missing.join()).toStartWith(
    'traces parents: 2 spans have a parent that is not there;',
  )
})

test('a Loki of many tenants gets the header that it wants', async () => {
  const loki = changed((_, { headers }) =>
    headers.get('x-scope-orgid') === 'agents'
      ? undefined
      : new Response('no org id\n', { status: 401 }),
  )
  const refused = await validate(['logs', '--loki', loki])
  expect(refused.missing.join()).toMatch(
    /^logs store: .* wants a tenant .*--header X-Scope-OrgID=…$/,
  )
  const header = ['--header', 'X-Scope-OrgID=agents']
  expect((await validate(['logs', '--loki', loki, ...header])).missing).toEqual([])
})

test('a store whose clock goes wrong is said to', async () => {
  const late = changed(({ pathname }, { method }) => {
    const headers = { date: new Date(Date.now() + 3_600_000).toUTCString() }
    if (method === 'HEAD') return new Response('', { headers })
    if (!pathname.endsWith('/query_range')) return undefined
    return { status: 'success', data: { resultType: 'streams', result: [] } }
  })
  const { missing } = await validate(['logs', ...SOON, '--loki', late])
  expect(missing.join()).toMatch(/; this machine is 3\d{3} s behind the receiver: set the clocks/)
})

const withCertificates = canMakeCertificates ? test : test.skip
withCertificates('a store over TLS: its authority is named, or it is not trusted', async () => {
  const { authority, server: own, read } = makeCertificates(temporaryFolder('tls'))
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    tls: { cert: read(own.certificate), key: read(own.key) },
    fetch: (request) => passed(new URL(request.url)),
  })
  servers.push(server)
  const url = `https://127.0.0.1:${server.port}`
  const distrusted = await validate(['traces', '--query', url])
  expect(distrusted.missing.join()).toMatch(
    /^traces store: tls .*: the certificate is signed by nobody .*; name the file of its authority by --ca/,
  )
  expect((await validate(['traces', '--query', url, '--ca', authority])).missing).toEqual([])
  const plain = await validate(['traces', '--query', url.replace('https', 'http')])
  expect(plain.missing.join()).toMatch(/^traces store: .*; write https:\/\/ in --query$/)
})

test('a store that wants a token says so, and gets it', async () => {
  const folder = temporaryFolder('token')
  const file = join(folder, 'token')
  writeFileSync(file, 'sesame-0123456789-0123456789')
  const locked = await startEngine({ flags: ['--token-file', file] })
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: locked.urls.otlpHttp,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20sesame-0123456789-0123456789',
  }
  const urls = ['--query', locked.urls.ui]
  const refused = await validate(['traces', ...urls], environment)
  expect(refused.missing.join()).toMatch(
    /^traces store: .* lets nobody in without a name \(status 401\); set STEPWELL_TOKEN, or write --query https:/,
  )
  const token = { ...environment, STEPWELL_TOKEN: 'sesame-0123456789-0123456789' }
  expect((await validate(['traces', ...urls], token)).missing).toEqual([])
  // And so does a receiver.
  const unsent = await validate(['traces', ...urls], { ...token, OTEL_EXPORTER_OTLP_HEADERS: '' })
  expect(unsent.missing.join()).toMatch(/^steps sent: .*401.*OTEL_EXPORTER_OTLP_HEADERS/)
})

test('whatever a store answers, it is said in a line each', async () => {
  const odd = { result: [null, { stream: null, values: 7 }], batches: [null, { scopeSpans: 1 }] }
  const answers: readonly (() => unknown)[] = [
    () => new Response(''),
    () => new Response('\x1b[31mboom\nsecond', { status: 500 }),
    () => ({ status: 'success', data: null }),
    () => ({ status: 'success', data: odd, data2: odd }),
    () => new Response(`{"status":"success","data":${'['.repeat(1e6)}${']'.repeat(1e6)}}`),
    () => ({ status: 'error', error: 'a\n\x1b[31mb', batches: [null] }),
  ]
  for (const answer of answers) {
    const store = changed(answer)
    const { code, checks } = await validate(['all', '--limit', '1ms'], {
      STEPWELL_QUERY_URL: store,
      STEPWELL_PROMETHEUS_URL: store,
      STEPWELL_METRICS_URL: store,
      STEPWELL_LOKI_URL: store,
    })
    expect(code).toBe(1)
    const said = checks.map(({ message, advice }) => message + advice).join('')
    expect(said).not.toContain('\n')
    expect(said).not.toContain('\x1b')
  }
})

test('a store that redirects is named with where it leads to, and what it is asked with goes no further', async () => {
  const asked: string[] = []
  const other = changed(({ href }) => asked.push(href))
  const store = changed(() => Response.redirect(`${other}/loki`, 302))
  const { missing } = await validate(['logs', '--loki', store, '--header', 'X-Key=sesame'])
  expect(missing).toContain(
    `logs store: ${store} redirects to ${other}/loki; name that address by --loki, if it is the store’s`,
  )
  expect(asked).toEqual([])
})

test('bad flags: a sentence, and nothing is run', async () => {
  const environment = plainEnvironment(temporaryFolder('home'))
  for (const [args, sentence] of [
    [['traces', '--query', 'jaeger:16686'], '--query jaeger:16686 is no http or https address'],
    [
      ['all', '--loki', 'loki:sesame@loki:3100?key=sesame'],
      '--loki …@loki:3100?… is no http or https address',
    ],
    [
      ['all', '--loki', 'http://a:sesame%zz@loki:3100'],
      '--loki http://…@loki:3100 has a name or password that no header can carry: write % as %25',
    ],
    [['traces', '--limit', 'soon'], '--limit soon is no duration'],
    [['traces', '-p', 'repo=a'], '-p repo=a is of a workflow: name it by --argo'],
    [['traces', '--argo', 'x', '-p', 'repo'], '-p repo is no parameter: write NAME=VALUE'],
    [['logs', '--header', 'x y'], '--header  is no header: write NAME=VALUE'],
    [['logs', '--ca', '/nowhere'], '--ca /nowhere cannot be read'],
    [['all', '--junit', '/nowhere/x.xml'], '--junit /nowhere/x.xml cannot be written'],
    [['all', 'now'], 'now is too much'],
    [[], 'validate what? known are validate traces'],
  ] as const) {
    const { code, stdout, stderr } = await stepwell(['validate', ...args], environment)
    expect([code, stdout]).toEqual([125, ''])
    expect(stderr).toContain(sentence)
  }
})

test('Ctrl-C ends it, with its steps and its folder', async () => {
  const environment = {
    ...plainEnvironment(temporaryFolder('home')),
    TMPDIR: temporaryFolder('tmp'),
    OTEL_EXPORTER_OTLP_ENDPOINT: engine.urls.otlpHttp,
  }
  const run = Bun.spawn([launcher, 'validate', 'traces', '--query', empty.urls.ui], {
    env: environment,
    stdout: 'pipe',
    stderr: 'pipe',
  })
  let output = ''
  void (async () => {
    for await (const chunk of run.stdout) output += new TextDecoder().decode(chunk)
  })()
  await waitFor('the steps to be sent', () => output.includes('steps sent'))
  expect(readdirSync(environment.TMPDIR)).toHaveLength(1)
  run.kill('SIGINT')
  expect(await run.exited).toBe(130)
  expect(await new Response(run.stderr).text()).toContain('not everything was looked for')
  expect(readdirSync(environment.TMPDIR)).toEqual([])
})
