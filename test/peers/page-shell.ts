// The commands of a page, as a reader would run them: in one shell, block after block.

import { readFileSync } from 'node:fs'
import { cleanUp } from '../support/engine.ts'
import { waitFor } from '../support/wait.ts'

/** Blocks that are marked ```` ```sh run ````, in their order. */
export function commands(page: string): string[] {
  const blocks = readFileSync(page, 'utf8').matchAll(/^```sh run\n(.*?)^```$/gms)
  return [...blocks].map(([, block]) => block!)
}

const MARK = '--- the block has ended ---'

/** Ends with the first command that fails. What it starts in the background is of its process group. */
export class Shell {
  readonly #process: Bun.Subprocess<'pipe', 'pipe', 'pipe'>
  #output = ''

  constructor(cwd: string, env: Record<string, string>) {
    this.#process = Bun.spawn(['bash', '-euo', 'pipefail'], {
      cwd,
      env,
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
      detached: true,
    })
    for (const stream of [this.#process.stdout, this.#process.stderr]) void this.#read(stream)
  }

  /** What the block printed. @throws {Error} where a command of it fails, with what it printed */
  async run(block: string, limit: number): Promise<string> {
    const from = this.#output.length
    this.#process.stdin.write(`${block}\necho '${MARK}'\n`)
    this.#process.stdin.flush()
    const printed = () => this.#output.slice(from)
    const ended = () => this.#process.exitCode !== null || printed().includes(MARK)
    try {
      await waitFor('its end', ended, limit)
      if (!printed().includes(MARK)) throw new Error('a command failed')
    } catch (error) {
      throw new Error(`${(error as Error).message}:\n${block}\n${printed()}`)
    }
    return printed().replace(MARK, '')
  }

  /** Ends it, and all that it has started. */
  async end(): Promise<void> {
    this.#process.stdin.end()
    try {
      process.kill(-this.#process.pid, 'SIGKILL')
    } catch {}
    await this.#process.exited
    await cleanUp()
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    for await (const chunk of stream) this.#output += decoder.decode(chunk, { stream: true })
  }
}
