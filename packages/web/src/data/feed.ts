// The live feed as a hook: keeps it open, hands on what it brings, and tells the page how it is.

import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { type FeedBatch, type FeedState, openFeed } from '../api/live.ts'

let pageState: FeedState = 'connecting'
const listeners = new Set<() => void>()

function publish(state: FeedState): void {
  pageState = state
  for (const listener of listeners) listener()
}

/** How the page's feed is, for the bar. */
export const useFeedState = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => pageState,
  )

/** Queries wait so long for the feed, so that nothing falls between their answer and its first event. */
const PATIENCE_MILLISECONDS = 1000

/** Keeps the feed of a trace, or of all, open while mounted. Queries should start once the state is not `connecting`. */
export function useFeed(
  trace: string | undefined,
  handlers: { readonly onBatch: (batch: FeedBatch) => void; readonly onReset: () => void },
): FeedState {
  const [state, setState] = useState<FeedState>('connecting')
  const latest = useRef(handlers)
  useEffect(() => {
    latest.current = handlers
  })
  useEffect(() => {
    let known: FeedState = 'connecting'
    const change = (next: FeedState) => {
      // What happened before a late connection was missed.
      if (next === 'live' && known === 'polling') latest.current.onReset()
      known = next
      setState(next)
      publish(next)
    }
    const impatience = setTimeout(() => {
      if (known === 'connecting') change('polling')
    }, PATIENCE_MILLISECONDS)
    change('connecting')
    const close = openFeed(trace, {
      onState: change,
      onBatch: (batch) => latest.current.onBatch(batch),
      onReset: () => latest.current.onReset(),
    })
    return () => {
      clearTimeout(impatience)
      close()
    }
  }, [trace])
  return state
}
