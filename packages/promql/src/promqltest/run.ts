// Runs a promqltest script against the evaluator.

import { PromqlError } from '../error.ts'
import { type Evaluation, evaluateInstant, evaluateRange } from '../evaluate/evaluate.ts'
import { parseDuration } from '../text/duration.ts'
import { parseFloatText } from '../text/number.ts'
import { compareRemarks, compareResult, matchesText } from './compare.ts'
import { type EvalCommand, parseScript } from './script.ts'
import { parseSeries } from './series.ts'
import { ScriptStore } from './store.ts'

export interface Failure {
  readonly line: number
  readonly query: string
  readonly reason: string
}

export interface ScriptOutcome {
  readonly passed: number
  readonly failures: readonly Failure[]
}

/** Runs the commands of a script in order; each `eval` passes or fails by itself. */
export async function runScript(text: string): Promise<ScriptOutcome> {
  const store = new ScriptStore()
  const failures: Failure[] = []
  let passed = 0
  for (const command of parseScript(text)) {
    if (command.kind === 'clear') store.clear()
    else if (command.kind === 'load') {
      store.load(command.series.map(parseSeries), time(command.step), command.withNative)
    } else {
      const reason = await evaluate(store, command).catch(messageOf)
      if (reason === undefined) passed++
      else failures.push({ line: command.line, query: command.query, reason })
    }
  }
  return { passed, failures }
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

/** A time or step of a script: a duration, or a number of seconds. */
function time(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1
  const plain = text.replace(/^-/, '')
  const milliseconds = parseDuration(plain)
  const seconds = Number(plain)
  if (milliseconds === undefined && Number.isNaN(seconds)) throw new Error(`time "${text}"`)
  return sign * (milliseconds ?? seconds * 1000)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
