// SQL conditions with their values, and pages of rows from one end of an ordered column to the other.

import { type DuckDBConnection, type DuckDBValue, UBIGINT } from '@duckdb/node-api'
import { placeOf } from './place.ts'

const MOST = 2n ** 64n - 1n

/** Conditions that must all hold, and the unsigned 64-bit values of their question marks. */
export class Conditions {
  readonly #texts: string[] = []
  readonly #values: bigint[] = []

  /** Values beyond what 64 bits hold are as their limits: no column has any there. */
  and(text: string, ...values: bigint[]): this {
    this.#texts.push(`(${text})`)
    this.#values.push(...values.map((value) => (value < 0n ? 0n : value > MOST ? MOST : value)))
    return this
  }

  copy(): Conditions {
    const copy = new Conditions()
    copy.#texts.push(...this.#texts)
    copy.#values.push(...this.#values)
    return copy
  }

  get sql(): string {
    return this.#texts.join(' AND ') || 'true'
  }

  get values(): readonly bigint[] {
    return this.#values
  }
}

/** A row's columns, in the order of the SELECT list. */
export type Row = readonly DuckDBValue[]

/** `sql` ends in what `conditions` belong to: `… WHERE`; `rest` follows them. */
export async function rowsWhere(
  connection: DuckDBConnection,
  sql: string,
  conditions: Conditions,
  rest = '',
): Promise<Row[]> {
  const values = [...conditions.values]
  const result = await connection.runAndReadAll(
    `${sql} ${conditions.sql} ${rest}`,
    values,
    values.map(() => UBIGINT),
  )
  return result.getRows()
}

const FIRST_PAGE_ROWS = 256
const LAST_PAGE_ROWS = 8192

export interface Paging {
  /** `SELECT … FROM table AS rows`, without WHERE. The first two columns are `order`'s and `rows.rowid`. */
  readonly select: string
  /** A column of unsigned 64 bits. */
  readonly order: string
  readonly newestFirst: boolean
  /**
   * Whether a row may come twice, or not at all, when retention deletes others between two pages, which gives new
   * numbers to those of the same time. Telling them by their places, which must be the last four columns, costs more.
   */
  readonly mayRepeat: boolean
  /** More conditions, asked before each page. */
  readonly more?: ((conditions: Conditions) => void) | undefined
}

/**
 * Rows in order, page after page, each four times the one before: who stops early has cost little. Rows of the
 * same time come in order of acceptance, or in its reverse.
 */
export async function* pages(
  connection: DuckDBConnection,
  conditions: Conditions,
  { select, order, newestFirst, mayRepeat, more }: Paging,
): AsyncGenerator<Row[]> {
  const [direction, beyond] = newestFirst ? ['DESC', '<'] : ['ASC', '>']
  let last: Row | undefined
  let size = FIRST_PAGE_ROWS
  for (;;) {
    const page = conditions.copy()
    more?.(page)
    if (last) {
      const [time, row] = last as readonly [bigint, bigint]
      // The first alone tells which parts of the table to skip.
      page.and(`${order} ${beyond}= ?`, time)
      if (mayRepeat) page.and(`${order} <> ? OR rows.rowid ${beyond} ?`, time, BigInt(row))
      else {
        const { segment, block, record, item } = placeOf(last, last.length - 4)
        page.and(
          `${order} <> ? OR (rows.segment, rows.block, rows.record, rows.item) ${beyond} (${segment}, ${block}, ${record}, ${item})`,
          time,
        )
      }
    }
    const rows = await rowsWhere(
      connection,
      `${select} WHERE`,
      page,
      `ORDER BY ${order} ${direction}, rows.rowid ${direction} LIMIT ${size}`,
    )
    if (rows.length > 0) yield rows
    if (rows.length < size) return
    last = rows.at(-1)
    size = Math.min(size * 4, LAST_PAGE_ROWS)
  }
}
