import { expect, test } from 'bun:test'
import { OutputBudget } from './budget.ts'

test('a burst is admitted, then the steady rate, of lines and of bytes', () => {
  const budget = new OutputBudget(0, { burst: 100, perSecond: 10 }, { burst: 1000, perSecond: 50 })
  const lines = (count: number, now: number) => {
    const admitted = budget.admits(1, now)
    if (admitted) budget.spend(count, 0)
    return admitted
  }
  expect(lines(100, 0)).toBe(true)
  expect(lines(1, 0)).toBe(false)
  expect(lines(10, 1000)).toBe(true)
  expect(lines(1, 1000)).toBe(false)
  // It never holds more than a burst.
  expect(lines(100, 1_000_000)).toBe(true)
  expect(lines(1, 1_000_000)).toBe(false)

  expect(budget.admits(1000, 2_000_000)).toBe(true)
  expect(budget.admits(1, 2_000_000)).toBe(false)
  expect(budget.admits(1, 2_001_000)).toBe(true)
})

test('what took long is followed by less', () => {
  const budget = new OutputBudget(0, undefined, undefined, { burst: 100, perSecond: 10 })
  expect(budget.admits(1, 0)).toBe(true)
  budget.spend(1, 110)
  expect(budget.isSpent(900)).toBe(true)
  expect(budget.isSpent(1100)).toBe(false)
})
