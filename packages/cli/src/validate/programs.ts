// Programs that are run to their end, and end with us.

import type { Environment } from '@stepwell/model/environment'

export interface Said {
  /** Undefined where it was ended by a signal. */
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** For what a program does when it is told to end. */
const GRACE_MILLISECONDS = 2_000

async function inTime<T>(
  whole: Promise<T>,
  program: Bun.Subprocess,
  milliseconds: number,
): Promise<T | readonly ['', '']> {
  const signals = (['SIGTERM', 'SIGKILL'] as const).map((signal, times) =>
    setTimeout(() => program.kill(signal), milliseconds + times * GRACE_MILLISECONDS),
  )
  const { promise: over, resolve } = Promise.withResolvers<readonly ['', '']>()
  signals.push(setTimeout(() => resolve(['', '']), milliseconds + 2 * GRACE_MILLISECONDS))
  try {
    return await Promise.race([whole, over])
  } finally {
    for (const signal of signals) clearTimeout(signal)
  }
}

export class Programs {
  readonly #running = new Set<Bun.Subprocess>()
  readonly #atEnd: (() => void)[] = []

  /**
   * @param milliseconds after which it is ended, and no longer waited for than it takes to end: not for what it has
   * started, which may hold its output open. @throws where it cannot be started.
   */
  async run(
    command: readonly string[],
    options: { cwd?: string; environment: Environment; milliseconds?: number },
  ): Promise<Said> {
    const program = Bun.spawn([...command], {
      ...(options.cwd && { cwd: options.cwd }),
      env: { ...options.environment },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    this.#running.add(program)
    const { milliseconds } = options
    const whole = Promise.all([
      new Response(program.stdout).text(),
      new Response(program.stderr).text(),
      program.exited,
    ])
    const [stdout, stderr] = await (milliseconds ? inTime(whole, program, milliseconds) : whole)
    this.#running.delete(program)
    return { exitCode: program.exitCode ?? undefined, stdout, stderr }
  }

  atEnd(what: () => void): void {
    this.#atEnd.push(what)
  }

  end(): void {
    for (const program of this.#running) program.kill('SIGTERM')
    for (const what of this.#atEnd.splice(0)) what()
  }
}
