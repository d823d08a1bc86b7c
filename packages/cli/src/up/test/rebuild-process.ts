// `stepwell rebuild` as a process of its own.

import { tmpdir } from 'node:os'
import { MAIN, temporaryFolder } from './engine-process.ts'

export interface RebuildProcess {
  /** What it has written to stderr so far. */
  log(): string
  /** `code`: 128 and the signal's number where one ended it. */
  readonly ended: Promise<{ code: number; log: string; said: string }>
  kill(signal: NodeJS.Signals): void
}

export function spawnRebuild(dataDir: string): RebuildProcess {
  const rebuild = Bun.spawn([process.execPath, MAIN, 'rebuild', '--data', dataDir], {
    env: { PATH: process.env.PATH ?? '', HOME: temporaryFolder() },
    cwd: tmpdir(),
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  let log = ''
  const logged = (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of rebuild.stderr) log += decoder.decode(chunk, { stream: true })
  })()
  const ended = Promise.all([rebuild.exited, logged]).then(async ([code]) => ({
    code,
    log,
    said: await new Response(rebuild.stdout).text(),
  }))
  return { ended, log: () => log, kill: (signal) => rebuild.kill(signal) }
}
