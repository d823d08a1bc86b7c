// When samples are taken: at the multiples of 15 s since the Unix epoch, as derived series have theirs.

import { TICK_MILLISECONDS } from '@stepwell/model'

/** Calls `take` with the time of each tick (Unix milliseconds), until what it gives is called. */
export function eachTick(take: (at: number) => void): () => void {
  let timer: ReturnType<typeof setTimeout>
  const wait = () => {
    timer = setTimeout(
      () => {
        take(tickBefore(Date.now()))
        wait()
      },
      TICK_MILLISECONDS - (Date.now() % TICK_MILLISECONDS),
    )
  }
  wait()
  return () => clearTimeout(timer)
}

const tickBefore = (time: number): number => time - (time % TICK_MILLISECONDS)
