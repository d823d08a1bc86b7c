// The index thread: DuckDB, derivation and every query port. It lives on messages (messages.ts) from the
// receiving thread, which owns the journal.

import { join } from 'node:path'
import { Acknowledged } from './acknowledged.ts'
import { ownFamilies } from './api/metrics/own.ts'
import { type Serving, serveApis } from './api/serve.ts'
import type { EngineConfig } from './config/config.ts'
import type { JournalRecord } from './journal/types.ts'
import type { FromIndexThread, IngestCounters, ToIndexThread } from './messages.ts'
import { Notifier } from './notify/notifier.ts'
import { OperatorNotifications, RELOAD_FAILED, SHUTTING_DOWN } from './notify/operator.ts'
import { withOwn } from './own/derived.ts'
import { OwnHistory } from './own/history.ts'
import { eachTick } from './own/ticks.ts'
import { JournalSink } from './remote-write/sink.ts'
import { passMilliseconds, Retention } from './retention/retention.ts'
import { SteadyClock } from './retention/steady-clock.ts'
import { SYSTEM_CLOCK } from './rules/engine/clock.ts'
import { type LoadedRules, loadRules } from './rules/engine/load.ts'
import { Rules } from './rules/engine/rules.ts'
import { StateFile } from './rules/engine/state-file.ts'
import { openStore } from './store/store.ts'
import { Submissions } from './submissions.ts'

declare const self: Worker

type Opened = Awaited<ReturnType<typeof openStore>> & {
  readonly config: EngineConfig
  readonly acknowledged: Acknowledged
  readonly loadedRules: LoadedRules
}

let opened: Opened | undefined
let serving: Serving | undefined
let retention: Retention | undefined
let notifier: Notifier | undefined
let rules: Rules | undefined
let counters: IngestCounters = {}
let stopTicks = () => {}
const submissions = new Submissions((message, transfer) => self.postMessage(message, transfer))
const operator = new OperatorNotifications()

/** One thing after the other, in the order of the messages; indexing alone overlaps, and keeps its order itself. */
let work: Promise<void> = Promise.resolve()

self.addEventListener('message', ({ data }: MessageEvent<ToIndexThread>) => {
  if (data.type === 'counters') counters = data.counters
  else if (data.type === 'submitted') submissions.settle(data)
  // Not in line: what is evaluated waits for records.
  else if (data.type === 'reload') void reload()
  else if (data.type === 'stopRules') void stopRules()
  else work = work.then(() => perform(data)).catch(fail)
})

const warn = (message: string) => console.error(`stepwell: ${message}`)

async function perform(
  message: Exclude<ToIndexThread, { type: 'counters' | 'submitted' | 'reload' | 'stopRules' }>,
): Promise<void> {
  switch (message.type) {
    case 'open':
      opened = await open(message)
      post({ type: 'opened', after: opened.after })
      return
    case 'records':
      // Not awaited: the store gathers what comes while it writes.
      index(message.records).catch(fail)
      return
    case 'serve': {
      const { config, store, loadedRules } = started()
      const deleting = retain(started())
      retention = deleting
      const ingestCounters = () => ({
        ...counters,
        ...newestRecords(started()),
        ...deleting.counters(),
      })
      const own = new OwnHistory()
      const derived = withOwn(started().derived, own)
      const sending = new Notifier({
        config,
        operator,
        warn,
        externalUrl: () => externalUrl(config),
      })
      notifier = sending
      const evaluating = new Rules(
        {
          paths: config.rules,
          source: derived,
          sink: new JournalSink(submissions, store),
          alerts: sending,
          externalLabels: config.externalLabels,
          limits: {
            timeoutMilliseconds: config.queryTimeoutMilliseconds,
            maxSamples: config.queryMaxSamples,
          },
          states: new StateFile(config.dataDir, warn),
          clock: SYSTEM_CLOCK,
          caughtUp: () => store.caughtUp(),
          reloaded: (isSuccessful) => {
            if (isSuccessful) operator.remove(RELOAD_FAILED)
            else operator.add(RELOAD_FAILED)
          },
          warn,
        },
        loadedRules,
      )
      rules = evaluating
      const engine = {
        config,
        store,
        derived,
        rules: evaluating,
        notifier: sending,
        operator,
        ingestCounters,
        intake: submissions,
      }
      serving = await serveApis(engine)
      derived.ready()
      stopTicks = eachTick((at) => own.take(at, ownFamilies(engine)))
      deleting.start(passMilliseconds(config))
      evaluating.start(externalUrl(config))
      post({ type: 'serving', urls: serving.urls, rules: evaluating.summary })
      return
    }
    case 'close':
      operator.add(SHUTTING_DOWN)
      stopTicks()
      await stopRules()
      await Promise.all([serving?.stop(), notifier?.stop()])
      await retention?.close()
      await opened?.store.close()
      post({ type: 'closed' })
  }
}

async function open(message: Extract<ToIndexThread, { type: 'open' }>): Promise<Opened> {
  const { config, startedAt } = message
  const journalDir = join(config.dataDir, 'journal')
  // First: an engine whose rules are not sound does not start.
  const loadedRules = loadRules(config.rules)
  const acknowledged = new Acknowledged(message.acknowledged)
  const until = () => acknowledged.until
  const store = await openStore({ config, journalDir, startedAt, acknowledged: until, warn })
  return { ...store, config, acknowledged, loadedRules }
}

async function reload(): Promise<void> {
  try {
    await rules?.reload()
    if (rules) warn(`rules: read again: ${rules.summary}`)
  } catch (error) {
    warn(`rules: nothing has changed: ${(error as Error).message}`)
  }
}

async function stopRules(): Promise<void> {
  await rules?.close()
  post({ type: 'rulesStopped' })
}

/** Where the links of alerts lead. */
const externalUrl = (config: EngineConfig): string =>
  config.externalUrl ?? serving?.urls.ui ?? serving?.urls.prometheus ?? ''

/** How far the index is behind the journal. */
function newestRecords({ store, acknowledged }: Opened): IngestCounters {
  const seconds = (time: bigint) => Number(time) / 1e9
  const indexed = store.writtenAcceptedAt
  const newest = acknowledged.until > store.acceptedAt ? acknowledged.until : store.acceptedAt
  return {
    stepwell_journal_newest_record_timestamp_seconds: seconds(newest),
    stepwell_index_newest_record_timestamp_seconds: seconds(indexed),
  }
}

function retain({ config, store }: Opened): Retention {
  const { retentionMilliseconds, maxSizeBytes } = config
  const newest = Number(store.acceptedAt / 1_000_000n)
  return new Retention({
    retentionMilliseconds,
    maxSizeBytes,
    folder: join(config.dataDir, 'journal'),
    store,
    clock: new SteadyClock({
      since: newest || undefined,
      now: Date.now,
      elapsed: () => performance.now(),
      warn,
    }),
    warn,
  })
}

async function index(records: readonly JournalRecord[]): Promise<void> {
  const bytes = records.reduce((sum, { body }) => sum + body.length, 0)
  await started().store.index(records)
  // They came over whole and nobody has them any more: the collector would let them stand for seconds.
  for (const { body } of records) (body.buffer as ArrayBuffer).transfer(0)
  post({ type: 'indexed', bytes })
  collectAtRest(bytes)
}

/** Record bodies that leave about 100 MB of garbage, and how long no more must have come before it is collected. */
const MUCH_BYTES = 64 << 20
const REST_MILLISECONDS = 2000
let sinceCollected = 0
let rest: ReturnType<typeof setTimeout> | undefined

/** What a flood leaves, the collector by itself clears away with the next one only: nothing else allocates. */
function collectAtRest(bytes: number): void {
  sinceCollected += bytes
  if (sinceCollected < MUCH_BYTES) return
  clearTimeout(rest)
  rest = setTimeout(() => {
    sinceCollected = 0
    Bun.gc(true)
  }, REST_MILLISECONDS)
}

function started(): Opened {
  if (opened === undefined) throw new Error('the index is not open')
  return opened
}

function post(message: FromIndexThread): void {
  self.postMessage(message)
}

function fail(error: unknown): void {
  post({ type: 'failed', message: (error as Error).message })
}
