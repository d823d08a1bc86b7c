import { expect, test } from 'bun:test'
import { Slots } from './slots.ts'

test('slots are an interval apart, the same for all time', () => {
  const slots = new Slots('/etc/rules.yml', 'a', 15_000)
  const first = slots.after(0)
  expect(first).toBeGreaterThan(0)
  expect(first).toBeLessThanOrEqual(15_000)
  const now = 1_795_636_499_074
  expect((slots.upTo(now) - first) % 15_000).toBe(0)
  expect(slots.upTo(now)).toBeLessThanOrEqual(now)
  expect(slots.after(now) - slots.upTo(now)).toBe(15_000)
  expect(slots.upTo(slots.upTo(now))).toBe(slots.upTo(now))
  expect(slots.between(slots.upTo(now) - 30_000, now)).toBe(2)
  expect(slots.between(now, now - 60_000)).toBe(0)
})

test('groups spread', () => {
  const offsets = Array.from({ length: 200 }, (_, i) => new Slots('f', `g${i}`, 15_000).after(0))
  for (let third = 0; third < 3; third++)
    expect(offsets.filter((one) => Math.ceil(one / 5000) === third + 1).length).toBeGreaterThan(30)
})
