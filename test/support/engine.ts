// A real engine in a folder of its own, on free ports, started through the launcher as a user would.

import { afterAll } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { waitFor } from './wait.ts'

export const root = resolve(import.meta.dir, '../..')
export const launcher = join(root, 'stepwell')

export interface Urls {
  readonly otlpGrpc: string
  readonly otlpHttp: string
  readonly metrics: string
  readonly prometheus: string
  readonly ui: string
  readonly loki: string
}

export interface Engine {
  readonly pid: number
  readonly urls: Urls
  readonly dataDir: string
  /** What it has written to stderr so far. */
  log(): string
  /** Ends it by `signal`; gives its exit code, or null where the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

const FREE_PORTS = [
  '--otlp-grpc',
  '--otlp-http',
  '--metrics',
  '--prometheus',
  '--ui',
  '--loki',
].flatMap((flag) => [flag, '0'])

/** Flags that give another engine the same ports: for one that comes back where it was. */
export const samePorts = (urls: Urls): string[] =>
  Object.entries(urls).flatMap(([name, url]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    new URL(url).port,
  ])

const folders: string[] = []
const processes: Bun.Subprocess[] = []
/** What a test has left goes with its file: to be named in each file that starts engines and doesn't stop them. */
export async function cleanUp(): Promise<void> {
  for (const each of processes.splice(0)) {
    each.kill('SIGKILL')
    await each.exited
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}
// Of the first file alone that loads this one, where one process runs several.
afterAll(cleanUp)

/** A folder that goes when the test file is done. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `stepwell-${name}-`))
  folders.push(folder)
  return folder
}

/** The environment of a user who has set nothing: no OTLP settings, no CI, no step around. */
export function plainEnvironment(home: string): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: home, LANG: 'C.UTF-8' }
}

export async function startEngine(
  options: { dataDir?: string; flags?: readonly string[]; ports?: readonly string[] } = {},
): Promise<Engine> {
  const dataDir = options.dataDir ?? temporaryFolder('data')
  const readyFile = join(temporaryFolder('ready'), 'ready.json')
  const engine = Bun.spawn(
    [
      launcher,
      'up',
      '--data',
      dataDir,
      ...(options.ports ?? FREE_PORTS),
      '--ready-file',
      readyFile,
      ...(options.flags ?? []),
    ],
    { env: plainEnvironment(dataDir), stdin: 'ignore', stdout: 'ignore', stderr: 'pipe' },
  )
  processes.push(engine)
  let log = ''
  void (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of engine.stderr) log += decoder.decode(chunk, { stream: true })
  })()
  const ready = await waitFor('the engine to be ready', () => {
    if (engine.exitCode !== null)
      throw new Error(`the engine ended with ${engine.exitCode}: ${log}`)
    return (
      existsSync(readyFile) &&
      (JSON.parse(readFileSync(readyFile, 'utf8')) as { pid: number; urls: Urls })
    )
  })
  return {
    pid: ready.pid,
    urls: ready.urls,
    dataDir,
    log: () => log,
    async stop(signal = 'SIGTERM') {
      if (engine.exitCode === null && engine.signalCode === null) process.kill(ready.pid, signal)
      await engine.exited
      return engine.signalCode === null ? engine.exitCode : null
    },
  }
}

/** Runs the launcher to its end. */
export async function stepwell(
  args: readonly string[],
  env: Record<string, string>,
  cwd = root,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const run = Bun.spawn([launcher, ...args], {
    cwd,
    env,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  processes.push(run)
  const [stdout, stderr] = await Promise.all([
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
  ])
  return { code: await run.exited, stdout, stderr }
}
