// Starts the command and says how it ended.

import { closeDescriptor, isTerminal, openPipe, pathExists } from '../libc.ts'
import { SignalRelay } from './signals.ts'

export interface CommandEnd {
  /** As a shell would give it: 128 + n after signal n. */
  readonly exitCode: number
  /** The signal that ended it; a number where it has no name (real-time signals). */
  readonly signal: NodeJS.Signals | number | undefined
  /** `performance.now()`. */
  readonly at: number
}

export interface RunningCommand {
  readonly process: Bun.Subprocess
  readonly ended: Promise<CommandEnd>
  readonly signals: SignalRelay
  /** Read ends of the pipes that its output comes through; none where it is inherited. */
  readonly stdout: number | undefined
  readonly stderr: number | undefined
}

/** The command could not be started: exit codes as of POSIX shells. */
export interface NotStarted {
  readonly exitCode: 126 | 127
  readonly sentence: string
}

/**
 * Nothing that is not needed to start the command happens before it: this is the path whose length users feel.
 * @param capture whether output that is no terminal comes through us.
 */
export function startCommand(
  command: readonly string[],
  environment: Record<string, string>,
  capture: boolean,
): RunningCommand | NotStarted {
  const terminals = [isTerminal(0), isTerminal(1), isTerminal(2)]
  const stdout = capture && !terminals[1] ? openPipe() : undefined
  const stderr = capture && !terminals[2] ? openPipe() : undefined
  // With a terminal the command stays in our group: job control, Ctrl-C and /dev/tty are as without us.
  const ownGroup = !terminals.includes(true)
  const signals = new SignalRelay(ownGroup)
  let ended: (end: CommandEnd) => void
  const end = new Promise<CommandEnd>((resolve) => {
    ended = resolve
  })
  const spawn = (argv: readonly string[]) =>
    Bun.spawn([...argv], {
      env: environment,
      stdin: 'inherit',
      stdout: stdout?.writeEnd ?? 'inherit',
      stderr: stderr?.writeEnd ?? 'inherit',
      detached: ownGroup,
      onExit: (_, exitCode, signal) => ended(endOf(exitCode, signal)),
    })
  try {
    const child = spawnOrShell(spawn, command, environment)
    if ('sentence' in child) return child
    signals.attach(child.pid)
    return {
      process: child,
      ended: end,
      signals,
      stdout: stdout?.readEnd,
      stderr: stderr?.readEnd,
    }
  } finally {
    if (stdout) closeDescriptor(stdout.writeEnd)
    if (stderr) closeDescriptor(stderr.writeEnd)
  }
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
    const found = code === 'EACCES' || (!name.includes('/') && isInPath(name, environment.PATH))
    if (!found && (code === 'ENOENT' || code === 'ENOTDIR'))
      return { exitCode: 127, sentence: `${name}: command not found` }
    if (found) return { exitCode: 126, sentence: `${name}: not executable` }
    return { exitCode: 126, sentence: `${name}: cannot be run: ${message}` }
  }
}

const isInPath = (name: string, path = '') =>
  name !== '' && path.split(':').some((folder) => pathExists(`${folder || '.'}/${name}`))

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
