// Conditions of a query as conditions on the numbers of the index, by which DuckDB leaves out what cannot match: an
// hour of spans, a trace, a service or an attribute is found without a look at all the others. The query's own
// conditions stay.

import type { DuckDBConnection } from '@duckdb/node-api'
import { parseTraceId } from '@stepwell/model'
import { PairHashes } from '@stepwell/otlp'
import type { Dictionary } from '../store/dictionary.ts'
import { idOf } from '../store/ids.ts'
import type { TagFilters } from '../store/tag-filters.ts'
import { eachObject, isObject, type Json, type JsonObject } from './tree.ts'
import type { ViewName } from './views.ts'

/** A condition on the index's own columns; Unix nanoseconds, both inclusive. */
type Within = (start: bigint, end: bigint) => string

const within =
  (column: string): Within =>
  (start, end) =>
    `${column} BETWEEN ${start} AND ${end}`

/** Of the columns of each view that can be narrowed by: what they are in the index. */
const TIMES: Readonly<Partial<Record<ViewName, Readonly<Record<string, Within>>>>> = {
  spans: { start_time: within('start') },
  logs: { time: within('"time"') },
  // Of a chunk, in milliseconds.
  metrics: {
    time: (start, end) => `last >= ${Number(start) / 1e6} AND first <= ${Number(end) / 1e6}`,
  },
}

/** What a clock reads may differ from now to when the query reads it. */
const SLACK_MICROSECONDS = 60_000_000n

export interface NarrowedBy {
  readonly dictionary: Dictionary
  readonly filters: TagFilters
}

/** A condition for the one place in `tree` that names `view`; undefined where nothing can be said. */
export async function narrow(
  connection: DuckDBConnection,
  tree: JsonObject,
  view: ViewName,
  by: NarrowedBy,
): Promise<string | undefined> {
  const times = TIMES[view]
  if (!times) return undefined
  let select: JsonObject | undefined
  eachObject(tree, (object) => {
    const { from_table: from } = object
    if (object.type === 'SELECT_NODE' && isObject(from) && isPlain(from, view)) select = object
  })
  if (!select) return undefined
  const conditions: string[] = []
  const attributes = new PairHashes()
  const interval = { start: 0n, end: MOST_NANOSECONDS }
  for (const { column, key, operator, value } of comparisons(select.where_clause)) {
    const time = times[column]
    const text = operator === 'COMPARE_EQUAL' ? textIn(value) : undefined
    if (time && key === undefined) {
      const range = await timeRange(connection, operator, value)
      if (!range) continue
      conditions.push(time(range.start, range.end))
      if (range.start > interval.start) interval.start = range.start
      if (range.end < interval.end) interval.end = range.end
    } else if (text !== undefined && key !== undefined) {
      if (column === 'attributes' || column === 'resource') attributes.addTexts(key, text)
    } else if (text !== undefined) {
      const condition = nameCondition(view, column, text, by.dictionary)
      if (condition) conditions.push(condition)
    }
  }
  if (view === 'spans' && attributes.length > 0) {
    const condition = stretchCondition(by.filters, attributes, interval)
    if (condition) conditions.push(condition)
  }
  return conditions.length > 0 ? conditions.join(' AND ') : undefined
}

/** The view itself, whole and under its own columns' names. */
const isPlain = ({ type, table_name, sample, column_name_alias }: JsonObject, view: ViewName) =>
  type === 'BASE_TABLE' &&
  String(table_name).toLowerCase() === view &&
  !sample &&
  !(Array.isArray(column_name_alias) && column_name_alias.length > 0)

interface Comparison {
  readonly column: string
  /** Of a map in that column. */
  readonly key: string | undefined
  readonly operator: string
  readonly value: JsonObject
}

const TURNED: Readonly<Record<string, string>> = {
  COMPARE_EQUAL: 'COMPARE_EQUAL',
  COMPARE_GREATERTHAN: 'COMPARE_LESSTHAN',
  COMPARE_GREATERTHANOREQUALTO: 'COMPARE_LESSTHANOREQUALTO',
  COMPARE_LESSTHAN: 'COMPARE_GREATERTHAN',
  COMPARE_LESSTHANOREQUALTO: 'COMPARE_GREATERTHANOREQUALTO',
}

/** Of a column with a value, that must all hold. */
function* comparisons(where: Json | undefined): Generator<Comparison> {
  if (!isObject(where)) return
  const { type, children, left, right, input, lower, upper } = where
  if (type === 'CONJUNCTION_AND' && Array.isArray(children)) {
    for (const child of children) yield* comparisons(child)
  } else if (type === 'COMPARE_BETWEEN' && isObject(lower) && isObject(upper)) {
    const column = columnOf(input)
    if (!column) return
    yield { ...column, operator: 'COMPARE_GREATERTHANOREQUALTO', value: lower }
    yield { ...column, operator: 'COMPARE_LESSTHANOREQUALTO', value: upper }
  } else if (typeof type === 'string' && TURNED[type] && isObject(left) && isObject(right)) {
    const [leftColumn, rightColumn] = [columnOf(left), columnOf(right)]
    if (leftColumn) yield { ...leftColumn, operator: type, value: right }
    else if (rightColumn) yield { ...rightColumn, operator: TURNED[type], value: left }
  }
}

/** There is one table that it can be of; its name may stand before it. */
function columnOf(expression: Json | undefined): Pick<Comparison, 'column' | 'key'> | undefined {
  if (!isObject(expression)) return undefined
  const { class: kind, type, children, column_names: names } = expression
  if (kind === 'COLUMN_REF' && Array.isArray(names) && names.length <= 2) {
    return { column: String(names.at(-1)).toLowerCase(), key: undefined }
  }
  if (type !== 'ARRAY_EXTRACT' || !Array.isArray(children)) return undefined
  const [column, key] = [columnOf(children[0]), textIn(children[1])]
  return column && column.key === undefined && key !== undefined ? { ...column, key } : undefined
}

/** Of a constant that is one. */
function textIn(expression: Json | undefined): string | undefined {
  if (!isObject(expression) || expression.class !== 'CONSTANT') return undefined
  const { value: constant } = expression
  return isObject(constant) && typeof constant.value === 'string' ? constant.value : undefined
}

function nameCondition(
  view: ViewName,
  column: string,
  value: string,
  dictionary: Dictionary,
): string | undefined {
  if (column === 'trace_id' && parseTraceId(value) === value) {
    return `trace_high = ${idOf(value)} AND trace_low = ${idOf(value, 16)}`
  }
  if (column === 'service') {
    const code = dictionary.serviceCode(value)
    return code === undefined ? 'false' : `service = ${code}`
  }
  if (column === 'name' && view === 'spans') {
    const codes = dictionary.operationCodesOfAll(value)
    return codes.length === 0 ? 'false' : `operation IN (${codes})`
  }
  return undefined
}

/** More would take longer to compare with than they leave out. */
const MOST_STRETCHES = 100

/** Where in the journal all of the attributes may be. */
function stretchCondition(
  filters: TagFilters,
  pairs: PairHashes,
  within: TimeRange,
): string | undefined {
  const stretches = filters.find({ pairs, ...within, minDuration: 0n })
  if (stretches.length === 0) return 'false'
  if (stretches.length > MOST_STRETCHES) return undefined
  const segments = new Set(stretches.map(({ segment }) => segment))
  const places = stretches.map(
    ({ segment, firstBlock, lastBlock }) =>
      `(segment = ${segment} AND block BETWEEN ${firstBlock} AND ${lastBlock})`,
  )
  return `segment IN (${[...segments]}) AND (${places.join(' OR ')})`
}

/** Unix nanoseconds, both inclusive. */
interface TimeRange {
  readonly start: bigint
  readonly end: bigint
}

/** What a time is compared with may be computed: DuckDB says what it comes to. */
async function timeRange(
  connection: DuckDBConnection,
  operator: string,
  expression: JsonObject,
): Promise<TimeRange | undefined> {
  if (!isConstant(expression)) return undefined
  const micros = await microsecondsOf(connection, expression)
  if (micros === undefined) return undefined
  const start = bounded((micros - SLACK_MICROSECONDS) * 1000n)
  const end = bounded((micros + SLACK_MICROSECONDS) * 1000n)
  if (operator.startsWith('COMPARE_GREATER')) return { start, end: MOST_NANOSECONDS }
  if (operator.startsWith('COMPARE_LESS')) return { start: 0n, end }
  return { start, end }
}

const MOST_NANOSECONDS = 2n ** 64n - 1n

const bounded = (nanoseconds: bigint): bigint =>
  nanoseconds < 0n ? 0n : nanoseconds > MOST_NANOSECONDS ? MOST_NANOSECONDS : nanoseconds

/** Made of constants and functions; whole numbers come through JSON unharmed. */
function isConstant(expression: JsonObject): boolean {
  let constant = true
  eachObject(expression, ({ class: kind, value, is_null: isNull }) => {
    if (typeof kind === 'string' && !CONSTANT_CLASSES.has(kind)) constant = false
    if (isNull !== undefined && typeof value === 'number' && !Number.isSafeInteger(value)) {
      constant = false
    }
  })
  return constant
}

const CONSTANT_CLASSES: ReadonlySet<string> = new Set(['CONSTANT', 'CAST', 'FUNCTION'])

/** Since the Unix epoch. */
async function microsecondsOf(
  connection: DuckDBConnection,
  expression: JsonObject,
): Promise<bigint | undefined> {
  try {
    const select = JSON.stringify(selectOf(expression), (key, value) =>
      // No double holds the one that stands for none.
      key === 'query_location' ? 0 : value,
    )
    const text = await connection.runAndReadAll('SELECT json_deserialize_sql($1::JSON)', [select])
    const result = await connection.runAndReadAll(
      `SELECT epoch_us(value::TIMESTAMPTZ) FROM (${text.getRows()[0]![0]}) AS one(value)`,
    )
    const micros = result.getRows()[0]?.[0]
    return typeof micros === 'bigint' ? micros : undefined
  } catch {
    // The query itself will say what is wrong with it.
    return undefined
  }
}

const selectOf = (expression: JsonObject): JsonObject => ({
  error: false,
  statements: [
    {
      node: {
        type: 'SELECT_NODE',
        modifiers: [],
        cte_map: { map: [] },
        select_list: [expression],
        from_table: { type: 'EMPTY', alias: '', sample: null, query_location: 0 },
        where_clause: null,
        group_expressions: [],
        group_sets: [],
        aggregate_handling: 'STANDARD_HANDLING',
        having: null,
        sample: null,
        qualify: null,
      },
      named_param_map: [],
    },
  ],
})
