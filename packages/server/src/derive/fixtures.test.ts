// The engine judged by the fixtures of derivation (packages/model/fixtures): journal, store and derivation together.

import { afterAll, describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ATTRIBUTE, announcementEventName, otlpKind } from '@stepwell/model'
import {
  FIXTURE_START,
  type FixtureAnnouncement,
  type FixtureEvent,
  type FixtureSpan,
  fixtureTime,
  parseFixture,
} from '@stepwell/model/fixture'
import { evaluateInstant, isStale, type Labels, parse } from '@stepwell/promql'
import type { OpenStore } from '../store/store.ts'
import { TestData } from '../store/testing.ts'

const FOLDER = join(import.meta.dir, '../../../model/fixtures')

const folders: TestData[] = []
afterAll(async () => {
  for (const data of folders) await data.remove()
})

describe('fixture', () => {
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))) {
    test(file, async () => {
      const engine = await Engine.start()
      for (const event of parseFixture(readFileSync(join(FOLDER, file), 'utf8'), file)) {
        await engine.perform(event, `${file}:${event.line}`)
      }
      expect(engine.data.warnings).toEqual([])
    })
  }
})

class Engine {
  readonly data = new TestData()
  #folder = this.data.root
  #opened!: OpenStore
  #rebuilds = 0

  static async start(): Promise<Engine> {
    const engine = new Engine()
    folders.push(engine.data)
    engine.data.now = FIXTURE_START
    await engine.#open()
    return engine
  }

  async perform(event: FixtureEvent, place: string): Promise<void> {
    this.data.now = FIXTURE_START + event.at
    switch (event.type) {
      case 'arrive':
        return this.#arrive(event.sent)
      case 'restart':
      case 'kill':
      case 'rebuild':
        this.data.now = FIXTURE_START + event.from
        if (event.type === 'kill') this.#folder = this.data.crash(this.#folder)
        else await this.#opened.store.close()
        if (event.type === 'rebuild') {
          this.#folder = join(this.data.root, `rebuilt-${++this.#rebuilds}`)
        }
        this.data.now = FIXTURE_START + event.at
        return this.#open()
      case 'expect': {
        const { result } = await evaluateInstant(
          this.#opened.derived,
          event.query,
          FIXTURE_START + event.at,
        )
        if (result.type !== 'vector') throw new Error(`${place}: ${event.query} gives no vector`)
        const values = result.samples.map(({ labels, value }) => `${labelText(labels)} ${value}`)
        const wanted = event.results.map(({ labels, value }) => `${canonical(labels)} ${value}`)
        expect([place, ...values.sort()]).toEqual([place, ...wanted.sort()])
        return
      }
      case 'samples': {
        const found = await this.#select(event.query, event.from, event.at)
        const series = found.map(({ labels: { __name__: _, ...labels }, samples }) =>
          [labelText(labels), ...samples.map(({ at, text }) => `${at}:${text}`)].join(' '),
        )
        const wanted = event.results.map(({ labels, samples }) =>
          [
            canonical(labels),
            ...samples.map((sample) => {
              const [at, value] = sample.split(':')
              return `${fixtureTime(at!)}:${value}`
            }),
          ].join(' '),
        )
        expect([place, ...series.sort()]).toEqual([place, ...wanted.sort()])
      }
    }
  }

  async #open(): Promise<void> {
    this.#opened = await this.data.openStore(this.#folder)
    this.#opened.derived.ready()
  }

  async #arrive(sent: readonly (FixtureSpan | FixtureAnnouncement)[]): Promise<void> {
    const records = []
    const spans = sent.filter((one) => one.type === 'span')
    if (spans.length > 0) {
      records.push(
        await this.data.accept('traces', {
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
        }),
      )
    }
    const announcements = sent.filter((one) => one.type === 'announce')
    if (announcements.length > 0) {
      records.push(
        await this.data.accept('logs', {
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
        }),
      )
    }
    await this.#opened.store.index(records)
  }

  /** Times in milliseconds since the fixture's start. */
  async #select(query: string, start: number, end: number) {
    const selector = parse(query)
    if (selector.kind !== 'vectorSelector') throw new Error(`${query} is no selector`)
    const series = await this.#opened.derived.select({
      matchers: selector.matchers,
      start: FIXTURE_START + start,
      end: FIXTURE_START + end,
    })
    return series.map(({ labels, samples: { timestamps, values } }) => ({
      labels,
      samples: [...timestamps].map((timestamp, index) => ({
        at: timestamp - FIXTURE_START,
        text: isStale(values, index) ? 'stale' : String(values[index]),
      })),
    }))
  }
}

const nanoseconds = (offset: number): bigint => BigInt(FIXTURE_START + offset) * 1_000_000n

const labelText = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))

/** `{a="b"}` in the same form. */
const canonical = (text: string): string =>
  labelText(
    Object.fromEntries(
      [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name!, value!]),
    ),
  )
