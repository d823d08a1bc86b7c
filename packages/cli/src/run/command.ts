// Starts the command and says how it ended.

import {
  closeDescriptor,
  closedDescriptors,
  hasControllingTerminal,
  inheritedDescriptors,
  isExecutable,
  isTerminal,
  openPipe,
  outputsAreOne,
  type Pipe,
  pathExists,
  underParentsOpenFileLimit,
} from '../libc.ts'
import { SignalRelay } from './signals.ts'

export interface CommandEnd {
  /** As a shell would give it: 128 + n after signal n. */
  readonly exitCode: number
  /** The signal that ended it; a number where it has no name (real-time signals). */
  readonly signal: NodeJS.Signals | number | undefined
  /** `performance.now()`. */
  readonly at: number
}

/** A pipe that the command's output comes through, and where it goes on to. */
export interface Output {
  readonly readEnd: number
  readonly to: 1 | 2
  /** Undefined where the two are one, as after `2>&1`: through two pipes the lines would change their order. */
  readonly stream: 'stdout' | 'stderr' | undefined
}

export interface RunningCommand {
  readonly process: Bun.Subprocess
  readonly ended: Promise<CommandEnd>
  readonly signals: SignalRelay
  /** None for a stream that is inherited. */
  readonly outputs: readonly Output[]
}

/** The command could not be started: exit codes as of POSIX shells. */
export interface NotStarted {
  readonly exitCode: 126 | 127
  readonly sentence: string
}

/**
 * Nothing that is not needed to start the command happens before it: this is the path whose length users feel.
 * @param capture whether output that is no terminal comes through us.
 * @param captureTerminals whether output to a terminal does too.
 */
export function startCommand(
  command: readonly string[],
  environment: Record<string, string>,
  capture: boolean,
  captureTerminals = false,
): RunningCommand | NotStarted {
  const inherited = inheritedDescriptors()
  const closed = closedDescriptors()
  const terminals = [isTerminal(0), isTerminal(1), isTerminal(2)]
  const piped = (one: 1 | 2) =>
    capture && (captureTerminals || !terminals[one]) && !closed.includes(one)
  // JSON lines say which stream each was on, and are written whole.
  const one = piped(1) && piped(2) && !captureTerminals && outputsAreOne()
  const stdout = piped(1) ? openPipe() : undefined
  const stderr = one ? stdout : piped(2) ? openPipe() : undefined
  // With a terminal the command stays in our group: job control, Ctrl-C and /dev/tty are as without us.
  const ownGroup = !terminals.includes(true) && !hasControllingTerminal()
  const signals = new SignalRelay(ownGroup)
  let ended: (end: CommandEnd) => void
  const end = new Promise<CommandEnd>((resolve) => {
    ended = resolve
  })
  const spawn = (argv: readonly string[]) =>
    Bun.spawn([...argv], {
      env: environment,
      stdio: [
        'inherit',
        stdout?.writeEnd ?? 'inherit',
        stderr?.writeEnd ?? 'inherit',
        ...passedOn(inherited),
      ],
      detached: ownGroup,
      onExit(_, exitCode, signal) {
        const end = endOf(exitCode, signal)
        // A terminal's Ctrl-C goes to both of us: it has come by now, and is told in the loop's next turn.
        setImmediate(() => ended(end))
      },
    })
  try {
    const argv = handedOn(command, environment, signals.ignored, closed)
    const child = underParentsOpenFileLimit(inherited[inherited.length - 1] ?? 2, () =>
      spawnOrShell(spawn, argv, environment),
    )
    if ('sentence' in child) return child
    signals.attach(child.pid)
    return {
      process: child,
      ended: end,
      signals,
      outputs: outputsOf(stdout, stderr),
    }
  } finally {
    if (stdout) closeDescriptor(stdout.writeEnd)
    if (stderr && stderr !== stdout) closeDescriptor(stderr.writeEnd)
    // They are the command's now: who waits for it to close one waits for it alone.
    for (const one of inherited) closeDescriptor(one)
  }
}

function outputsOf(stdout: Pipe | undefined, stderr: Pipe | undefined): Output[] {
  const outputs: Output[] = []
  if (stdout && stdout === stderr) return [{ readEnd: stdout.readEnd, to: 1, stream: undefined }]
  if (stdout) outputs.push({ readEnd: stdout.readEnd, to: 1, stream: 'stdout' })
  if (stderr) outputs.push({ readEnd: stderr.readEnd, to: 2, stream: 'stderr' })
  return outputs
}

/** From 3 up; what lies between stays closed. */
function passedOn(inherited: readonly number[]): ('ignore' | number)[] {
  const stdio: ('ignore' | number)[] = []
  for (const one of inherited) {
    while (stdio.length + 3 < one) stdio.push('ignore')
    stdio.push(one)
  }
  return stdio
}

/** Stands for bytes that are no UTF-8. */
const REPLACEMENT = '\ufffd'

function needsShell(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  ignored: readonly number[],
  closed: readonly number[],
): boolean {
  if (ignored.length > 0 || closed.length > 0) return true
  for (const word of command) if (word.includes(REPLACEMENT)) return true
  for (const name in environment) if (environment[name]!.includes(REPLACEMENT)) return true
  return false
}

function handedOn(
  command: readonly string[],
  environment: Record<string, string>,
  ignored: readonly number[],
  closed: readonly number[],
): readonly string[] {
  if (!needsShell(command, environment, ignored, closed)) return command
  const { throughShell } = require('./through-shell.ts') as typeof import('./through-shell.ts')
  return throughShell(command, environment, ignored, closed)
}

function spawnOrShell(
  spawn: (argv: readonly string[]) => Bun.Subprocess,
  command: readonly string[],
  environment: Record<string, string>,
): Bun.Subprocess | NotStarted {
  const [name, ...args] = command as [string, ...string[]]
  try {
    return spawn(command)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    const which = () =>
      name.includes('/') ? name : Bun.which(name, { PATH: environment.PATH ?? '' })
    // A script without a `#!` line: shells run it themselves (POSIX 2.9.1.4).
    if (code === 'ENOEXEC') return spawn(['/bin/sh', which() ?? name, ...args])
    // Where `PATH` leads to a file of that name without the run bit, it was found (POSIX 2.9.1.4 again).
    const absent = code === 'ENOENT' || code === 'ENOTDIR'
    const inPath = absent && !name.includes('/') ? placesOf(name, environment.PATH) : []
    // An empty part of `PATH` is the working folder (POSIX 8.3); Bun passes over it.
    const executable = inPath.find(isExecutable)
    if (executable !== undefined) return spawnOrShell(spawn, [executable, ...args], environment)
    const found = inPath.some(pathExists)
    if (absent && !found) return { exitCode: 127, sentence: `${name}: command not found` }
    if (found || code === 'EACCES') return { exitCode: 126, sentence: `${name}: not executable` }
    return { exitCode: 126, sentence: `${name}: cannot be run: ${message}` }
  }
}

const placesOf = (name: string, path = '') =>
  name === '' ? [] : path.split(':').map((folder) => `${folder || '.'}/${name}`)

function endOf(exitCode: number | null, signal: NodeJS.Signals | number | null): CommandEnd {
  const at = performance.now()
  if (signal === null) return { exitCode: exitCode ?? 0, signal: undefined, at }
  return { exitCode: 128 + signalNumber(signal), signal, at }
}

export function signalNumber(signal: NodeJS.Signals | number): number {
  if (typeof signal === 'number') return signal
  const { constants } = require('node:os') as typeof import('node:os')
  return constants.signals[signal] ?? 0
}
