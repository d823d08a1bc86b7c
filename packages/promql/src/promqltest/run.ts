// Runs a promqltest script against the evaluator.

import { PromqlError } from '../error.ts'
import { type Evaluation, evaluateInstant, evaluateRange } from '../evaluate/evaluate.ts'
import { parseDuration } from '../text/duration.ts'
import { parseFloatText } from '../text/number.ts'
import { compareRemarks, compareResult, matchesText } from './compare.ts'
import { type EvalCommand, type LoadCommand, parseScript } from './script.ts'
import { parseSeries } from './series.ts'
import { ScriptStore } from './store.ts'

export interface Failure {
  readonly line: number
  /** The query, or the line that was no part of a script. */
  readonly text: string
  readonly reason: string
}

export interface ScriptOutcome {
  readonly passed: number
  readonly failures: readonly Failure[]
}

/** Runs the commands of a script in order; each `eval` passes or fails by itself. What is no command fails too. */
export async function runScript(text: string): Promise<ScriptOutcome> {
  const store = new ScriptStore()
  const failures: Failure[] = []
  let passed = 0
  for (const command of parseScript(text)) {
    if (command.kind === 'clear') store.clear()
    else if (command.kind === 'load') failures.push(...load(store, command))
    else if (command.kind === 'unknown') {
      const reason = 'neither load, load_with_nhcb, clear nor eval'
      failures.push({ line: command.line, text: command.text, reason })
    } else {
      const reason = await evaluate(store, command).catch(messageOf)
      if (reason === undefined) passed++
      else failures.push({ line: command.line, text: command.query, reason })
    }
  }
  return { passed, failures }
}

/** Loads the series that are such. */
function load(store: ScriptStore, { line, step, series, withNative }: LoadCommand): Failure[] {
  const failures: Failure[] = []
  const read = <Result>(at: number, text: string, parse: (text: string) => Result): Result[] => {
    try {
      return [parse(text)]
    } catch (error) {
      failures.push({ line: at, text, reason: messageOf(error) })
      return []
    }
  }
  const parsed = series.flatMap((entry) => read(entry.line, entry.text, parseSeries))
  const [distance] = read(line, step, time)
  if (distance !== undefined) store.load(parsed, distance, withNative)
  return failures
}

/** Runs an eval; says what is wrong, or undefined. */
async function evaluate(store: ScriptStore, command: EvalCommand): Promise<string | undefined> {
  const mayFail = command.expectations.filter(({ what }) => what === 'fail')
  let evaluation: Evaluation
  try {
    evaluation = await ask(store, command)
  } catch (error) {
    if (!(error instanceof PromqlError) || mayFail.length === 0) throw error
    const unmet = mayFail.find((expectation) => !matchesText(expectation, error.message))
    return unmet === undefined ? undefined : `failed with ${error.message}`
  }
  if (mayFail.length > 0) return 'did not fail'
  const scalarText = command.results.length === 1 ? command.results[0] : undefined
  const scalar = scalarText === undefined ? undefined : parseFloatText(scalarText)
  const series = scalar === undefined ? command.results.map(parseSeries) : []
  return (
    compareRemarks(command.expectations, evaluation) ??
    compareResult(evaluation.result, series, scalar, timesOf(command), command.expectations)
  )
}

function ask(store: ScriptStore, { at, query }: EvalCommand): Promise<Evaluation> {
  if ('time' in at) return evaluateInstant(store, query, time(at.time))
  return evaluateRange(store, query, time(at.from), time(at.to), time(at.step))
}

/** The times at which the expected points are. */
function timesOf({ at, expectations }: EvalCommand): number[] {
  const range = expectations.find(({ what }) => what === 'range')?.text
  const match = /from (\S+) to (\S+) step (\S+)/.exec(range ?? '')
  if (match !== null) {
    return steps(time(match[1] ?? ''), time(match[2] ?? ''), time(match[3] ?? ''))
  }
  return 'time' in at ? [time(at.time)] : steps(time(at.from), time(at.to), time(at.step))
}

function steps(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step)
}

/** Milliseconds of a time or step of a script: a duration, or a number of seconds. */
function time(text: string): number {
  const isNegative = text.startsWith('-')
  const plain = isNegative ? text.slice(1) : text
  const milliseconds = parseDuration(plain) ?? Number(plain) * 1000
  if (Number.isNaN(milliseconds)) throw new Error(`"${text}" is neither a duration nor seconds`)
  return isNegative ? -milliseconds : milliseconds
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
