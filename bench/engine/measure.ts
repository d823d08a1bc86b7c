// The two measurements of a contender: what it takes to ingest, from an empty folder each time; and, with a store of
// some size, questions, latency, memory and disk.

import type { Contender } from './contenders.ts'
import { type Loaded, spawnLoad } from './load.ts'
import { ask, QUESTIONS, timeUntilFound } from './queries.ts'
import { connect, type Target } from './senders.ts'
import { diskBytes, newFolder, removeFolder, Server } from './server.ts'
import { SPANS, Template, traceIdOf } from './spans.ts'

export const CLIENTS = [1, 8]
const WARM_UP_SECONDS = 2
const LATENCY_SECONDS = 20
const REST_MILLISECONDS = 5000
const QUESTION_RUNS = 15
const FOUND_RUNS = 10
/** Numbers of batches that no loading of a store reaches. */
const EXTRA_BATCHES = 1_000_000

export interface Ingest {
  readonly protocol: 'http' | 'grpc'
  readonly clients: number
  readonly spansPerSecond: number
  /** Of the contender's own, until it is idle again. */
  readonly spansPerCpuSecond: number
  /** The load's own microseconds a span. */
  readonly loadMicroseconds: number
  readonly refusals: number
}

export async function measureIngest(contender: Contender, seconds: number): Promise<Ingest[]> {
  const folder = newFolder()
  const server = await Server.start(contender, folder)
  const results: Ingest[] = []
  let first = 0
  for (const target of targetsOf(server)) {
    const warm = await spawnLoad({ ...target, clients: 8, first, seconds: WARM_UP_SECONDS })
    first += warm.batches
    for (const clients of CLIENTS) {
      await server.idle()
      const before = server.cpuSeconds
      const loaded = await spawnLoad({ ...target, clients, first, seconds })
      await server.idle()
      first += loaded.batches
      results.push({
        protocol: target.protocol,
        clients,
        spansPerSecond: loaded.spans / loaded.seconds,
        spansPerCpuSecond: loaded.spans / (server.cpuSeconds - before),
        loadMicroseconds: (loaded.cpuSeconds / loaded.spans) * 1e6,
        refusals: loaded.refusals,
      })
    }
  }
  await server.stop()
  removeFolder(folder)
  return results
}

function targetsOf({ contender, ports }: Server): Target[] {
  return [
    { protocol: 'http', url: contender.otlpHttp(ports) },
    ...(contender.otlpGrpc ? [{ protocol: 'grpc' as const, url: contender.otlpGrpc(ports) }] : []),
  ]
}

export interface Stored {
  readonly millions: number
  readonly loaded: Loaded
  /** From the first sending until it is idle. */
  readonly secondsToIdle: number
  readonly residentBytes: number
  readonly peakResidentBytes: number
  readonly diskBytesPerSpan: number
  readonly questions: ReadonlyMap<string, readonly number[] | undefined>
}

export interface Life {
  readonly readyEmpty: number
  readonly stored: readonly Stored[]
  /** Milliseconds, ascending. */
  readonly found: readonly number[]
  readonly latency: Loaded
  readonly readyFull: number
}

/** Fills it to each of `millions` of spans in turn, asks, and starts it again. */
export async function measureLife(
  contender: Contender,
  millions: readonly number[],
): Promise<Life> {
  const folder = newFolder()
  const server = await Server.start(contender, folder)
  const target = targetsOf(server)[0]!
  const jaeger = contender.jaeger?.(server.ports)
  const stored: Stored[] = []
  let batches = 0
  for (const million of millions) {
    const more = (million * 1e6) / SPANS - batches
    const started = performance.now()
    const loaded = await spawnLoad({ ...target, clients: 8, first: batches, batches: more })
    batches += more
    const secondsToIdle = ((await server.idle()) - started) / 1000
    // Memory is given back a while after it was needed.
    await Bun.sleep(REST_MILLISECONDS)
    const { residentBytes, peakResidentBytes } = server
    const questions = new Map<string, readonly number[] | undefined>()
    for (const question of jaeger ? QUESTIONS : []) {
      questions.set(question.name, await ask(jaeger!, question, QUESTION_RUNS, batches))
    }
    stored.push({
      millions: million,
      loaded,
      secondsToIdle,
      residentBytes,
      peakResidentBytes,
      diskBytesPerSpan: diskBytes(folder) / (batches * SPANS),
      questions,
    })
  }
  const found = jaeger ? await timesUntilFound(target, jaeger) : []
  // Half of what it took in while it was filled.
  const { loaded } = stored[0]!
  const rate = loaded.batches / stored[0]!.secondsToIdle / 2
  const first = EXTRA_BATCHES
  const latency = await spawnLoad({ ...target, clients: 8, first, rate, seconds: LATENCY_SECONDS })
  await server.idle()
  await server.stop()
  const again = await Server.start(contender, folder)
  await again.stop()
  removeFolder(folder)
  return {
    readyEmpty: server.readyMilliseconds,
    stored,
    found,
    latency,
    readyFull: again.readyMilliseconds,
  }
}

async function timesUntilFound(target: Target, jaeger: string): Promise<number[]> {
  const send = await connect(target)
  const template = new Template(0)
  const times: number[] = []
  for (let run = 0; run < FOUND_RUNS; run++) {
    const batch = EXTRA_BATCHES * 2 + run
    const body = template.write(batch).slice()
    times.push(await timeUntilFound(jaeger, traceIdOf(batch, 0), () => send(body)))
  }
  return times.sort((a, b) => a - b)
}
