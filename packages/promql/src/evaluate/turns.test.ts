// Whoever waits for an answer of the same thread waits for a turn of one query, not of all that are evaluated.

import { expect, test } from 'bun:test'
import { evaluateRange } from './evaluate.ts'

test('between turns of two queries others have theirs', async () => {
  const timestamps = Float64Array.from({ length: 10_000 }, (_, i) => i * 15_000)
  const series = [{ labels: { __name__: 'one' }, samples: { timestamps, values: timestamps } }]
  let others = 0
  const timer = setInterval(() => others++, 0)
  const turns: number[] = []
  const asker = new AbortController()
  const query = async (): Promise<void> => {
    const signal = {
      // Looked at once a turn.
      get aborted() {
        turns.push(others)
        if (turns.length > 40) asker.abort()
        return asker.signal.aborted
      },
    } as AbortSignal
    await evaluateRange({ select: () => series }, 'mad_over_time(one[1d])', 0, 1.5e8, 15_000, {
      signal,
    })
  }
  await Promise.allSettled(Array.from({ length: 8 }, query))
  clearInterval(timer)
  const late = turns.slice(10, 40)
  expect(new Set(late).size).toBe(late.length)
})
