// Queries at once share what may be held; each gives its part back, however it ends.

import { expect, test } from 'bun:test'
import { SampleBudget } from './sample-budget.ts'

test('a query beyond what is left is refused while others hold theirs, and answered afterwards', async () => {
  const budget = new SampleBudget(100)
  const gate = Promise.withResolvers<void>()
  const first = budget.within(async (onLoad) => {
    onLoad(80)
    await gate.promise
    return 'first'
  })
  const ask = () => budget.within(async (onLoad) => onLoad(30))
  await expect(ask()).rejects.toMatchObject({ kind: 'limit' })
  await expect(ask()).rejects.toMatchObject({ kind: 'limit' })
  gate.resolve()
  expect(await first).toBe('first')
  expect(await ask()).toBeUndefined()
})

test('a query alone is not held to it: it has a limit of its own', async () => {
  const budget = new SampleBudget(100)
  expect(await budget.within(async (onLoad) => onLoad(1000))).toBeUndefined()
})
