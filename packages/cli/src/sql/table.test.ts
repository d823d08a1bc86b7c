import { expect, test } from 'bun:test'
import { table } from './table.ts'

test('columns are as wide as what is in them, numbers to the right, one line a row', () => {
  const columns = [
    { name: 'agent', type: 'VARCHAR' },
    { name: 'n', type: 'BIGINT' },
    { name: 'labels', type: 'MAP(VARCHAR, VARCHAR)' },
  ]
  const rows = [
    ['日本', 12, { a: 'b' }],
    [null, 3, null],
    ['two\nlines\u001b[31m', 1.5, {}],
  ]
  expect(table({ columns, rows })).toBe(
    `agent                 n  labels
──────────────────  ───  ─────────
日本                 12  {"a":"b"}
                      3
two\\nlines\\x1b[31m  1.5  {}
`,
  )
})

test('without rows there is the head', () => {
  expect(table({ columns: [{ name: 'a', type: 'INTEGER' }], rows: [] })).toBe('a\n─\n')
})
