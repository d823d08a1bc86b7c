// What a query may name: the views, tables of its own, and functions that only compute. Everything else is refused
// before it is planned: files, the network, settings, the engine's own tables.

import { TABLES } from '../store/schema.ts'
import { positionAt, SqlError } from './error.ts'
import { eachObject, isObject, type JsonObject } from './tree.ts'
import { isView, VIEW_NAMES, type ViewName } from './views.ts'

/** Functions in FROM that make rows of their arguments alone. */
const TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'generate_series',
  'json_each',
  'json_tree',
  'range',
  'unnest',
])

/** Scalar functions that do more than compute, or hold a thread. */
const REFUSED_FUNCTIONS: ReadonlySet<string> = new Set([
  'currval',
  'current_setting',
  'getenv',
  'getvariable',
  'nextval',
  'setseed',
  'sleep_ms',
  'write_log',
])

/** Scalar functions whose result is as large as a number says: no limit of DuckDB's holds for it. */
const GROWING_FUNCTIONS: ReadonlySet<string> = new Set([
  'array_resize',
  'bar',
  'bitstring',
  'format',
  'generate_series',
  'list_resize',
  'lpad',
  'printf',
  'range',
  'repeat',
  'rpad',
  'to_base',
])

/** Of the engine's own functions behind the views. */
export const OWN_PREFIX = 'stepwell_'

/** How often each view is named. `query`: as the user wrote it; `offset`: where in it `tree` begins, in bytes. @throws {SqlError} */
export function checkQuery(
  tree: JsonObject,
  query: string,
  offset: number,
): ReadonlyMap<ViewName, number> {
  const refuse = (message: string, { query_location: at }: JsonObject): never => {
    throw new SqlError(
      'query',
      message,
      typeof at === 'number' ? positionAt(query, at + offset) : undefined,
    )
  }
  const own = new Set<string>()
  eachObject(tree, (object) => {
    for (const name of definedTables(object)) {
      if (name in TABLES && !isView(name)) refuse(`${name} is a name of the engine's own`, object)
      own.add(name)
    }
  })
  const used = new Map<ViewName, number>()
  const inFrom = new Set<JsonObject>()
  eachObject(tree, (object) => {
    if (object.type === 'SELECT_NODE' && aliasedSize(object) > MOST_EXPRESSIONS) {
      refuse('columns of the SELECT list name each other too often', object)
    }
    if (object.class === 'PARAMETER') {
      refuse('there are no parameters: write the values into the query', object)
    }
    if (object.type === 'SHOW_REF' && !isObject(object.query)) {
      refuse('of SHOW there is SHOW TABLES alone; DESCRIBE names the columns of one', object)
    }
    if (object.type === 'BASE_TABLE') {
      const name = String(object.table_name).toLowerCase()
      if (object.schema_name || object.catalog_name || !(isView(name) || own.has(name))) {
        refuse(`there is no ${nameOf(object)} to read: there are ${VIEW_NAMES.join(', ')}`, object)
      }
      if (isView(name)) used.set(name, (used.get(name) ?? 0) + 1)
    }
    if (object.type === 'TABLE_FUNCTION' && isObject(object.function)) {
      inFrom.add(object.function)
      const name = functionName(object.function)
      if (!TABLE_FUNCTIONS.has(name)) {
        refuse(`${name} cannot be read from: neither files nor the engine's insides can`, object)
      }
    }
    const name = functionName(object)
    if (REFUSED_FUNCTIONS.has(name) || name.startsWith(OWN_PREFIX)) {
      refuse(`the function ${name} is not to be had here`, object)
    }
    if (GROWING_FUNCTIONS.has(name) && !inFrom.has(object)) {
      refuse(`the function ${name} is not to be had here: what it gives has no limit`, object)
    }
  })
  return used
}

/** In one SELECT list, after every name of another of its columns was replaced by what it stands for. */
const MOST_EXPRESSIONS = 10_000

/** DuckDB replaces such names before any limit holds: a few dozen columns can come to billions. */
function aliasedSize({ select_list: list }: JsonObject): number {
  const sizes = new Map<string, number>()
  let total = 0
  for (const column of Array.isArray(list) ? list : []) {
    let size = 0
    eachObject(column, (object) => {
      const { column_names: names } = object
      const named = Array.isArray(names) && names.length === 1 ? String(names[0]) : ''
      if (object.class) size += sizes.get(named.toLowerCase()) ?? 1
    })
    total += size
    if (isObject(column) && column.alias) sizes.set(String(column.alias).toLowerCase(), size)
  }
  return total
}

const functionName = ({ function_name: name }: JsonObject): string =>
  typeof name === 'string' ? name.toLowerCase() : ''

const nameOf = ({ catalog_name, schema_name, table_name }: JsonObject): string =>
  [catalog_name, schema_name, table_name].filter(Boolean).join('.')

/** Names of what WITH defines. */
function definedTables({ cte_map }: JsonObject): string[] {
  if (!isObject(cte_map) || !Array.isArray(cte_map.map)) return []
  return cte_map.map.map((entry) => (isObject(entry) ? String(entry.key).toLowerCase() : ''))
}
