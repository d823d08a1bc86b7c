import { expect, spyOn, test } from 'bun:test'
import { SYSTEM_CLOCK } from './clock.ts'

test('a wait that has ended leaves nothing at the signal', async () => {
  const { signal } = new AbortController()
  const added = spyOn(signal, 'addEventListener')
  const removed = spyOn(signal, 'removeEventListener')
  await SYSTEM_CLOCK.wait(0, signal)
  expect(removed.mock.calls).toEqual(added.mock.calls)
})

test('a wait ends when it is called off', async () => {
  const stopped = new AbortController()
  const waited = SYSTEM_CLOCK.wait(3_600_000, stopped.signal)
  stopped.abort()
  await waited
})
