// Programs that are run to their end, and end with us.

import type { Environment } from '@stepwell/model/environment'

export interface Said {
  /** Undefined where it was ended by a signal. */
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
}

export class Programs {
  readonly #running = new Set<Bun.Subprocess>()
  readonly #atEnd: (() => void)[] = []

  /** @param milliseconds after which it is ended. @throws where it cannot be started. */
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
    const over = milliseconds && setTimeout(() => program.kill('SIGTERM'), milliseconds)
    const [stdout, stderr] = await Promise.all([
      new Response(program.stdout).text(),
      new Response(program.stderr).text(),
      program.exited,
    ])
    if (over) clearTimeout(over)
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
