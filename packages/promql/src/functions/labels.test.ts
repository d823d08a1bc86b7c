// Labels that are made of themselves: a query of a few lines must not take all memory.

import { expect, test } from 'bun:test'
import { evaluateInstant } from '../evaluate/evaluate.ts'

const source = { select: () => [] }
const START = 'label_replace(vector(1), "a", "xxxxxxxx", "", "")'
const again = (times: number, call: (query: string) => string): string =>
  Array.from({ length: times }).reduce<string>(call, START)

test.each([
  ['label_join', again(30, (query) => `label_join(${query}, "a", "", "a", "a", "a", "a")`)],
  ['label_replace', again(30, (query) => `label_replace(${query}, "a", "$1$1$1", "a", "(.*)")`)],
])('%s gives no value without an end', async (name, query) => {
  await expect(evaluateInstant(source, query, 0)).rejects.toMatchObject({
    kind: 'limit',
    message: `${name}() would give label a a value of more than 1048576 characters`,
  })
})
