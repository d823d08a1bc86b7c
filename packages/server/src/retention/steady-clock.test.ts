import { expect, test } from 'bun:test'
import type { Nanoseconds } from '@stepwell/model'
import { Horizon } from './horizon.ts'
import { SteadyClock } from './steady-clock.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const YEAR = 365 * DAY
const T0 = Date.UTC(2026, 0, 1)

function clockAt(since: number | undefined, start = T0) {
  const machine = { now: start, elapsed: 5 }
  const warnings: string[] = []
  const clock = new SteadyClock({
    since,
    now: () => machine.now,
    elapsed: () => machine.elapsed,
    warn: (message) => warnings.push(message),
  })
  const pass = (milliseconds: number) => {
    machine.now += milliseconds
    machine.elapsed += milliseconds
  }
  return { clock, machine, warnings, pass }
}

test('goes with the machine, however long it runs', () => {
  const { clock, machine, warnings, pass } = clockAt(T0 - HOUR)
  for (let day = 0; day < 100; day++) {
    expect(clock.now()).toBe(machine.now)
    pass(DAY)
  }
  expect(warnings).toEqual([])
})

test('a leap ahead counts only when it has lasted, and is named once', () => {
  const { clock, machine, warnings, pass } = clockAt(T0)
  machine.now += YEAR
  expect(clock.now()).toBeUndefined()
  pass(HOUR / 2)
  expect(clock.now()).toBeUndefined()
  pass(HOUR / 2)
  expect(clock.now()).toBe(machine.now)
  expect(warnings).toEqual([
    'retention: the clock says 2027-01-01T00:00:00.000Z, 365 days ahead of the last record; nothing is deleted by age for an hour',
  ])
})

test('a leap that is taken back has never been', () => {
  const { clock, machine, pass } = clockAt(T0)
  machine.now += YEAR
  expect(clock.now()).toBeUndefined()
  machine.now -= YEAR
  pass(1000)
  expect(clock.now()).toBe(machine.now)
})

test('an engine that was off for long waits, too; one without records has nothing to lose', () => {
  expect(clockAt(T0 - 40 * DAY).clock.now()).toBeUndefined()
  expect(clockAt(undefined).clock.now()).toBe(T0)
})

test('the horizon follows the clock, but not back, and is never before what is forgotten', () => {
  const { clock, machine, pass } = clockAt(T0)
  const forgotten = (BigInt(T0 - 3 * HOUR) * 1_000_000n) as Nanoseconds
  const horizon = new Horizon(5 * HOUR, forgotten, clock)
  expect(horizon.before).toBe(forgotten)
  pass(4 * HOUR)
  const before = horizon.before
  expect(before).toBe((BigInt(T0 - HOUR) * 1_000_000n) as Nanoseconds)
  machine.now -= 2 * HOUR
  expect(horizon.before).toBe(before)
})
