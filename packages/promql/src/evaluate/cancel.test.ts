// Whoever is gone waits for nothing: a query stops in the middle of any loop that can take long.

import { expect, test } from 'bun:test'
import type { Series, Source } from '../source.ts'
import { evaluateRange } from './evaluate.ts'

const STEPS = 10_000

function seriesOf(name: string, count: number, samples: number): Series[] {
  const timestamps = Float64Array.from({ length: samples }, (_, i) => i * 15_000)
  return Array.from({ length: count }, (_, one) => ({
    labels: { __name__: name, one: String(one) },
    samples: { timestamps, values: timestamps.map((_, i) => (one * 7 + i * 13) % 1_000) },
  }))
}
const SERIES = { single: seriesOf('single', 1, STEPS), many: seriesOf('many', 2_000, 400) }
const source: Source = {
  select: ({ matchers }) => SERIES[matchers[0]!.value as keyof typeof SERIES],
}

test.each([
  // Within the windows of one series, others get their turn more than once.
  ['quantile_over_time(0.9, single[1d])', STEPS, 3],
  ['mad_over_time(single[1d])', STEPS, 3],
  ['changes(single[1d])', STEPS, 3],
  ['many smoothed', 300, 1],
  ['topk(1000, many)', 300, 1],
  ['count_values("value", many)', 300, 1],
  ['limit_ratio(0.5, many)', 300, 1],
] as const)('%s ends when it is given up', async (query, steps, turns) => {
  const asker = new AbortController()
  let turn = 0
  const timer = setInterval(() => {
    if (++turn === turns) asker.abort()
  }, 0)
  const end = (steps - 1) * 15_000
  const asked = evaluateRange(source, query, 0, end, 15_000, { signal: asker.signal })
  await expect(asked).rejects.toMatchObject({ kind: 'canceled' })
  clearInterval(timer)
})

test('the source is told, and what it throws then is not the reason', async () => {
  const asker = new AbortController()
  const interrupted: Source = {
    select: ({ signal }) =>
      new Promise((_, reject) => {
        signal!.addEventListener('abort', () => reject(new Error('interrupted')))
        asker.abort(new DOMException('late', 'TimeoutError'))
      }),
  }
  await expect(
    evaluateRange(interrupted, 'few', 0, 1, 1, { signal: asker.signal }),
  ).rejects.toMatchObject({ kind: 'timeout' })
})

test('nothing of absent_over_time() goes on behind the back of who asked', async () => {
  const asker = new AbortController()
  const [single] = SERIES.single
  const slow = {
    ...single!,
    isLazy: true,
    get samples() {
      // Longer than a turn, so that the walk over its windows pauses, and hears the abort.
      for (const start = performance.now(); performance.now() < start + 30; );
      asker.abort()
      return single!.samples
    },
  }
  const asked = evaluateRange(
    { select: () => [slow] },
    'absent_over_time(slow[1d])',
    0,
    (STEPS - 1) * 15_000,
    15_000,
    { signal: asker.signal },
  )
  await expect(asked).rejects.toMatchObject({ kind: 'canceled' })
})
