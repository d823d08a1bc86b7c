import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestData } from '../store/testing.ts'
import type { Store } from '../store/types.ts'
import { filledStore } from './testing.ts'
import { VIEW_NAMES } from './views.ts'

const page = readFileSync(join(import.meta.dir, '../../../../docs/sql.md'), 'utf8')

let data: TestData
let store: Store
beforeAll(async () => {
  ;({ data, store } = await filledStore())
})
afterAll(() => data.remove())

test.each([...VIEW_NAMES])('the page has the columns of %s with their types', async (view) => {
  const [, section = ''] = page.split(`### ${view}\n`)
  const [table = ''] = section.trimStart().split('\n\n')
  const documented = [...table.matchAll(/^\| `(\w+)` \| (.+?) \|/gm)].map(([, name, type]) => [
    name,
    type,
  ])
  const { rows } = await store.sql(`SELECT column_name, column_type FROM (DESCRIBE ${view})`)
  const plain = (of: unknown) => JSON.stringify(of).replaceAll('\\"', '')
  expect(plain(documented)).toBe(plain(rows))
})

const examples = [...page.matchAll(/```sql\n(.*?)```/gs)].map(([, query]) => query!)

test.each(examples)('an example is answered: %s', async (query) => {
  expect((await store.sql(query)).columns).not.toBeEmpty()
})

test('there are examples', () => {
  expect(examples.length).toBeGreaterThan(4)
})
