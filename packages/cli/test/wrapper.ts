// What the tests of the compiled wrapper share: the binary itself, runs of it in a clean environment, and a small
// OTLP receiver that answers as a test wants.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  attributeText,
  decodeJson,
  encodeProtobuf,
  type InstrumentationScope,
  type KeyValue,
  type LogRecord,
  type Metric,
  type Resource,
  type Span,
} from '@stepwell/otlp'
import { decodeProtobuf } from '@stepwell/otlp/decode'

const root = resolve(import.meta.dir, '../../..')
export const WRAPPER = join(root, 'dist/stepwell')

/** Compiles the wrapper where its sources have changed. */
export function buildWrapper(): void {
  const built = spawnSync('node', [join(root, 'scripts/build-wrapper.mjs'), '--if-changed'], {
    encoding: 'utf8',
  })
  if (built.status !== 0) throw new Error(`${built.stdout}${built.stderr}`)
}

/** A folder that goes when the test is over. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'stepwell-cli-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

export interface Run {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | number | null
  readonly stdout: Buffer
  readonly stderr: Buffer
  readonly milliseconds: number
}

export interface Running {
  readonly process: Bun.Subprocess<'pipe', 'pipe', 'pipe'>
  readonly ended: Promise<Run>
}

export type Variables = Record<string, string>

/** Only what a program needs to be found; HOME is nowhere that matters. */
export const baseEnvironment = (folder: string): Variables => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  HOME: folder,
  STEPWELL_SPOOL: join(folder, 'spool'),
})

export function start(
  command: readonly string[],
  environment: Variables,
  { cwd, stdin }: { cwd?: string; stdin?: string | Uint8Array } = {},
): Running {
  const started = performance.now()
  const child = Bun.spawn([...command], {
    env: environment,
    cwd: cwd ?? environment.HOME ?? '/',
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    // Not beside the terminal that the tests may be run from: the wrapper behaves otherwise there.
    detached: true,
  })
  if (stdin !== undefined) child.stdin.write(stdin)
  child.stdin.end()
  const ended = Promise.all([
    new Response(child.stdout).arrayBuffer(),
    new Response(child.stderr).arrayBuffer(),
    child.exited,
  ]).then(([stdout, stderr]) => ({
    exitCode: child.exitCode,
    signal: child.signalCode,
    stdout: Buffer.from(stdout),
    stderr: Buffer.from(stderr),
    milliseconds: performance.now() - started,
  }))
  return { process: child, ended }
}

/** Runs `stepwell ARGS…` to its end. */
export const stepwell = (
  args: readonly string[],
  environment: Variables,
  options: { cwd?: string; stdin?: string | Uint8Array } = {},
): Promise<Run> => start([WRAPPER, ...args], environment, options).ended

export interface Received<T> {
  readonly resource: Resource | undefined
  readonly record: T
  /** `performance.now()` of its arrival. */
  readonly at: number
}

export interface ReceivedLog extends Received<LogRecord> {
  readonly scope: InstrumentationScope | undefined
}

export class Receiver implements Disposable {
  readonly spans: Received<Span>[] = []
  readonly logs: ReceivedLog[] = []
  readonly metrics: Received<Metric>[] = []
  readonly headers: Headers[] = []
  requests = 0
  /** What every request is answered with; by default it is taken. */
  answer: (signal: string) => Response | Promise<Response> = () => accepted()
  readonly #server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    fetch: async (request) => this.#receive(request),
  })

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`
  }

  get port(): number {
    return this.#server.port!
  }

  environment(folder: string): Variables {
    return { ...baseEnvironment(folder), OTEL_EXPORTER_OTLP_ENDPOINT: this.url }
  }

  /** Lines of output, by stream. */
  lines(stream: 'stdout' | 'stderr'): string[] {
    return this.logs
      .filter(({ record }) => attributeText(record.attributes, 'log.iostream') === stream)
      .map(({ record }) => textOf(record))
  }

  events(): string[] {
    return this.logs.map(({ record }) => record.eventName).filter((name) => name !== '')
  }

  stop(): void {
    this.#server.stop(true)
  }

  [Symbol.dispose](): void {
    this.stop()
  }

  async #receive(request: Request): Promise<Response> {
    this.requests++
    this.headers.push(request.headers)
    const signal = new URL(request.url).pathname.split('/').at(-1)!
    const bytes = new Uint8Array(await request.arrayBuffer())
    const body = request.headers.get('content-encoding') === 'gzip' ? Bun.gunzipSync(bytes) : bytes
    const answer = await this.answer(signal)
    const json = request.headers.get('content-type') === 'application/json'
    if (answer.status === 200) this.#take(signal, json ? protobufOf(signal, body) : body)
    return answer
  }

  #take(signal: string, body: Uint8Array): void {
    const at = performance.now()
    if (signal === 'traces')
      for (const { resource, scopeSpans } of decodeProtobuf('traces', body).resourceSpans)
        for (const { spans } of scopeSpans)
          for (const record of spans) this.spans.push({ resource, record, at })
    if (signal === 'logs')
      for (const { resource, scopeLogs } of decodeProtobuf('logs', body).resourceLogs)
        for (const { scope, logRecords } of scopeLogs)
          for (const record of logRecords) this.logs.push({ resource, scope, record, at })
    if (signal === 'metrics')
      for (const { resource, scopeMetrics } of decodeProtobuf('metrics', body).resourceMetrics)
        for (const { metrics } of scopeMetrics)
          for (const record of metrics) this.metrics.push({ resource, record, at })
  }
}

const protobufOf = (signal: string, json: Uint8Array) => {
  const text = new TextDecoder().decode(json)
  return signal === 'traces'
    ? encodeProtobuf('traces', decodeJson('traces', text))
    : encodeProtobuf('logs', decodeJson('logs', text))
}

export const accepted = () =>
  new Response(new Uint8Array(0), { headers: { 'content-type': 'application/x-protobuf' } })

const textOf = ({ body }: LogRecord) => (body && 'stringValue' in body ? body.stringValue : '')

/** Waits for `condition`, at the most 20 s. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const limit = performance.now() + 20_000
  while (!condition()) {
    if (performance.now() > limit) throw new Error(`waited in vain for ${what}`)
    await Bun.sleep(5)
  }
}

/** Plain values by name; integers are bigint. */
export function attributes(record: {
  readonly attributes: readonly KeyValue[]
}): Record<string, unknown> {
  return Object.fromEntries(
    record.attributes.map(({ key, value }) => [key, Object.values(value ?? {})[0]]),
  )
}
