// Runs a command under a span of ours. The order is the promise: the command first, then all that watches it; and
// its exit code, its signal and its output whatever becomes of the watching.

import { formatTraceParent } from '@stepwell/model/context'
import { type Environment, isDisabled } from '@stepwell/model/environment'
import { nanosecondsOfMilliseconds } from '@stepwell/model/ids'
import { type ErrorType, signalErrorType } from '@stepwell/model/outcome'
import type { End, Used } from '@stepwell/model/span'
import type { Judged } from '../gate/verdict.ts'
import { isTerminal } from '../libc.ts'
import { childEnvironment } from './child-environment.ts'
import {
  type CommandEnd,
  type NotStarted,
  type Output,
  type RunningCommand,
  startCommand,
} from './command.ts'
import { OutputCopy } from './copy.ts'
import { runningEngine } from './engine.ts'
import type { Invocation } from './instrument/invocation.ts'
import type { Rewriter } from './rewriting.ts'
import { Timeout } from './timeout.ts'
import { Warnings } from './warnings.ts'
import { EXPORT_BOUND_MILLISECONDS, programOf, type Start, type Work } from './work.ts'

/** Gives the exit code for this process, unless it ends by the command's signal. */
export async function run(work: Work, environment: Environment): Promise<number> {
  const { kind, context, command } = work
  const engine = runningEngine(environment)
  const warn = new Warnings(work.warnings)
  const own = childEnvironment(environment, kind, context.facts, context.identity, engine)
  const child = work.instrument
    ? instrumented({ command, environment: own }, warn)
    : { command, environment: own }
  const start = startNow()
  const started = startCommand(child.command, child.environment, work.capture, work.jsonLines)
  // Whatever breaks in a timer or a socket of ours must not end us before the command.
  for (const event of ['uncaughtException', 'unhandledRejection'])
    process.on(event, (error: unknown) => warn.add(notWhole(error)))
  const report = await openReport(work, start, environment, engine, warn)
  return 'sentence' in started
    ? reportNotStarted(work, started, start, report, warn)
    : watch(work, started, start, report, warn)
}

/** What breaks in here leaves the command as it was asked for. */
function instrumented(invocation: Invocation, warn: Warnings): Invocation {
  try {
    const { instrument } =
      require('./instrument/instrument.ts') as typeof import('./instrument/instrument.ts')
    return instrument(invocation, warn.add)
  } catch (error) {
    warn.add(`--instrument changes nothing: ${(error as Error).message}`)
    return invocation
  }
}

type Reporting = Awaited<ReturnType<typeof openReport>>

/**
 * Everything of telemetry is behind this import: it is loaded while the command runs (0.25 ms that its start does not
 * wait for), and what breaks in loading it breaks no command. Undefined where it is switched off, or broke.
 */
async function openReport(
  work: Work,
  start: Start,
  environment: Environment,
  engine: ReturnType<typeof runningEngine>,
  warn: Warnings,
) {
  if (isDisabled(environment)) return undefined
  try {
    const { startReporting } = await import('../report/reporting.ts')
    return startReporting(work, start, environment, engine, warn.add)
  } catch (error) {
    warn.add(`telemetry could not be started: ${(error as Error).message}`)
    return undefined
  }
}

async function watch(
  work: Work,
  running: RunningCommand,
  start: Start,
  reporting: Reporting,
  warn: Warnings,
): Promise<number> {
  const { signals } = running
  if (process.pid === 1) (await import('./reap.ts')).reapOrphans(running.process.pid)
  else if (!signals.ownGroup)
    (await import('./stops.ts')).stopWith(running.process.pid, () => signals.continued())
  const say = announcer(work, reporting)
  warn.say()
  say?.started()
  writeIdentity(work, warn)
  const meter = reporting?.meter(running.process.pid)
  const timeout = new Timeout(work, running)
  const copies = copiesOf(running, reporting, warn, await rewritersOf(work))
  const copied: Promise<void>[] = []
  for (const copy of copies) copied.push(copy.run())

  const preparing = setTimeout(() => prepareEnd(reporting, warn), PREPARE_AFTER_MILLISECONDS)
  const ended = await running.ended
  clearTimeout(preparing)
  await timeout.commandEnded()
  for (const copy of copies) copy.commandEnded()
  for (const one of copied) await one
  let leftOpen = false
  let lost: OutputCopy | undefined
  let atLineStart: boolean | undefined
  for (const copy of copies) {
    leftOpen ||= copy.leftOpen
    if (copy.failure !== undefined) lost ??= copy
    const isBoth = copy.stream === undefined
    if (copy.to === say?.to || isBoth) atLineStart = copy.atLineStart
    if (copy.to === 2 || isBoth) warn.atLineStart = copy.atLineStart
  }
  if (leftOpen)
    warn.add('the command left a process behind that still holds its output; it was not waited for')
  if (lost) warn.add(`the command's output is not whole: ${STREAM[lost.to]}: ${lost.failure}`)

  const used = await meter?.end(running.process).catch((error: unknown): undefined => {
    warn.add(notWhole(error))
  })
  const judged = work.gate && (await import('../gate/verdict.ts')).judge(work.gate, warn.add)
  const ending = endOf(work, running, ended, timeout.fired, lost?.failure, used, judged)
  const end = reporting?.explain(ending) ?? ending
  const exitCode = end.exitCode ?? 0
  writeFile(work, 'exit_code', String(exitCode), warn)
  signals.detach(() => reporting?.delivery.hurry())
  const delivered = endReport(reporting, end, ended.at, warn)
  // While the receiver answers.
  say?.ended(end, ended.at - start.at, atLineStart)
  if (say?.to === 2) warn.atLineStart = true
  await delivered
  warn.say(reporting?.delivery.lines)
  if (ended.signal !== undefined && !timeout.fired) {
    const { dieBySignal } = await import('./death.ts')
    dieBySignal(ended.signal)
  }
  return exitCode
}

async function reportNotStarted(
  work: Work,
  { exitCode, sentence }: NotStarted,
  start: Start,
  reporting: Reporting,
  warn: Warnings,
): Promise<number> {
  const errorType = exitCode === 127 ? 'command_not_found' : 'not_executable'
  const end: End = {
    errorType,
    exitCode,
    executable: programOf(work.command[0]!),
    gate: work.gate,
  }
  const at = performance.now()
  const say = announcer(work, reporting)
  warn.add(sentence)
  warn.say()
  say?.started()
  say?.ended(end, at - start.at, true)
  writeIdentity(work, warn)
  writeFile(work, 'exit_code', String(exitCode), warn)
  await endReport(reporting, end, at, warn)
  warn.say(reporting?.delivery.lines)
  return exitCode
}

/** A command that is over by then is not to be held up. */
const PREPARE_AFTER_MILLISECONDS = 5

function prepareEnd(reporting: Reporting, warn: Warnings): void {
  try {
    reporting?.report.prepareEnd()
  } catch (error) {
    warn.add(notWhole(error))
  }
}

const notWhole = (error: unknown) =>
  `telemetry is not whole: ${error instanceof Error ? error.message : String(error)}`

/** @param at `performance.now()` of the end. */
async function endReport(reporting: Reporting, end: End, at: number, warn: Warnings) {
  try {
    await reporting?.report.end(end, at, EXPORT_BOUND_MILLISECONDS)
  } catch (error) {
    warn.add(notWhole(error))
  }
}

function startNow(): Start {
  const at = performance.now()
  return { at, unixNano: nanosecondsOfMilliseconds(performance.timeOrigin + at) }
}

type Rewriters = Readonly<Record<1 | 2, Rewriter>>

async function rewritersOf({ jsonLines, context }: Work): Promise<Rewriters | undefined> {
  if (!jsonLines) return undefined
  return (await import('./rewriting.ts')).jsonRewriters(context.identity)
}

function copiesOf(
  { outputs }: RunningCommand,
  reporting: Reporting,
  warn: Warnings,
  rewriters: Rewriters | undefined,
): OutputCopy[] {
  const copies: OutputCopy[] = []
  for (const output of outputs)
    copies.push(
      new OutputCopy(output, recorder(output.stream, reporting, warn), rewriters?.[output.to]),
    )
  return copies
}

/** What breaks here is the record of the output, never its copy. */
function recorder(stream: Output['stream'], reporting: Reporting, warn: Warnings) {
  let record = reporting?.report.output(stream)
  return (chunk: Uint8Array): void => {
    try {
      record?.(chunk)
    } catch (error) {
      record = undefined
      warn.add(notWhole(error))
    }
  }
}

/** The two JSON lines, where they are wanted. */
function announcer({ announce, kind, context }: Work, reporting: Reporting) {
  const to = announce ?? (isTerminal(2) ? 'off' : 'stderr')
  if (to === 'off' || !reporting) return undefined
  const print = to === 'stdout' ? console.log : console.error
  const { facts } = reporting.report
  return {
    to: to === 'stdout' ? 1 : 2,
    started: () => print(reporting.startedLine(kind, facts, context.identity)),
    ended(end: End, milliseconds: number, atLineStart = true) {
      const line = reporting.endedLine(kind, facts, context.identity, end, milliseconds)
      print(atLineStart ? line : `\n${line}`)
    },
  }
}

function endOf(
  { command }: Work,
  running: RunningCommand,
  { exitCode, signal }: CommandEnd,
  timedOut: boolean,
  outputFailure: string | undefined,
  used: Used | undefined,
  gate: Judged | undefined,
): End {
  let errorType = errorTypeOf(exitCode, signal, timedOut, running.signals.asked)
  // It wrote to a pipe, which took all, what it would have failed to write: its success would be a lie.
  if (outputFailure !== undefined && errorType === undefined)
    errorType = /^(ENOSPC|EDQUOT)$/.test(outputFailure) ? 'disk_full' : 'nonzero_exit'
  if (gate?.falls) errorType ??= 'nonzero_exit'
  return {
    errorType,
    exitCode: timedOut ? 124 : exitCode || (errorType ? 1 : 0),
    pid: running.process.pid,
    executable: programOf(command[0]!),
    used,
    gate,
  }
}

function errorTypeOf(
  exitCode: number,
  signal: CommandEnd['signal'],
  timedOut: boolean,
  asked: string | undefined,
): ErrorType | undefined {
  if (timedOut) return 'timeout'
  if (exitCode === 0) return undefined
  // Somebody told us to end, and it did.
  if (asked !== undefined) return 'canceled'
  if (signal === undefined) return 'nonzero_exit'
  return signalErrorType(typeof signal === 'number' ? 'realtime' : signal)
}

const STREAM = { 1: 'stdout', 2: 'stderr' } as const

function writeIdentity(work: Work, warn: Warnings): void {
  const { traceId, spanId } = work.context.identity
  writeFile(work, 'trace_id', traceId, warn)
  writeFile(work, 'span_id', spanId, warn)
  writeFile(work, 'traceparent', formatTraceParent(work.context.identity), warn)
}

/** Argo takes a file's whole text for the parameter: so there is no newline at its end. */
function writeFile({ outputFolder }: Work, name: string, text: string, warn: Warnings): void {
  if (outputFolder === undefined) return
  const { mkdirSync, writeFileSync } = require('node:fs') as typeof import('node:fs')
  try {
    mkdirSync(outputFolder, { recursive: true })
    writeFileSync(`${outputFolder}/${name}`, text)
  } catch (error) {
    warn.add(`${outputFolder}/${name} could not be written: ${(error as Error).message}`)
  }
}
