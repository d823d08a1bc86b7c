// A container as a process here: its exit code, its lines, its deadline.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface ContainerRun {
  readonly env: Record<string, string>
  readonly cwd: string
  /** Seconds; 0 for none. */
  readonly limit: number
  readonly say: (line: string) => void
}

const GRACE_MILLISECONDS = 30_000
const DRAIN_MILLISECONDS = 2000

const running = new Set<number>()

/** Ends what runs, for the sake of a test that is done. */
export function endContainers(): void {
  for (const pid of running) signal(pid, 'SIGKILL')
}

export function runContainer(
  command: string,
  args: readonly string[],
  { env, cwd, limit, say }: ContainerRun,
): Promise<{ exitCode: number; overDeadline: boolean }> {
  return new Promise((resolve) => {
    let overDeadline = false
    const child = spawn(command, args, {
      env,
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.on('error', (error) => {
      say(`Error: ${error.message}`)
      resolve({ exitCode: 64, overDeadline })
    })
    if (child.pid === undefined) return
    const { pid } = child
    running.add(pid)
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', say)
    const timers: Timer[] = []
    const after = (milliseconds: number, what: () => void) =>
      timers.push(setTimeout(what, milliseconds))
    if (limit > 0)
      after(limit * 1000, () => {
        overDeadline = true
        signal(pid, 'SIGTERM')
        after(GRACE_MILLISECONDS, () => signal(pid, 'SIGKILL'))
      })
    child.on('exit', (code, by) => {
      // With its first process a container ends; whoever still holds its streams is not waited for.
      signal(pid, 'SIGKILL')
      const end = () => {
        running.delete(pid)
        for (const timer of timers) clearTimeout(timer)
        resolve({ exitCode: code ?? 128 + (NUMBERS[by ?? ''] ?? 0), overDeadline })
      }
      child.on('close', end)
      after(DRAIN_MILLISECONDS, end)
    })
  })
}

const NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name)
  } catch {
    // Gone already.
  }
}
