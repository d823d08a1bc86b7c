// `stepwell sql QUERY`: asks the engine that runs here, or another, and prints the rows.

import { readFileSync } from 'node:fs'
import type { Environment } from '@stepwell/model/environment'
import { type Parsed, parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { addressOf } from '../query/backend.ts'
import { dataFolder, runningEngine } from '../run/engine.ts'
import { table } from './table.ts'

/** What is asked of the engine for each format. */
const ACCEPT: Readonly<Record<string, string>> = {
  table: 'application/json',
  csv: 'text/csv',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
}

export const SQL: Verb = {
  name: 'sql',
  usage: 'stepwell sql [FLAGS] QUERY',
  about:
    'Asks the engine in SQL (DuckDB’s dialect, read-only) and prints the rows. There are spans, steps,\nworkflows, logs and metrics; DESCRIBE steps names the columns, docs/sql.md explains them. Without a\nQUERY it is read from the standard input.',
  flags: [
    {
      name: '--format',
      value: 'FORMAT',
      choices: Object.keys(ACCEPT),
      help: 'table, csv, json or ndjson (table)',
    },
    { name: '--file', value: 'FILE', help: 'the query is in FILE; also -f' },
    { name: '--url', value: 'URL', help: 'the page of the engine to ask (the one that runs here)' },
  ],
  examples: [
    'stepwell sql "SELECT agent, count(*) FROM steps WHERE outcome = \'failure\' GROUP BY agent"',
    'stepwell sql --format csv "FROM logs WHERE time > now() - INTERVAL \'1 hour\'"',
  ],
}

/** Gives 0, or 1 where no engine answers or it refuses the query. */
export async function sql(args: readonly string[], environment: Environment): Promise<number> {
  const parsed = parseFlags(
    SQL,
    args.map((word) => (word === '-f' ? '--file' : word)),
  )
  if (parsed.flags.has('--help')) return printHelp(SQL)
  const format = parsed.flags.get('--format') ?? 'table'
  const query = await queryOf(parsed)
  const engine = engineOf(parsed, environment)
  if (!engine) return fail(noEngine(environment))
  const headers: Record<string, string> = {
    accept: ACCEPT[format]!,
    'content-type': 'application/sql',
  }
  if (environment.STEPWELL_TOKEN) headers.authorization = `Bearer ${environment.STEPWELL_TOKEN}`
  let answer: Response
  let text: string
  try {
    answer = await fetch(engine, { method: 'POST', headers, body: query })
    text = await answer.text()
  } catch (error) {
    return fail(`${engine.origin} does not answer: ${(error as Error).message}`)
  }
  if (!answer.ok) return fail(refusal(answer, text))
  const printed = format === 'table' ? table(JSON.parse(text)) : text
  process.stdout.write(printed.endsWith('\n') || printed === '' ? printed : `${printed}\n`)
  if (answer.headers.has('x-stepwell-truncated'))
    process.stderr.write('stepwell sql: there are more rows than an answer may have\n')
  return 0
}

async function queryOf({ flags, rest }: Parsed): Promise<string> {
  const [given, ...more] = rest
  if (more.length > 0)
    throw new UsageError('the query is one word for the shell: put it into quotes')
  const file = flags.get('--file')
  if (file !== undefined && given !== undefined)
    throw new UsageError('there are two queries: give a QUERY or --file')
  if (file !== undefined) {
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      throw new UsageError(`--file ${file} cannot be read: ${(error as Error).message}`)
    }
  }
  if (given !== undefined && given !== '-') return given
  if (given === undefined && process.stdin.isTTY) throw new UsageError(`which query? ${SQL.usage}`)
  return await Bun.stdin.text()
}

function engineOf({ flags }: Parsed, environment: Environment): URL | undefined {
  const given = flags.get('--url')
  if (given !== undefined) addressOf('--url', given)
  const page = given ?? runningEngine(environment)?.ui
  return page === undefined ? undefined : new URL(`${page.replace(/\/+$/, '')}/api/sql`)
}

function noEngine(environment: Environment): string {
  const folder = dataFolder(environment)
  const where = folder ? ` with its data in ${folder}` : ' that can be found without HOME'
  return `no engine runs${where}: start one with "stepwell up", set STEPWELL_DATA to its folder, or name its page with --url`
}

function refusal({ status, url }: Response, text: string): string {
  if (status === 401) return `${new URL(url).origin} needs a token: set STEPWELL_TOKEN`
  try {
    const { error, position } = JSON.parse(text)
    const where = position ? `line ${position.line}, column ${position.column}: ` : ''
    if (typeof error === 'string') return where + error
  } catch {}
  const [line] = text.split('\n')
  return `${new URL(url).origin} answers with status ${status}: ${line}`
}

function fail(sentence: string): number {
  process.stderr.write(`stepwell sql: ${sentence}\n`)
  return 1
}
