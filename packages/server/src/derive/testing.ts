// For tests: the engine as a fixture of derivation (packages/model/fixtures) drives it, with journal, store and
// derivation in place, and what else has to be told of a fixture's spans.

import { join } from 'node:path'
import { ATTRIBUTE, announcementEventName, otlpKind } from '@stepwell/model'
import {
  FIXTURE_START,
  type FixtureAnnouncement,
  type FixtureEvent,
  type FixtureSpan,
} from '@stepwell/model/fixture'
import type { RequestOf, Sparse } from '@stepwell/otlp'
import { evaluateInstant, type Labels, type Source } from '@stepwell/promql'
import { Retention } from '../retention/retention.ts'
import { SteadyClock } from '../retention/steady-clock.ts'
import type { OpenStore } from '../store/store.ts'
import { TestData } from '../store/testing.ts'

export class FixtureEngine {
  /** Each request has a segment of its own: whole ones are deleted. */
  readonly data = new TestData({ segmentBytes: 1 })
  #folder = this.data.root
  #opened!: OpenStore
  #rebuilds = 0

  static async start(): Promise<FixtureEngine> {
    const engine = new FixtureEngine()
    engine.data.now = FIXTURE_START
    await engine.#open()
    return engine
  }

  get derived(): OpenStore['derived'] {
    return this.#opened.derived
  }

  get store(): OpenStore['store'] {
    return this.#opened.store
  }

  /** Brings the engine to the event's time, and does to it what the event says. */
  async perform(event: FixtureEvent): Promise<void> {
    this.data.now = FIXTURE_START + event.at
    if (event.type === 'arrive') return this.#arrive(event.sent)
    if (event.type === 'expect' || event.type === 'samples') return
    if (event.type === 'delete') return this.#delete(event.at - event.from)
    this.data.now = FIXTURE_START + event.from
    if (event.type === 'kill') this.#folder = this.data.crash(this.#folder)
    else await this.#opened.store.close()
    if (event.type === 'rebuild') {
      this.#folder = join(this.data.root, `rebuilt-${++this.#rebuilds}`)
    }
    this.data.now = FIXTURE_START + event.at
    await this.#open()
  }

  async #open(): Promise<void> {
    this.#opened = await this.data.openStore(this.#folder)
    this.#opened.derived.ready()
  }

  async #delete(retentionMilliseconds: number): Promise<void> {
    const now = () => this.data.now
    const warn = (message: string) => this.data.warnings.push(message)
    const retention = new Retention({
      folder: join(this.data.root, 'journal'),
      retentionMilliseconds,
      maxSizeBytes: Number.POSITIVE_INFINITY,
      store: this.#opened.store,
      clock: new SteadyClock({ since: now(), now, elapsed: now, warn }),
      warn,
    })
    await retention.pass()
    // That it deleted something is no mistake, and that it didn't is one.
    const said = this.data.warnings.pop()
    if (!said?.startsWith('retention: deleted ')) throw new Error(said ?? 'nothing was deleted')
  }

  async #arrive(sent: readonly (FixtureSpan | FixtureAnnouncement)[]): Promise<void> {
    const records = []
    const spans = sent.filter((one) => one.type === 'span')
    if (spans.length > 0) records.push(await this.data.accept('traces', tracesRequest(spans)))
    const announcements = sent.filter((one) => one.type === 'announce')
    if (announcements.length > 0) {
      records.push(await this.data.accept('logs', logsRequest(announcements)))
    }
    await this.#opened.store.index(records)
  }
}

export const tracesRequest = (spans: readonly FixtureSpan[]): Sparse<RequestOf['traces']> => ({
  resourceSpans: spans.map((span) => ({
    resource: { attributes: span.resource },
    scopeSpans: [
      {
        spans: [
          {
            traceId: span.traceId,
            spanId: span.spanId,
            kind: otlpKind(span.kind),
            startTimeUnixNano: nanoseconds(span.start),
            endTimeUnixNano: nanoseconds(span.end),
            attributes: span.attributes,
          },
        ],
      },
    ],
  })),
})

const logsRequest = (announcements: readonly FixtureAnnouncement[]): Sparse<RequestOf['logs']> => ({
  resourceLogs: announcements.map((announcement) => ({
    resource: { attributes: announcement.resource },
    scopeLogs: [
      {
        logRecords: [
          {
            timeUnixNano: nanoseconds(announcement.saidAt),
            traceId: announcement.traceId,
            spanId: announcement.spanId,
            eventName: announcementEventName(announcement.kind, announcement.phase),
            attributes: [
              ...announcement.attributes,
              {
                key: ATTRIBUTE.startTime,
                value: { stringValue: String(nanoseconds(announcement.saidAt)) },
              },
            ],
          },
        ],
      },
    ],
  })),
})

const nanoseconds = (offset: number): bigint => BigInt(FIXTURE_START + offset) * 1_000_000n

/** What the query of an `expect` gives there, and what it should give: sorted lines to compare. */
export async function judge(
  source: Source,
  event: Extract<FixtureEvent, { type: 'expect' }>,
): Promise<{ given: string[]; expected: string[] }> {
  const { result } = await evaluateInstant(source, event.query, FIXTURE_START + event.at)
  if (result.type !== 'vector') throw new Error(`${event.query} gives no vector`)
  return {
    given: result.samples.map(({ labels, value }) => `${labelText(labels)} ${value}`).sort(),
    expected: event.results.map(({ labels, value }) => `${canonical(labels)} ${value}`).sort(),
  }
}

export const labelText = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))

/** `{a="b"}` in the same form. */
export const canonical = (text: string): string =>
  labelText(
    Object.fromEntries(
      [...text.matchAll(/(\w+)=("(?:[^"\\]|\\.)*")/g)].map(([, name, value]) => [
        name!,
        JSON.parse(value!),
      ]),
    ),
  )
