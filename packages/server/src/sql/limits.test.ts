import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBInstance } from '@duckdb/node-api'
import { JournalReader } from '../journal/reader.ts'
import { Dictionary } from '../store/dictionary.ts'
import { openIndex } from '../store/open-index.ts'
import { StoredRecords } from '../store/records.ts'
import { TagFilters } from '../store/tag-filters.ts'
import type { SqlError } from './error.ts'
import { type SqlLimits, SqlQueries } from './queries.ts'

const folder = mkdtempSync(join(tmpdir(), 'stepwell-sql-'))
let instance: DuckDBInstance
let dictionary: Dictionary
beforeAll(async () => {
  const opened = await openIndex({
    dataDir: folder,
    holds: () => true,
    load: async (index) => Dictionary.load(await index.connect()),
    warn: () => {},
  })
  ;({ instance, loaded: dictionary } = opened)
})
afterAll(() => {
  instance.closeSync()
  rmSync(folder, { recursive: true })
})

// The first locks the settings; the others find them as they should be.
let first: Promise<SqlQueries> | undefined
async function queriesWith(limits: Partial<SqlLimits>): Promise<SqlQueries> {
  const records = new StoredRecords(new JournalReader(folder, { warn: () => {} }))
  const filters = new TagFilters({ folder: join(folder, 'tags'), isNew: true, warn: () => {} })
  const sources = { instance, dictionary, filters, records, changes: () => [] }
  first ??= SqlQueries.open(sources)
  return (await first).with(limits)
}

const refusal = async (answer: Promise<unknown>): Promise<SqlError> =>
  answer.then(
    () => expect.unreachable(),
    (error) => error,
  )

/** Takes minutes. */
const LONG =
  'SELECT count(*) FROM range(1000000) AS a, range(1000000) AS b WHERE hash(a, b) % 7 = 3'

test('more rows than an answer may have are cut off, and it says so', async () => {
  const queries = await queriesWith({ rows: 5000 })
  const cut = await queries.run('FROM range(6000)')
  expect(cut.rows).toHaveLength(5000)
  expect(cut.truncated).toBeTrue()
  expect((await queries.run('FROM range(5000)')).truncated).toBeFalse()
})

test('so are more bytes', async () => {
  const queries = await queriesWith({ bytes: 10_000 })
  const { rows, truncated } = await queries.run("SELECT 'x' || range FROM range(2000000)")
  expect(truncated).toBeTrue()
  expect(JSON.stringify(rows).length).toBeLessThan(11_000)
})

test('a query that takes too long is stopped', async () => {
  const queries = await queriesWith({ milliseconds: 300 })
  const error = await refusal(queries.run(LONG))
  expect(error).toMatchObject({ kind: 'limit' })
  expect(error.message).toContain('longer than 0.3 s')
})

test('one that nobody waits for is stopped', async () => {
  const queries = await queriesWith({})
  const leaving = new AbortController()
  const error = refusal(queries.run(LONG, leaving.signal))
  leaving.abort()
  expect(await error).toMatchObject({ kind: 'canceled' })
  expect(await refusal(queries.run('SELECT 1', leaving.signal))).toMatchObject({ kind: 'canceled' })
})

test('one that takes too much memory is stopped, by whatever means', async () => {
  const queries = await queriesWith({ growthBytes: 100 << 20 })
  for (const query of [
    'SELECT list(range) FROM range(1000000000)',
    'SELECT count(DISTINCT hash(range)) FROM range(1000000000)',
    "WITH RECURSIVE t(s) AS (SELECT 'xxxxxxxx' UNION ALL SELECT s || s FROM t) SELECT max(length(s)) FROM t",
  ]) {
    const error = await refusal(queries.run(query))
    expect(error.kind, `${query}: ${error.message}`).toBe('limit')
  }
  expect((await queries.run('SELECT 1')).rows).toEqual([[1]])
})

test('rows are written to the index while a query takes all that it can get', async () => {
  const queries = await queriesWith({})
  const hungry = refusal(queries.run('SELECT list(range) FROM range(1000000000)'))
  const writer = await instance.connect()
  let over = false
  hungry.then(() => {
    over = true
  })
  let written = 0
  while (!over) {
    await writer.run(`INSERT INTO services VALUES (${written++}, 'x')`).catch((error) => {
      // Nothing but that there was no room for a moment: the store tries again.
      expect(String(error)).toContain('Out of Memory')
      written--
    })
  }
  expect(await hungry).toMatchObject({ kind: 'limit' })
  await writer.run('CHECKPOINT')
  const { rows } = await queries.run('SELECT 1')
  expect(rows).toEqual([[1]])
  expect((await writer.runAndReadAll('SELECT count(*) FROM services')).getRows()).toEqual([
    [BigInt(written)],
  ])
  writer.closeSync()
})

test('a query gives way to the index', async () => {
  const queries = await queriesWith({})
  const error = refusal(queries.run(LONG))
  const repeated = setInterval(() => queries.giveWay(), 10)
  expect(await error).toMatchObject({ kind: 'limit' })
  clearInterval(repeated)
  expect((await error).message).toContain('the index')
})

test('queries wait for each other, as many as may', async () => {
  const queries = await queriesWith({ waiting: 3 })
  const leaving = new AbortController()
  const stopped = refusal(queries.run(LONG, leaving.signal))
  const waits = [queries.run('SELECT 1'), queries.run('SELECT 2')]
  expect(await refusal(queries.run('SELECT 3'))).toMatchObject({ kind: 'busy' })
  leaving.abort()
  await stopped
  expect((await Promise.all(waits)).map(({ rows }) => rows)).toEqual([[[1]], [[2]]])
})

test('closing stops what runs', async () => {
  const queries = await queriesWith({})
  const error = refusal(queries.run(LONG))
  await queries.close()
  expect(await error).toMatchObject({ kind: 'canceled' })
  expect(await refusal(queries.run('SELECT 1'))).toMatchObject({ kind: 'canceled' })
})
