// Where a scenario happens: it has a clock, work in progress, and a store that hears of everything.

import type { End, Facts, StepwellKind } from '@stepwell/model'
import type { JaegerTrace } from '../src/api/jaeger.ts'
import { announced, begin, ended, line, type OwnSpan, ownSpan, type Work } from './emit.ts'
import type { Store } from './store.ts'

/** Milliseconds since the epoch. */
export type Clock = () => number

/** A scenario is a script: what it yields are the milliseconds until it goes on. */
export type Scenario = Generator<number, void>

export function createWorld(store: Store, now: Clock) {
  const open = new Set<Work>()
  return {
    now,
    begin(
      traceId: string,
      parent: { readonly spanId: string } | undefined,
      kind: StepwellKind,
      facts: Facts,
    ): Work {
      const work = begin(traceId, parent, kind, facts, now())
      open.add(work)
      store.add({ logs: announced(work, 'started', now()) })
      return work
    },
    end(work: Work, end: End = {}): void {
      open.delete(work)
      store.add({ spans: ended(work, end, now()) })
    },
    /** Killed: no end will come, and no further word. */
    abandon: (work: Work) => open.delete(work),
    say: (work: { traceId: string; spanId: string }, text: string, stream?: 'stdout' | 'stderr') =>
      store.add({ logs: line(work, text, now(), stream) }),
    own(parent: { traceId: string; spanId: string }, span: OwnSpan) {
      const own = ownSpan(parent, span)
      store.add({ spans: own.trace })
      return own
    },
    spans: (trace: JaegerTrace) => store.add({ spans: trace }),
    /** What a wrapper says every 10 s. */
    announceRunning(): void {
      for (const work of open) store.add({ logs: announced(work, 'running', now()) })
    },
  }
}

export type World = ReturnType<typeof createWorld>

/** Plays a scenario in its own time, from `start` on, at once. Times in milliseconds. */
export function playAt(store: Store, start: number, scenario: (world: World) => Scenario): void {
  let time = start
  for (const wait of scenario(createWorld(store, () => time))) time += wait
}
