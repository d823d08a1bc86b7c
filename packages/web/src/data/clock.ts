// The time, as components see it pass. One timer per pace for the whole page; none while nobody looks.

import { useSyncExternalStore } from 'react'
import { fromMilliseconds, type Microseconds } from '../model/telemetry.ts'

export const currentTime = (): Microseconds => fromMilliseconds(Date.now())

interface Clock {
  readonly subscribe: (listener: () => void) => () => void
  readonly read: () => Microseconds
}

const clocks = new Map<number, Clock>()

function clockOf(everyMilliseconds: number): Clock {
  const known = clocks.get(everyMilliseconds)
  if (known) return known
  const listeners = new Set<() => void>()
  let timer: ReturnType<typeof setInterval> | undefined
  let time = currentTime()
  const tick = () => {
    time = currentTime()
    for (const listener of listeners) listener()
  }
  const clock: Clock = {
    subscribe: (listener) => {
      listeners.add(listener)
      timer ??= setInterval(tick, everyMilliseconds)
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
    read: () => {
      // Without a timer the kept time is stale; a difference of less than a tick must not cause renderings.
      if (!timer && currentTime() - time > everyMilliseconds * 1000) time = currentTime()
      return time
    },
  }
  clocks.set(everyMilliseconds, clock)
  return clock
}

const never = () => () => {}

/** The time, anew every so many milliseconds; standing still where `isTicking` is false. */
export function useClock(everyMilliseconds: number, isTicking = true): Microseconds {
  const clock = clockOf(everyMilliseconds)
  return useSyncExternalStore(isTicking ? clock.subscribe : never, clock.read)
}
