// Starts and stops the engine: data folder, journal, receivers, and the index thread with the query ports.

import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Nanoseconds, READY_FILE_NAME } from '@stepwell/model'
import { Acknowledged } from './acknowledged.ts'
import type { EngineConfig, Port } from './config/config.ts'
import {
  EngineStartError,
  JOURNAL_FOLDER_NAME,
  openJournal,
  takeDataFolder,
} from './data-folder.ts'
import { IndexThread, IndexThreadError } from './index-client.ts'
import { IngestCounts } from './ingest/counters.ts'
import { serveOtlpHttp } from './ingest/http.ts'
import { Intake } from './ingest/intake.ts'
import type { Receiver, ReceiverOptions } from './ingest/receiver.ts'
import { takeSubmission } from './ingest/submission.ts'
import { IndexFeed } from './journal/index-feed.ts'
import type { Journal } from './journal/journal.ts'
import { JournalReader } from './journal/reader.ts'
import type { QueryUrls } from './messages.ts'
import { Horizon } from './retention/horizon.ts'
import { readKept } from './retention/kept-file.ts'
import { passMilliseconds, segmentLimits } from './retention/retention.ts'
import { SteadyClock } from './retention/steady-clock.ts'

/** Requests under way have this long to finish, then the index to write what it has: 5 s in all. */
const DRAIN_MILLISECONDS = 1500
const CLOSE_MILLISECONDS = 3000
const COUNTERS_MILLISECONDS = 250

/** What the ready file holds. A port that is off has no URL. */
export interface EngineDescription {
  readonly pid: number
  readonly dataDir: string
  readonly urls: QueryUrls & {
    readonly otlpGrpc: string | undefined
    readonly otlpHttp: string | undefined
  }
}

export interface Engine {
  readonly description: EngineDescription
  /** How many were loaded at the start, for people. */
  readonly rules: string
  /** Reads the rule files again; the log says what became of it. */
  reload(): void
  /** Resolves with a sentence if the engine can't go on; then stop it. */
  readonly failed: Promise<string>
  stop(): Promise<void>
}

/**
 * Resolves when all ports answer and the ready files are written.
 * @param warn takes sentences for the log
 * @throws {EngineStartError}
 */
export async function startEngine(
  config: EngineConfig,
  warn: (message: string) => void,
): Promise<Engine> {
  const undo: (() => void | Promise<void>)[] = []
  try {
    return await start(config, warn, undo)
  } catch (error) {
    for (const step of undo.reverse()) await step()
    throw error instanceof IndexThreadError ? new EngineStartError(error.message) : error
  }
}

async function start(
  config: EngineConfig,
  warn: (message: string) => void,
  undo: (() => void | Promise<void>)[],
): Promise<Engine> {
  const lock = takeDataFolder(config.dataDir)
  undo.push(() => lock.release())
  // The index loads DuckDB in its own thread while this one loads gRPC.
  const acknowledged = new Acknowledged()
  const index = new IndexThread(config, acknowledged)
  // Not cut short: ending a thread while DuckDB loads ends the process with it.
  undo.push(() => index.close(CLOSE_MILLISECONDS))
  const grpcLoads = config.ports.otlpGrpc === 'off' ? undefined : import('./ingest/grpc.ts')

  const journal = openJournal(config.dataDir, { ...segmentLimits(config), warn })
  undo.push(() => journal.close())
  const rolling = setInterval(() => journal.roll(), passMilliseconds(config))
  undo.push(() => clearInterval(rolling))
  const reader = new JournalReader(join(config.dataDir, JOURNAL_FOLDER_NAME), { warn })
  const feed = new IndexFeed({
    journal,
    reader,
    post: (records) => index.records(records),
    failed: (error) => index.fail(`the journal cannot be read: ${(error as Error).message}`),
  })
  undo.push(() => feed.stop())
  journal.onCommit = (records) => {
    acknowledged.advance(records.at(-1)!.acceptedAt)
    feed.committed(records)
  }
  journal.onDeleted = (message) => index.fail(message)
  index.onIndexed = (bytes) => feed.indexed(bytes)

  const counts = new IngestCounts()
  const intake = new Intake({
    journal,
    counts,
    backlogBytes: () => feed.backlogBytes,
    horizon: horizonOf(config, journal),
  })
  index.onRejected = (reason) => counts.rejected('http', reason)
  index.onSubmission = (submission) => takeSubmission(intake, submission, warn)
  const receivers = await listen(config, warn, undo, {
    http: (options) => serveOtlpHttp(intake, options),
    grpc: async (options) => (await grpcLoads)!.serveOtlpGrpc(intake, options),
  })

  await index.unlessFailed(feed.start(await index.opened()))
  const { urls: queryUrls, rules } = await index.serve()
  let told = ''
  const counters = setInterval(() => {
    const { backlogBytes } = feed
    const state = `${counts.requests} ${backlogBytes}`
    if (state === told) return
    told = state
    index.counters({
      ...counts.snapshot(journal.counters),
      stepwell_index_backlog_bytes: backlogBytes,
    })
  }, COUNTERS_MILLISECONDS)
  undo.push(() => clearInterval(counters))

  const description = {
    pid: process.pid,
    dataDir: config.dataDir,
    urls: {
      otlpGrpc: urlOf(config, receivers.grpc),
      otlpHttp: urlOf(config, receivers.http),
      ...queryUrls,
    },
  }
  const readyFiles = [join(config.dataDir, READY_FILE_NAME), config.readyFile].filter(
    (path) => path !== undefined,
  )
  const removeReadyFiles = () => {
    for (const path of readyFiles) rmSync(path, { force: true })
  }
  for (const path of readyFiles) {
    writeReadyFile(path, description)
    undo.push(() => rmSync(path, { force: true }))
  }

  const stop = async () => {
    removeReadyFiles()
    await index.stopRules(DRAIN_MILLISECONDS / 2)
    intake.close()
    await Promise.all(Object.values(receivers).map((each) => each?.stop(DRAIN_MILLISECONDS / 2)))
    clearInterval(rolling)
    await journal.close()
    feed.stop()
    clearInterval(counters)
    await index.close(CLOSE_MILLISECONDS)
    reader.close()
    lock.release()
  }
  return { description, rules, failed: index.failed, reload: () => index.reload(), stop }
}

/** Before any span is let in: what was forgotten must not be counted again. */
function horizonOf({ dataDir, retentionMilliseconds }: EngineConfig, journal: Journal): Horizon {
  const newest = Number(journal.lastAcceptedAt / 1_000_000n)
  const clock = new SteadyClock({
    since: newest || undefined,
    now: Date.now,
    elapsed: () => performance.now(),
    // Retention says it.
    warn: () => {},
  })
  try {
    const kept = readKept(join(dataDir, JOURNAL_FOLDER_NAME))
    return new Horizon(retentionMilliseconds, kept?.forgottenBefore ?? (0n as Nanoseconds), clock)
  } catch (error) {
    throw new EngineStartError((error as Error).message)
  }
}

interface Receivers {
  readonly http: Receiver | undefined
  readonly grpc: Receiver | undefined
}

async function listen(
  config: EngineConfig,
  warn: (message: string) => void,
  undo: (() => void | Promise<void>)[],
  serve: {
    http: (options: ReceiverOptions) => Receiver
    grpc: (options: ReceiverOptions) => Promise<Receiver>
  },
): Promise<Receivers> {
  const { host, token, tls, allowOrigins } = config
  const open = async (
    port: Port,
    what: string,
    flag: string,
    receive: (options: ReceiverOptions) => Receiver | Promise<Receiver>,
  ): Promise<Receiver | undefined> => {
    if (port === 'off') return undefined
    try {
      const receiver = await receive({ host, port, token, tls, allowOrigins, warn })
      undo.push(() => receiver.stop(0))
      return receiver
    } catch (error) {
      throw new EngineStartError(listenSentence(error as Error, host, port, what, flag))
    }
  }
  const { otlpHttp, otlpGrpc } = config.ports
  return {
    http: await open(otlpHttp, 'OTLP/HTTP', 'otlp-http', serve.http),
    grpc: await open(otlpGrpc, 'OTLP/gRPC', 'otlp-grpc', serve.grpc),
  }
}

function listenSentence(error: Error, host: string, port: number, what: string, flag: string) {
  // Bun has it as the code, grpc-js in the message.
  const taken = `${(error as NodeJS.ErrnoException).code} ${error.message}`.includes('EADDRINUSE')
  return taken
    ? `Port ${port} (${what}) is taken on ${host}; choose another with --${flag} PORT, any free one with --${flag} 0, or none with --${flag} off.`
    : `Cannot serve ${what} on ${host}:${port}: ${error.message}`
}

function urlOf({ host, tls }: EngineConfig, receiver: Receiver | undefined): string | undefined {
  if (receiver === undefined) return undefined
  const name = host.includes(':') ? `[${host}]` : host
  return `${tls === undefined ? 'http' : 'https'}://${name}:${receiver.port}`
}

/** Whole or not at all: who waits for the file may read it the moment it is there. */
function writeReadyFile(path: string, description: EngineDescription): void {
  const temporary = join(dirname(path), `.${process.pid}.${READY_FILE_NAME}`)
  try {
    writeFileSync(temporary, `${JSON.stringify(description)}\n`)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw new EngineStartError(
      `The ready file ${path} cannot be written: ${(error as Error).message}`,
    )
  }
}
