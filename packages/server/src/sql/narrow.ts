// Conditions of a query as conditions on the numbers of the index, by which DuckDB leaves out what cannot match: an
// hour of spans, a trace or a service is found without a look at all the others. The query's own conditions stay.

import type { DuckDBConnection } from '@duckdb/node-api'
import { parseTraceId } from '@stepwell/model'
import type { Dictionary } from '../store/dictionary.ts'
import { idOf } from '../store/ids.ts'
import { eachObject, isObject, type Json, type JsonObject } from './tree.ts'
import type { ViewName } from './views.ts'

/** Of the columns of each view that can be narrowed by: what they are in the index. */
const TIMES: Readonly<Partial<Record<ViewName, Readonly<Record<string, string>>>>> = {
  spans: { start_time: 'start' },
  logs: { time: '"time"' },
}

/** What a clock reads may differ from now to when the query reads it. */
const SLACK_MICROSECONDS = 60_000_000n

/** A condition for the one place in `tree` that names `view`; undefined where nothing can be said. */
export async function narrow(
  connection: DuckDBConnection,
  tree: JsonObject,
  view: ViewName,
  dictionary: Dictionary,
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
  for (const { column, operator, value } of comparisons(select.where_clause)) {
    const time = times[column]
    const condition = time
      ? await timeCondition(connection, time, operator, value)
      : operator === 'COMPARE_EQUAL'
        ? nameCondition(view, column, value, dictionary)
        : undefined
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
    yield { column, operator: 'COMPARE_GREATERTHANOREQUALTO', value: lower }
    yield { column, operator: 'COMPARE_LESSTHANOREQUALTO', value: upper }
  } else if (typeof type === 'string' && TURNED[type] && isObject(left) && isObject(right)) {
    const [leftColumn, rightColumn] = [columnOf(left), columnOf(right)]
    if (leftColumn) yield { column: leftColumn, operator: type, value: right }
    else if (rightColumn) yield { column: rightColumn, operator: TURNED[type], value: left }
  }
}

/** There is one table that it can be of; its name may stand before it. */
function columnOf(expression: Json | undefined): string | undefined {
  if (!isObject(expression) || expression.class !== 'COLUMN_REF') return undefined
  const { column_names: names } = expression
  return Array.isArray(names) && names.length <= 2 ? String(names.at(-1)).toLowerCase() : undefined
}

function nameCondition(
  view: ViewName,
  column: string,
  expression: JsonObject,
  dictionary: Dictionary,
): string | undefined {
  const { value: constant } = expression
  if (expression.class !== 'CONSTANT' || !isObject(constant)) return undefined
  const { value } = constant
  if (typeof value !== 'string') return undefined
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

/** What a time is compared with may be computed: DuckDB says what it comes to. */
async function timeCondition(
  connection: DuckDBConnection,
  column: string,
  operator: string,
  expression: JsonObject,
): Promise<string | undefined> {
  if (!isConstant(expression)) return undefined
  const micros = await microsecondsOf(connection, expression)
  if (micros === undefined) return undefined
  const from = bounded((micros - SLACK_MICROSECONDS) * 1000n)
  const until = bounded((micros + SLACK_MICROSECONDS) * 1000n)
  if (operator.startsWith('COMPARE_GREATER')) return `${column} >= ${from}`
  if (operator.startsWith('COMPARE_LESS')) return `${column} <= ${until}`
  return `${column} BETWEEN ${from} AND ${until}`
}

const bounded = (nanoseconds: bigint): bigint =>
  nanoseconds < 0n ? 0n : nanoseconds >= 2n ** 64n ? 2n ** 64n - 1n : nanoseconds

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
