// The telemetry of one piece of work, loaded while its command runs already: announcements, lines of output, and
// the span at the end. Nothing in here may reach the command or its exit code.

import {
  ANNOUNCE_EVERY_MILLISECONDS,
  type AnnouncementPhase,
  announcementAttributes,
  announcementEventName,
} from '@stepwell/model/announcement'
import { LOG_STREAM } from '@stepwell/model/attributes'
import { SAMPLED } from '@stepwell/model/context'
import { mergeFacts } from '@stepwell/model/detect'
import { withEvent } from '@stepwell/model/detect-event'
import type { Environment } from '@stepwell/model/environment'
import { nanosecondsOfMilliseconds } from '@stepwell/model/ids'
import type { LineRedactor } from '@stepwell/model/redact/index'
import { ownResource } from '@stepwell/model/resource'
import { type End, lineAttributes, spanName, type ToldFacts } from '@stepwell/model/span'
import { keyValues } from '@stepwell/otlp/attributes'
import { encodeProtobuf } from '@stepwell/otlp/encode'
import type { LogRecord, Sparse } from '@stepwell/otlp/types'
import { readSmallFile } from '../libc.ts'
import type { Start, Work } from '../run/work.ts'
import { isAnnouncement } from './announce.ts'
import { isBinary } from './binary.ts'
import { OutputBudget } from './budget.ts'
import { Cause } from './cause.ts'
import type { Delivery } from './delivery.ts'
import type { Gauges } from './gauges.ts'
import { gitFacts } from './git.ts'
import { LineCutter } from './lines.ts'
import { Redaction } from './redaction.ts'
import type { ResourceMeter } from './resources/meter.ts'
import { foundRules } from './rules.ts'
import { INFO, severityOf } from './severity.ts'
import { encodeSpans, SCOPE } from './span.ts'

type LogInput = Sparse<LogRecord>

/** Lines wait so long for company: the page shows them live. */
const FLUSH_MILLISECONDS = 200
/** While nobody answers, batches grow instead of filling the spool with small files. */
const UNREACHABLE_FLUSH_MILLISECONDS = 5_000
const MAX_BATCH_BYTES = 512 << 10
/** Output is recorded or skipped in pieces of this: a chunk may be as large as a pipe can be made. */
const PIECE_BYTES = 32 << 10
/** A record's attributes, ids and times, about. */
const RECORD_BYTES = 120

export class Report {
  /** With what git says of the working folder. */
  readonly facts: ToldFacts
  readonly #work: Work
  readonly #start: Start
  readonly #delivery: Delivery
  readonly #resource: Record<string, string>
  readonly #redaction: Redaction
  readonly #warn: (sentence: string) => void
  readonly cause: Cause
  readonly #streams: { readonly cutter: LineCutter; readonly add: (line: string) => void }[] = []
  #records: LogInput[] = []
  #announcements = new Set<LogInput>()
  #bytes = 0
  readonly #budget = new OutputBudget(performance.now())
  #lastNano = 0n
  #meter: ResourceMeter | undefined
  #gauges: Gauges | undefined
  #flushTimer: Timer | undefined
  #announceTimer: Timer | undefined

  constructor(
    work: Work,
    start: Start,
    environment: Environment,
    delivery: Delivery,
    warn: (sentence: string) => void,
  ) {
    this.#work = work
    this.#start = start
    this.#delivery = delivery
    this.#warn = warn
    const rules = work.rules ?? foundRules(environment, warn)
    this.cause = new Cause(rules)
    this.#redaction = new Redaction(environment, rules.redact)
    const facts = mergeFacts([
      ...withEvent(work.context.layers, environment, readSmallFile),
      { source: 'git', facts: gitFacts(process.cwd()) },
    ])
    this.facts = this.#redaction.facts(facts, work)
    this.#resource = this.#redaction.values(ownResource(environment, warn))
    this.#announce('started')
    this.#flush()
    this.#announceTimer = setInterval(() => {
      this.#announce('running')
      this.#flushIn(0)
      this.#sendGauges()
    }, ANNOUNCE_EVERY_MILLISECONDS)
  }

  /**
   * The command goes on: what its end, and its first line, would have to wait for is done meanwhile. Code is slow the
   * first time; so the span is encoded once for nothing.
   */
  prepareEnd(): void {
    this.#redaction.load()
    this.#encodeSpan({ exitCode: 0 }, this.#start.unixNano)
  }

  /** What the command uses is told while it runs, with each announcement. */
  watch(meter: ResourceMeter): void {
    if (this.#work.kind === 'step') this.#meter = meter
  }

  /** Gives what takes the chunks of one stream; undefined: of both, where they are one. */
  output(stream: 'stdout' | 'stderr' | undefined): (chunk: Uint8Array) => void {
    const attributes = keyValues(stream ? { [LOG_STREAM]: stream } : {})
    let redactor: LineRedactor | undefined
    const add = (line: string, kept = line.length) => {
      if (isAnnouncement(line)) return
      redactor ??= this.#redaction.forLines()
      const redacted = redactor.line(line, kept)
      const text = kept < line.length ? `${redacted}…` : redacted
      const severity = severityOf(text)
      this.#add(
        {
          severityNumber: severity.number,
          severityText: severity.text,
          body: { stringValue: text },
          attributes,
        },
        text.length,
      )
    }
    let lines = 0
    const cutter = new LineCutter((text, kept) => {
      lines++
      if (this.#bytes > MAX_BATCH_BYTES) this.#flush()
      add(text, kept)
      this.#flushIn(FLUSH_MILLISECONDS)
    })
    this.#streams.push({ cutter, add })
    const skip = (chunk: Uint8Array) => {
      cutter.skip(chunk)
      redactor ??= this.#redaction.forLines()
      redactor.gap()
    }
    const take = (chunk: Uint8Array) => {
      const hasRoom = this.#bytes <= MAX_BATCH_BYTES || this.#flush()
      const started = performance.now()
      if (!hasRoom || !this.#budget.admits(chunk.length, started) || isBinary(chunk)) {
        skip(chunk)
        return
      }
      lines = 0
      cutter.push(chunk)
      this.#budget.spend(lines, performance.now() - started)
    }
    return (chunk) => {
      this.cause.tail.push(stream ?? 'stdout', chunk)
      if (this.#budget.isSpent(performance.now())) return skip(chunk)
      for (let at = 0; at < chunk.length; at += PIECE_BYTES)
        take(chunk.subarray(at, at + PIECE_BYTES))
    }
  }

  /**
   * The work is over: the rest of the lines and the span go out.
   * @param at `performance.now()` of the end.
   */
  async end(end: End, at: number, milliseconds: number): Promise<void> {
    clearInterval(this.#announceTimer)
    clearTimeout(this.#flushTimer)
    this.#endOutput()
    if (this.#redaction.tooSlow)
      this.#warn(
        'a redact pattern of the rules file takes too long: from there on no line was recorded',
      )
    const logs = this.#batch()
    if (logs) this.#delivery.send('logs', logs.body, logs.toKeep)
    this.#gauges?.end(this.#nanoAt(at))
    const span = this.#encodeSpan(end, this.#nanoAt(at))
    this.#delivery.send('traces', span, () => span)
    await this.#delivery.finish(milliseconds)
  }

  #encodeSpan(end: End, endTimeUnixNano: bigint): Uint8Array {
    return encodeSpans([
      {
        kind: this.#work.kind,
        facts: this.facts,
        identity: this.#work.context.identity,
        startTimeUnixNano: this.#start.unixNano,
        endTimeUnixNano,
        end: this.#redaction.end(end),
        resource: this.#resource,
      },
    ])
  }

  #announce(phase: AnnouncementPhase): void {
    const { kind, context } = this.#work
    const eventName = announcementEventName(kind, phase)
    const attributes = announcementAttributes(
      kind,
      this.facts,
      this.#start.unixNano,
      context.identity.parentSpanId,
    )
    const record: LogInput = {
      severityNumber: INFO.number,
      severityText: INFO.text,
      eventName,
      // Again as an attribute, for receivers that drop the field.
      attributes: keyValues({ 'event.name': eventName, ...attributes }),
      body: { stringValue: `${spanName(kind, this.facts)} ${phase}` },
    }
    this.#announcements.add(this.#add(record, 400))
  }

  #sendGauges(): void {
    const used = this.#meter?.now()
    if (!used) return
    // A step that is over in 10 s needs no more of this.
    const loaded = require('./gauges.ts') as typeof import('./gauges.ts')
    const { identity } = this.#work.context
    this.#gauges ??= new loaded.Gauges(this.#delivery, this.facts, identity, this.#resource)
    this.#gauges.send(used, this.#nanoAt(performance.now()))
  }

  #add(record: LogInput, bytes: number): LogInput {
    const { traceId, spanId, flags } = this.#work.context.identity
    // No two at one time: the order of lines is the order of their times, in every back end.
    const now = this.#nanoAt(performance.now())
    this.#lastNano = now > this.#lastNano ? now : this.#lastNano + 1n
    const full: LogInput = {
      ...record,
      timeUnixNano: this.#lastNano,
      observedTimeUnixNano: this.#lastNano,
      flags: flags | SAMPLED,
      traceId,
      spanId,
    }
    this.#records.push(full)
    this.#bytes += RECORD_BYTES + bytes
    return full
  }

  /** How much was skipped is said before the last lines, which come in any case. */
  #endOutput(): void {
    const tails: { readonly add: (line: string) => void; readonly lines: readonly string[] }[] = []
    let skipped = 0
    for (const { cutter, add } of this.#streams) {
      tails.push({ add, lines: cutter.end() })
      skipped += cutter.skipped
    }
    if (skipped > 0)
      this.#add(
        {
          severityNumber: 13,
          severityText: 'WARN',
          body: { stringValue: `stepwell: ${skipped} bytes of output were not recorded` },
          attributes: [],
        },
        80,
      )
    for (const { add, lines } of tails) for (const line of lines) add(line)
  }

  #flushIn(milliseconds: number): void {
    this.#flushTimer ??= setTimeout(() => {
      this.#flushTimer = undefined
      if (this.#delivery.reachable) this.#flush()
      else this.#flushIn(UNREACHABLE_FLUSH_MILLISECONDS)
    }, milliseconds)
  }

  /** False when too much waits for its delivery already. */
  #flush(): boolean {
    const { full } = this.#delivery
    if (full) return false
    const batch = this.#batch()
    if (batch) this.#delivery.send('logs', batch.body, batch.toKeep)
    return true
  }

  #batch(): { body: Uint8Array; toKeep: () => Uint8Array | undefined } | undefined {
    const records = this.#records
    const announcements = this.#announcements
    if (records.length === 0) return undefined
    this.#records = []
    this.#announcements = new Set()
    this.#bytes = 0
    const lines =
      announcements.size > 0 ? records.filter((record) => !announcements.has(record)) : records
    const body = this.#encode(lines, [...announcements])
    // What was announced an hour ago does not run: the spool keeps lines alone.
    const toKeep = () => (lines.length > 0 ? this.#encode(lines, []) : undefined)
    return { body, toKeep }
  }

  /** Announcements say whose they are themselves, for lines it is said once. */
  #encode(lines: readonly LogInput[], announcements: readonly LogInput[]): Uint8Array {
    const resource = { attributes: keyValues(this.#resource) }
    const attributes = keyValues(lineAttributes(this.#work.kind, this.facts))
    const scopeLogs = [
      { scope: SCOPE, logRecords: announcements },
      { scope: { ...SCOPE, attributes }, logRecords: lines },
    ].filter(({ logRecords }) => logRecords.length > 0)
    return encodeProtobuf('logs', { resourceLogs: [{ resource, scopeLogs }] })
  }

  #nanoAt(at: number): bigint {
    return this.#start.unixNano + nanosecondsOfMilliseconds(Math.max(0, at - this.#start.at))
  }
}
