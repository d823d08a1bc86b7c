// Running and lost spans of ours, from announcements and silence. Silence is measured by arrival, from the later
// of the last word and the engine's readiness, so that neither a sender's clock nor our own restart loses a step.

import {
  LOST_AFTER_MILLISECONDS,
  LOST_SHOWN_FOR_MILLISECONDS,
  type StepwellKind,
} from '@stepwell/model'
import type { Labels } from '@stepwell/promql'

/** What an announcement says of a span of ours that has not ended. */
export interface AnnouncedSpan {
  readonly kind: StepwellKind
  readonly traceId: string
  readonly spanId: string
  /** Those of the gauges. */
  readonly labels: Labels
}

/** `over`: its span came, or nobody heard of it for 24 h after it was lost. */
export type UnfinishedState = 'running' | 'lost' | 'over'

/** A change of an unfinished span's state: what the store keeps, so that a restart knows the gauges' past. */
export interface Transition extends AnnouncedSpan {
  readonly state: UnfinishedState
  /** Milliseconds since the Unix epoch. */
  readonly at: number
}

interface Entry {
  span: AnnouncedSpan
  state: 'running' | 'lost'
  /** Milliseconds since the Unix epoch: of the last word, and of its loss. */
  heardAt: number
  lostAt: number
}

export class UnfinishedSpans {
  readonly #entries = new Map<string, Entry>()
  readonly #onTransition: (transition: Transition, before: UnfinishedState) => void
  #readyAt = 0
  /** Nothing falls due before this. */
  #nextDue = Number.POSITIVE_INFINITY

  constructor(onTransition: (transition: Transition, before: UnfinishedState) => void) {
    this.#onTransition = onTransition
  }

  /** An announcement that was fresh when it arrived at `at` (milliseconds since the Unix epoch). */
  hear(span: AnnouncedSpan, at: number): void {
    const key = span.traceId + span.spanId
    const entry = this.#entries.get(key)
    this.#nextDue = Math.min(this.#nextDue, at + LOST_AFTER_MILLISECONDS)
    if (!entry) {
      this.#entries.set(key, { span, state: 'running', heardAt: at, lostAt: 0 })
      this.#tell(span, 'running', 'over', at)
      return
    }
    entry.heardAt = Math.max(entry.heardAt, at)
    if (entry.state === 'running') return
    entry.state = 'running'
    this.#tell(entry.span, 'running', 'lost', at)
  }

  /** Its span was accepted. */
  end(traceId: string, spanId: string, at: number): void {
    if (this.#entries.size === 0) return
    const entry = this.#entries.get(traceId + spanId)
    if (entry) this.#over(entry, at)
  }

  /** Silence counts from `at` at the earliest. */
  ready(at: number): void {
    this.#readyAt = at
  }

  /** Whatever fell due up to `now` happens, in the order in which it fell due. */
  advance(now: number): void {
    while (this.#nextDue <= now) {
      const due = [...this.#entries.values()]
        .map((entry) => ({ entry, at: this.#dueAt(entry) }))
        .filter(({ at }) => at <= now)
        .sort((a, b) => a.at - b.at)
      for (const { entry, at } of due) {
        if (entry.state === 'lost') this.#over(entry, at)
        else this.#lose(entry, at)
      }
      this.#nextDue = Number.POSITIVE_INFINITY
      for (const entry of this.#entries.values()) {
        this.#nextDue = Math.min(this.#nextDue, this.#dueAt(entry))
      }
    }
  }

  /** Takes up where the transitions of an earlier run left; none of them is told again. */
  resume(last: Transition): void {
    const { state, at, ...span } = last
    if (state === 'over') return
    const entry: Entry = { span, state, heardAt: at, lostAt: at }
    this.#entries.set(span.traceId + span.spanId, entry)
    this.#nextDue = Math.min(this.#nextDue, this.#dueAt(entry))
  }

  #dueAt({ state, heardAt, lostAt }: Entry): number {
    return state === 'lost'
      ? lostAt + LOST_SHOWN_FOR_MILLISECONDS
      : Math.max(heardAt, this.#readyAt) + LOST_AFTER_MILLISECONDS
  }

  #lose(entry: Entry, at: number): void {
    entry.state = 'lost'
    entry.lostAt = at
    this.#tell(entry.span, 'lost', 'running', at)
  }

  #over({ span, state }: Entry, at: number): void {
    this.#entries.delete(span.traceId + span.spanId)
    this.#tell(span, 'over', state, at)
  }

  #tell(span: AnnouncedSpan, state: UnfinishedState, before: UnfinishedState, at: number): void {
    this.#onTransition({ ...span, state, at }, before)
  }
}
