// The engine as a process of its own, for tests that start, stop and kill it.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineDescription } from '@stepwell/server'

export const MAIN = join(import.meta.dir, '..', '..', 'main.ts')

const FREE_PORTS = ['otlp-grpc', 'otlp-http', 'metrics', 'prometheus', 'ui', 'loki'].flatMap(
  (flag) => [`--${flag}`, '0'],
)

export interface EngineProcess {
  readonly pid: number
  /** What it has written to stderr so far. */
  log(): string
  /** Resolves with the exit code; null where a signal ended it. */
  readonly exited: Promise<number | null>
  kill(signal: NodeJS.Signals): void
  /** Resolves when the ready file of its data folder is there. Throws when the process ends before. */
  ready(): Promise<EngineDescription>
}

/** Starts an engine on free ports; `args` come after those and win. */
export function spawnEngine(dataDir: string, args: readonly string[] = []): EngineProcess {
  const readyFile = join(dataDir, 'ready.json')
  const engine = Bun.spawn(
    [process.execPath, MAIN, 'up', '--data', dataDir, ...FREE_PORTS, ...args],
    {
      env: { PATH: process.env.PATH ?? '', HOME: temporaryFolder() },
      cwd: tmpdir(),
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'pipe',
    },
  )
  engines.push(engine)
  let log = ''
  const logged = (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of engine.stderr) log += decoder.decode(chunk, { stream: true })
  })()
  const exited = Promise.all([engine.exited, logged]).then(() => engine.exitCode)
  return {
    pid: engine.pid,
    log: () => log,
    exited,
    kill: (signal) => engine.kill(signal),
    async ready() {
      await waitFor('the engine to be ready', () => {
        if (engine.exitCode !== null || engine.signalCode !== null) {
          throw new Error(`the engine ended with ${engine.exitCode ?? engine.signalCode}: ${log}`)
        }
        // One that was killed has left its own.
        return readDescription(readyFile)?.pid === engine.pid
      })
      return readDescription(readyFile)!
    },
  }
}

/** Undefined where there is none, or an engine that starts has just removed its predecessor's. */
function readDescription(file: string): EngineDescription | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const folders: string[] = []

/** A folder that `cleanUp` removes. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stepwell-up-'))
  folders.push(folder)
  return folder
}

const engines: Bun.Subprocess[] = []

/** For each test file's `afterAll`: ends what a failed test has left running, and removes the folders. */
export async function cleanUp(): Promise<void> {
  for (const engine of engines.splice(0)) {
    engine.kill('SIGKILL')
    await engine.exited
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

export async function waitFor(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMilliseconds = 30_000,
): Promise<void> {
  const deadline = Date.now() + withinMilliseconds
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await Bun.sleep(10)
  }
}
