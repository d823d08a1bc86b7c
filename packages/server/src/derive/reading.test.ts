import { describe, expect, test } from 'bun:test'
import { isStale } from '@stepwell/promql'
import { generator } from '../store/testing.ts'
import { hasSample, type ReadingRange, STALE, sampleTimes, sampleValues } from './reading.ts'

const changesAt = (...times: number[]) => ({
  count: times.length,
  timeAt: (change: number) => times[change]!,
  isContinued: false,
})

/** `time:changes applied`, or `time:stale`. */
function read(times: number[], range: ReadingRange): string[] {
  const { timestamps, runs } = sampleTimes(changesAt(...times), range)
  return [...timestamps].map((time, i) => {
    const { applied } = runs.find(({ to }) => i < to)!
    return `${time}:${applied === STALE ? 'stale' : applied}`
  })
}

const DAY = 24 * 3_600_000

describe('reading a series', () => {
  test('starts with a stored zero and goes on at each tick', () => {
    expect(read([20_000], { start: 0, end: 60_000, idle: DAY })).toEqual([
      '19999:0',
      '30000:1',
      '45000:1',
      '60000:1',
    ])
  })

  test('of nothing is nothing', () => {
    expect(read([], { start: 0, end: 60_000, idle: DAY })).toEqual([])
    expect(read([20_000], { start: 0, end: 10_000, idle: DAY })).toEqual([])
  })

  test('that stands above zero goes on where idleness does not count', () => {
    const range = { start: 119_000, end: 121_000, idle: 60_000 }
    expect(read([15_000], range)).toEqual([])
    expect(read([15_000], { ...range, canIdle: () => false })).toEqual(['120000:1'])
  })

  test('stale markers keep their bits', () => {
    const times = sampleTimes(changesAt(15_000), { start: 0, end: DAY, idle: 30_000 })
    const values = sampleValues(times, (applied) => applied * 2)
    expect([...values.subarray(0, 3)]).toEqual([0, 2, 2])
    expect(values).toHaveLength(4)
    expect(isStale(values, 3)).toBe(true)
  })

  test('is as the naive model has it', () => {
    const seed = Math.floor(Math.random() * 2 ** 32)
    const random = generator(seed)
    for (let round = 0; round < 500; round++) {
      const idle = 20_000 + Math.floor(random() * 100_000)
      const times = Array.from({ length: Math.floor(random() * 12) }, () =>
        // Some at the same time, some on a tick, some around the end of an idle time.
        random() < 0.5 ? Math.floor(random() * 40) * 15_000 : Math.floor(random() * 600_000),
      ).sort((a, b) => a - b)
      if (times.length > 1 && random() < 0.3) {
        times.push(times.at(-1)! + idle + Math.floor(random() * 4) - 1)
      }
      const start = Math.floor(random() * 500_000)
      const end = start + Math.floor(random() * 300_000)
      const range = { start, end, idle }
      expect({ seed, round, times, range, samples: read(times, range) }).toEqual({
        seed,
        round,
        times,
        range,
        samples: naive(times, range),
      })
      expect({ seed, round, has: hasSample(changesAt(...times), range) }).toEqual({
        seed,
        round,
        has: naive(times, range).length > 0,
      })
    }
  })
})

/** Looks at every millisecond that can matter, and asks of each what the rules say of it alone. */
function naive(times: number[], { start, end, idle }: ReadingRange): string[] {
  const moments = new Set<number>()
  for (const time of times) moments.add(time - 1).add(time + idle)
  for (let tick = 0; tick <= end; tick += 15_000) moments.add(tick)
  const isStaleAt = (moment: number) => {
    const last = times.filter((time) => time <= moment).at(-1)
    return last !== undefined && moment >= last + idle
  }
  const samples: string[] = []
  for (const moment of [...moments].sort((a, b) => a - b)) {
    if (moment < start || moment > end) continue
    const applied = times.filter((time) => time <= moment).length
    const wakesNext = times.includes(moment + 1) && (applied === 0 || isStaleAt(moment))
    if (wakesNext && (applied === 0 || !times.some((time) => time + idle === moment + 1))) {
      samples.push(`${moment}:${applied}`)
    } else if (applied > 0 && !isStaleAt(moment)) {
      if (moment % 15_000 === 0) samples.push(`${moment}:${applied}`)
    } else if (applied > 0 && times.filter((time) => time <= moment).at(-1)! + idle === moment) {
      samples.push(`${moment}:stale`)
    }
  }
  return samples
}
