// A script with the word EXEC in it is run twice: with nothing in its place, and with the wrapper. Whoever looks from
// outside must see no difference: exit code, signal, output.

import { chmodSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { type Run, start, temporaryFolder, type Variables, WRAPPER } from '../wrapper.ts'

export const EXEC = `${WRAPPER} exec --announce off --`

interface Seen {
  readonly exitCode: number | null
  readonly signal: Run['signal']
  /** Of much output the hash: so a difference can be printed. */
  readonly stdout: string
  readonly stderr: string
}

export interface Comparison {
  readonly alone: Seen
  readonly through: Seen
}

const MAX_SHOWN_BYTES = 2_000

function shown(bytes: Buffer): string {
  // A shell names the command that a signal ended, and its process.
  const text = bytes
    .toString('latin1')
    .replaceAll(`${EXEC} `, '')
    .replace(/line 1: +\d+ /g, 'line 1: ')
  return text.length > MAX_SHOWN_BYTES ? `${text.length} bytes, ${Bun.hash(text)}` : text
}

const seen = ({ exitCode, signal, stdout, stderr }: Run): Seen => ({
  exitCode,
  signal,
  stdout: shown(stdout),
  stderr: shown(stderr),
})

/**
 * Each run has a folder of its own to work in.
 * @param change is made to the run through the wrapper before it is looked at.
 */
export async function compare(
  script: string,
  environment: Variables,
  change = (run: Run): Run => run,
): Promise<Comparison> {
  const run = async (by: string) => {
    using folder = temporaryFolder()
    chmodSync(folder.path, 0o777)
    const command = ['bash', '--norc', '-c', script.replaceAll('EXEC ', by)]
    return await start(command, environment, { cwd: folder.path }).ended
  }
  const [alone, through] = await Promise.all([run(''), run(`${EXEC} `)])
  return { alone: seen(alone), through: seen(change(through)) }
}

export const isSame = ({ alone, through }: Comparison) => Bun.deepEquals(alone, through)

/** `act` for every item, as many at once as there is room for. */
export async function inParallel<T, R>(
  items: readonly T[],
  act: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const at = next++
      results[at] = await act(items[at]!)
    }
  }
  await Promise.all(Array.from({ length: 2 * availableParallelism() }, worker))
  return results
}
