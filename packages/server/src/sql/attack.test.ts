import { afterAll, beforeAll, expect, test } from 'bun:test'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { keyValues } from '@stepwell/otlp'
import type { TestData } from '../store/testing.ts'
import type { Store } from '../store/types.ts'
import { SqlError } from './error.ts'
import { filledStore, T0 } from './testing.ts'

let data: TestData
let store: Store
beforeAll(async () => {
  ;({ data, store } = await filledStore())
})
afterAll(() => data.remove())

const STATEMENTS = [
  'INSERT INTO spans VALUES (1)',
  'UPDATE steps SET name = 1',
  'DELETE FROM steps',
  'TRUNCATE steps',
  'MERGE INTO steps USING steps ON true WHEN MATCHED THEN DELETE',
  'DROP VIEW spans',
  'CREATE TABLE x (i INT)',
  'CREATE MACRO f() AS 1',
  'ALTER TABLE spans ADD COLUMN x INT',
  "ATTACH 'FILE'",
  'DETACH "index"',
  "COPY (SELECT 1) TO 'FILE'",
  "EXPORT DATABASE 'FILE'",
  "IMPORT DATABASE 'FILE'",
  'INSTALL httpfs',
  'LOAD httpfs',
  "SET memory_limit = '10GB'",
  'RESET memory_limit',
  'SET VARIABLE a = 1',
  'USE memory',
  'PRAGMA database_list',
  'CALL pragma_version()',
  'CHECKPOINT',
  'FORCE CHECKPOINT',
  'VACUUM',
  'BEGIN',
  'COMMIT',
  'PREPARE p AS SELECT 1',
  'EXECUTE p',
  "COMMENT ON TABLE spans IS 'x'",
  'SHOW ALL TABLES',
  'SHOW DATABASES',
  'SELECT 1; DROP TABLE spans',
  'SELECT 1; SELECT 2',
  'EXPLAIN ANALYZE DELETE FROM steps',
  "EXPLAIN ANALYZE COPY spans TO 'FILE'",
  'EXPLAIN SELECT 1; DELETE FROM steps',
  'SELECT (DELETE FROM steps)',
  'WITH x AS (DELETE FROM steps RETURNING *) FROM x',
  "SELECT 1 INTO OUTFILE 'FILE'",
]

const FILES = [
  "FROM '/etc/passwd'",
  "FROM 'FILE.csv'",
  "FROM 'http://127.0.0.1:1/x.csv'",
  'FROM "FILE.parquet"',
  "FROM read_csv('/etc/passwd')",
  "FROM READ_CSV_AUTO('/etc/passwd')",
  "FROM read_text('/etc/passwd')",
  "FROM read_blob('/etc/passwd')",
  "FROM read_json('/etc/passwd')",
  "FROM read_parquet('https://127.0.0.1:1/x')",
  "FROM parquet_metadata('FILE')",
  "FROM read_duckdb('FILE')",
  "FROM sniff_csv('/etc/passwd')",
  "FROM glob('/*')",
  "SELECT * FROM range(3) AS r, LATERAL read_text('/etc/passwd')",
  "SELECT (SELECT content FROM read_text('/etc/passwd'))",
  "WITH x AS (FROM read_text('/etc/passwd')) FROM x",
  "DESCRIBE FROM read_text('/etc/passwd')",
  "SUMMARIZE '/etc/passwd'",
]

const INSIDES = [
  'FROM own_spans',
  'FROM "OWN_SPANS"',
  'FROM main.spans',
  'FROM "index".main.spans',
  'FROM "index".spans',
  'FROM temp.main.spans',
  'WITH own_spans AS (SELECT 1) FROM own_spans',
  'WITH own_spans AS (FROM own_spans) FROM own_spans',
  'FROM spans UNION ALL BY NAME FROM progress',
  'SELECT 1 WHERE EXISTS (FROM meta)',
  'FROM (VALUES (1)) AS t SEMI JOIN own_spans ON true',
  'DESCRIBE own_spans',
  'FROM sqlite_master',
  'FROM duckdb_settings',
  'FROM duckdb_settings()',
  'FROM duckdb_secrets()',
  'FROM duckdb_databases()',
  'FROM information_schema.tables',
  'FROM pg_catalog.pg_class',
  "FROM query('FROM own_spans')",
  "FROM query_table('own_spans')",
  "FROM seq_scan('own_spans')",
  'FROM arrow_scan(1::UBIGINT::POINTER, 1, 1)',
  "FROM json_execute_serialized_sql('{}')",
  'FROM checkpoint()',
  'FROM force_checkpoint()',
  "FROM enable_logging(storage = 'file')",
  'FROM enable_profiling()',
  'FROM test_all_types()',
  'FROM stepwell_derived_series()',
  'SELECT stepwell_span_attributes(1, 1, 1, 1)',
  "SELECT getenv('HOME')",
  "SELECT current_setting('temp_directory')",
  "SELECT getvariable('stepwell_services')",
  "SELECT nextval('x')",
  "SELECT write_log('x')",
  'SELECT sleep_ms(60000)',
  'SELECT $1',
  'SELECT ?',
]

const EXCESSES = [
  `SELECT ${'('.repeat(60_000)}`,
  `SELECT ${'['.repeat(20_000)}`,
  `SELECT ${'NOT '.repeat(20_000)} true`,
  `SELECT ${'1+'.repeat(20_000)}1`,
  `${'SELECT * FROM ('.repeat(3000)}`,
  `SELECT '${'x'.repeat(200_000)}'`,
  `SELECT 1 AS a0, ${Array.from({ length: 40 }, (_, i) => `a${i} + a${i} AS a${i + 1}`)}`,
  "SELECT repeat('x', 4000000000)",
  "SELECT lpad('x', 2000000000, 'y')",
  "SELECT printf('%2000000000d', 1)",
  "SELECT format('{:2000000000d}', 1)",
  'SELECT range(4000000000)',
  'SELECT generate_series(1, 4000000000)',
  "SELECT bitstring('1', 4000000000)",
  'SELECT list_resize([1], 4000000000, 0)',
]

const inFolder = (query: string) => query.replaceAll('FILE', join(data.root, 'written'))

test.each([
  ['changes nothing', STATEMENTS],
  ['reads no file and no network', FILES],
  ["sees none of the engine's own", INSIDES],
  ['ends at once where it is too much', EXCESSES],
])('a query %s, and the engine goes on', async (_, queries) => {
  const before = readdirSync(data.root)
  for (const query of queries) {
    const error = await store.sql(inFolder(query)).then(
      (answer) => new Error(`answered with ${JSON.stringify(answer).slice(0, 200)}`),
      (refused) => refused,
    )
    expect(error, `${query.slice(0, 100)}: ${error.message}`).toBeInstanceOf(SqlError)
    expect(error.message).not.toBe('')
  }
  expect(readdirSync(data.root)).toEqual(before)
  expect(existsSync(join(data.root, 'written'))).toBeFalse()
  await expectIngesting()
})

test('an error that a query makes up is not taken for damage', async () => {
  const made = "SELECT error('IO Error: Corrupt database file: does not match stored checksum')"
  expect(await store.sql(made).catch((error) => error)).toBeInstanceOf(SqlError)
  expect(readdirSync(data.root).filter((name) => name.endsWith('.damaged'))).toEqual([])
})

let spans = 0x100

/** What is accepted now is found by the next query. */
async function expectIngesting(): Promise<void> {
  const spanId = (spans++).toString(16).padStart(16, '0')
  const record = await data.accept('traces', {
    resourceSpans: [
      {
        resource: { attributes: keyValues({ 'service.name': 'late' }) },
        scopeSpans: [
          { spans: [{ traceId: 'd'.repeat(32), spanId, name: 'x', startTimeUnixNano: T0 }] },
        ],
      },
    ],
  })
  await store.index([record])
  const { rows } = await store.sql(`SELECT service FROM spans WHERE span_id = '${spanId}'`)
  expect(rows).toEqual([['late']])
}
