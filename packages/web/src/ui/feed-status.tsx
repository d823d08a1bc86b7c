// Whether what shows is live.

import type { FeedState } from '../api/live.ts'
import { useFeedState } from '../data/feed.ts'

const WORDS: Readonly<Record<FeedState, readonly [string, string]>> = {
  connecting: ['Connecting', 'Connecting to the live feed'],
  live: ['Live', 'Connected to the live feed'],
  reconnecting: ['Reconnecting', 'The live feed is away; the page asks again meanwhile'],
  polling: ['Polling', 'This back end has no live feed; the page asks every few seconds'],
}

export function FeedStatus() {
  const state = useFeedState()
  const [word, title] = WORDS[state]
  return (
    <span className={`feed-status is-${state}`} title={title} role="status">
      <span className="feed-dot" aria-hidden="true" />
      {word}
    </span>
  )
}
