import { describe, expect, test } from 'bun:test'
import {
  ancestorsOf,
  barOf,
  indexOf,
  nextError,
  nextMatch,
  ticksOf,
  timeSpanOf,
  visibleRows,
} from './layout.ts'
import { buildRun, type Run } from './run.ts'
import type { Span } from './telemetry.ts'
import { announcement, at, span, telemetry } from './testing.ts'

/** Small, seeded: a failure can be run again. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** What shows, found out the slow way: by walking up from each node. */
function naiveRows(run: Run, collapsed: ReadonlySet<string>): number[] {
  return run.nodes
    .map((_, index) => index)
    .filter((index) => !ancestorsOf(run, index).some((id) => collapsed.has(id)))
}

describe('visible rows', () => {
  test('are those without a collapsed ancestor, in random trees', () => {
    const seed = Date.now() & 0xffff
    const random = randomOf(seed)
    for (let round = 0; round < 50; round++) {
      const size = 1 + random(80)
      const spans: Span[] = Array.from({ length: size }, (_, id) =>
        span(`s${id}`, id > 0 && random(10) > 0 ? `s${random(id)}` : undefined, [random(50), 60]),
      )
      const run = buildRun(telemetry(spans), at(100))
      const collapsed = new Set(Array.from({ length: random(12) }, () => `s${random(size)}`))
      expect([...visibleRows(run, collapsed)], `seed ${seed}, round ${round}`).toEqual(
        naiveRows(run, collapsed),
      )
    }
  })

  test('of a hundred thousand spans', () => {
    const spans = Array.from({ length: 100_000 }, (_, id) =>
      span(`s${id}`, id % 10 === 0 ? undefined : `s${id - (id % 10)}`, [id, id + 1]),
    )
    const run = buildRun(telemetry(spans), at(200_000))
    expect(visibleRows(run, new Set())).toHaveLength(100_000)
    expect(visibleRows(run, new Set(spans.map(({ spanId }) => spanId)))).toHaveLength(10_000)
  })
})

describe('time', () => {
  const ended = buildRun(
    telemetry([span('a', undefined, [0, 10]), span('b', 'a', [5, 7.5])]),
    at(99),
  )

  test('of an ended run is its own', () => {
    expect(timeSpanOf(ended, at(99))).toEqual({ start: at(0), end: at(10) })
    expect(barOf(ended.nodes[1]!, timeSpanOf(ended, at(99)), at(99))).toEqual({
      left: 0.5,
      width: 0.25,
    })
  })

  test('of a running run reaches ahead of now, and moves in steps', () => {
    const running = buildRun(telemetry([], [announcement('a', undefined, 'step', [0, 60])]), at(61))
    const ends = new Set<number>()
    for (let second = 0; second < 60; second++) {
      const { end } = timeSpanOf(running, at(second))
      expect(end).toBeGreaterThan(at(second))
      ends.add(end)
    }
    expect(ends.size).toBeLessThan(14)
    const { left, width } = barOf(running.nodes[0]!, timeSpanOf(running, at(3)), at(3))
    expect([left, width]).toEqual([0, 0.6])
  })

  test('of a run that took no time is not nothing', () => {
    const instant = buildRun(telemetry([span('a', undefined, [1, 1])]), at(9))
    const { start, end } = timeSpanOf(instant, at(9))
    expect(end - start).toBe(1000)
  })

  test('bars of clocks that are off stay inside', () => {
    const skewed = buildRun(telemetry([span('a', undefined, [0, 10])]), at(9))
    const bar = barOf(skewed.nodes[0]!, { start: at(2), end: at(4) }, at(9))
    expect(bar).toEqual({ left: 0, width: 1 })
  })
})

describe('ticks', () => {
  const ticks = (seconds: number, most: number) =>
    ticksOf({ start: at(0), end: at(seconds) }, most).map((tick) => tick / 1e6)

  test('are round and not too many', () => {
    expect(ticks(8.4, 6)).toEqual([0, 2, 4, 6, 8])
    expect(ticks(0.003, 4)).toEqual([0, 0.001, 0.002, 0.003])
    expect(ticks(95, 8)).toEqual([0, 15, 30, 45, 60, 75, 90])
    expect(ticks(60 * 86_400, 7)).toEqual([0, 9, 18, 27, 36, 45, 54].map((day) => day * 86_400))
  })
})

describe('finding', () => {
  const run = buildRun(
    telemetry([
      span('a', undefined, [0, 9]),
      span('edit cart', 'a', [1, 2], {}, { failed: true }),
      span('chat', 'a', [2, 3]),
      span('edit total', 'a', [3, 4], {}, { failed: true }),
    ]),
    at(10),
  )

  test('goes on behind where one is, and around', () => {
    expect(nextMatch(run, 0, 'EDIT')).toBe(1)
    expect(nextMatch(run, 1, 'edit')).toBe(3)
    expect(nextMatch(run, 3, 'edit')).toBe(1)
    expect(nextMatch(run, 0, 'nothing')).toBe(-1)
    expect(nextMatch(run, 0, '  ')).toBe(-1)
    expect([nextError(run, 0), nextError(run, 1), nextError(run, 3)]).toEqual([1, 3, 1])
  })

  test('an error in a workflow is what failed in it; alone, it is the workflow itself', () => {
    const failed = { 'stepwell.kind': 'workflow', outcome: 'failure' }
    const alone = buildRun(telemetry([span('w', undefined, [0, 9], failed)]), at(10))
    expect(nextError(alone, 0)).toBe(0)
    const step = span('s', 'w', [1, 2], { 'stepwell.kind': 'step', outcome: 'failure' })
    const both = buildRun(telemetry([span('w', undefined, [0, 9], failed), step]), at(10))
    expect([nextError(both, 0), nextError(both, 1)]).toEqual([1, 1])
  })

  test('by id', () => {
    expect(indexOf(run, 'chat')).toBe(2)
    expect(indexOf(run, undefined)).toBe(-1)
    expect(indexOf(run, 'absent')).toBe(-1)
  })
})
