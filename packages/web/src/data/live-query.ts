// A question that is asked once and whose answer the live feed then keeps up; where there is no feed, or it is
// away, the question is asked again and again.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { FeedBatch } from '../api/live.ts'
import { type Microseconds, microseconds } from '../model/telemetry.ts'
import { currentTime } from './clock.ts'
import { useFeed } from './feed.ts'

interface LiveQuery<Data, Answer> {
  /** The cache's key. `Data` is kept under it. */
  readonly queryKey: readonly unknown[]
  /** The trace whose feed is wanted; of all traces where undefined. */
  readonly trace: string | undefined
  readonly ask: (signal: AbortSignal) => Promise<Answer>
  /** Puts an answer to what is known already: the feed may have been faster. */
  readonly absorb: (known: Data | undefined, answer: Answer) => Data
  readonly merge: (known: Data, batch: FeedBatch) => Data
  /** Milliseconds between two questions where there is no feed. */
  readonly pollEvery: (data: Data | undefined) => number
}

export function useLiveQuery<Data, Answer>(options: LiveQuery<Data, Answer>) {
  const { queryKey, trace, ask, absorb, merge, pollEvery } = options
  const client = useQueryClient()
  const held = useRef<FeedBatch[]>([])
  const hash = JSON.stringify(queryKey)

  const latest = useRef({ queryKey, merge })
  useEffect(() => {
    latest.current = { queryKey, merge }
  })
  const drain = useCallback(() => {
    const { queryKey, merge } = latest.current
    const known = client.getQueryData<Data>(queryKey)
    // Before the first answer there is nothing to add to; adding then would show half of it.
    if (known === undefined || held.current.length === 0) return
    client.setQueryData<Data>(queryKey, held.current.splice(0).reduce(merge, known))
  }, [client])

  const feed = useFeed(trace, {
    onBatch: (batch) => {
      held.current.push(batch)
      drain()
    },
    onReset: () => void client.invalidateQueries({ queryKey }),
  })

  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const answer = await ask(signal)
      return absorb(client.getQueryData<Data>(queryKey), answer)
    },
    enabled: feed !== 'connecting',
    // An answer is kept up only while its feed is open: one from before may have missed anything.
    staleTime: 0,
    // A longer list may show the shorter one meanwhile; another trace must not.
    placeholderData: (previous) => (trace === undefined ? previous : undefined),
    structuralSharing: false,
    refetchInterval: ({ state }) =>
      feed === 'live' && state.status !== 'error' ? false : pollEvery(state.data),
  })

  const isAnswered = query.data !== undefined && !query.isPlaceholderData
  useEffect(() => {
    // `hash`: another question has another cache entry to drain into.
    if (isAnswered && hash) drain()
  }, [isAnswered, hash, drain])
  // While the engine is away nobody is heard, and so nobody can be said to be silent.
  const isAway = feed === 'reconnecting' || query.isError
  const [wasAway, setWasAway] = useState(false)
  const [backSince, setBackSince] = useState(microseconds(0))
  if (isAway !== wasAway) {
    setWasAway(isAway)
    if (!isAway) setBackSince(currentTime())
  }
  /** Since when silence counts at this time. */
  const listeningSince = (now: Microseconds) => (isAway ? now : backSince)
  return { ...query, listeningSince }
}
