// Makes unfinished work visible: says of each span of ours that it started, and every 10 s that it still runs.

import { type Span as ApiSpan, TraceFlags } from '@opentelemetry/api'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import {
  ANNOUNCE_EVERY_MILLISECONDS,
  type AnnouncementPhase,
  ATTRIBUTE,
  announcementEventName,
  nanosecondsOfMilliseconds,
  SPAN_KINDS,
  type StepwellKind,
} from '@stepwell/model'
import { encodeProtobuf } from '@stepwell/otlp/encode'
import { harmless } from '../harmless.ts'
import { keyValues, nanoseconds, type Redact } from './otlp.ts'
import type { Sender } from './sender.ts'

const INFO = 9
/** So many may be under way: of thousands that start at once the rest is announced when it still runs later. */
const MOST_UNDER_WAY = 256

export class Announcer implements SpanProcessor {
  readonly #sender: Sender
  readonly #redact: Redact
  /** By span id. */
  readonly #running = new Map<string, ReadableSpan>()
  #underWay = 0
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(sender: Sender, redact: Redact) {
    this.#sender = sender
    this.#redact = redact
  }

  onStart(span: ApiSpan & ReadableSpan): void {
    if (!kindOf(span)) return
    this.#running.set(span.spanContext().spanId, span)
    // A span that is recorded after the fact ends in this very turn: it never ran.
    queueMicrotask(() => this.#announce(span, 'started'))
    this.#timer ??= setInterval(() => this.#announceAll(), ANNOUNCE_EVERY_MILLISECONDS)
    this.#timer.unref()
  }

  onEnd(span: ReadableSpan): void {
    this.#running.delete(span.spanContext().spanId)
    if (this.#running.size === 0) this.#stop()
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {
    this.#running.clear()
    this.#stop()
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #announceAll(): void {
    for (const span of this.#running.values()) this.#announce(span, 'running')
  }

  /** An announcement that is lost costs nothing: the next carries the same. */
  #announce(span: ReadableSpan, phase: AnnouncementPhase): void {
    harmless('announcing a step', () => this.#say(span, phase), undefined)
  }

  #say(span: ReadableSpan, phase: AnnouncementPhase): void {
    const kind = kindOf(span)
    const { traceId, spanId, traceFlags } = span.spanContext()
    if (!kind || !this.#running.has(spanId) || this.#underWay >= MOST_UNDER_WAY) return
    const eventName = announcementEventName(kind, phase)
    const now = nanosecondsOfMilliseconds(Date.now())
    const parent = span.parentSpanContext?.spanId
    const record = {
      timeUnixNano: now,
      observedTimeUnixNano: now,
      severityNumber: INFO,
      severityText: 'INFO',
      body: { stringValue: this.#redact(`${span.name} ${phase}`) },
      attributes: keyValues(
        {
          ...span.attributes,
          'event.name': eventName,
          [ATTRIBUTE.startTime]: String(nanoseconds(span.startTime)),
          ...(parent ? { [ATTRIBUTE.parentSpanId]: parent } : {}),
        },
        this.#redact,
      ),
      flags: traceFlags | TraceFlags.SAMPLED,
      traceId,
      spanId,
      eventName,
    }
    const resource = { attributes: keyValues(span.resource.attributes, this.#redact) }
    const { name, version = '' } = span.instrumentationScope
    const scopeLogs = [{ scope: { name, version }, logRecords: [record] }]
    const body = encodeProtobuf('logs', { resourceLogs: [{ resource, scopeLogs }] })
    this.#underWay++
    void this.#sender.send('logs', body).finally(() => {
      this.#underWay--
    })
  }
}

function kindOf(span: ReadableSpan): StepwellKind | undefined {
  return SPAN_KINDS.find((kind) => kind === span.attributes[ATTRIBUTE.kind])
}
