// Runs test/program.ts as a process of its own: on Bun from the sources, and on plain Node from a bundle.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { decodeProtobuf, type Span } from '@stepwell/otlp'
import { Spool } from '@stepwell/otlp/spool/spool'

const source = resolve(import.meta.dir, 'program.ts')
export const node = Bun.which('node')
export const RUNTIMES = ['bun', 'node'] as const
export type Runtime = (typeof RUNTIMES)[number]

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | number | null
  readonly stdout: string
  readonly stderr: string
  /** What lies in its spool. */
  spooled(): Span[]
}

export interface Programs extends Disposable {
  readonly folder: string
  start(
    runtime: Runtime,
    ending: string,
    env: Record<string, string>,
    endpoint?: string,
  ): {
    readonly process: Bun.Subprocess<'ignore', 'pipe', 'pipe'>
    /** Reads its stdout to the end: not with `says`. */
    ended(): Promise<Ended>
    /** Resolves when it has said something. */
    says(): Promise<string>
  }
}

export async function buildPrograms(): Promise<Programs> {
  const folder = mkdtempSync(join(tmpdir(), 'stepwell-sdk-'))
  const built = await Bun.build({
    entrypoints: [source],
    target: 'node',
    outdir: folder,
    naming: 'program.mjs',
  })
  if (!built.success) throw new Error(built.logs.join('\n'))
  const commands = { bun: [process.execPath, source], node: [node!, join(folder, 'program.mjs')] }
  return {
    folder,
    start(runtime, ending, env, endpoint) {
      const spool = mkdtempSync(join(folder, 'spool-'))
      const program = Bun.spawn([...commands[runtime], ending, ...(endpoint ? [endpoint] : [])], {
        env: { PATH: process.env.PATH ?? '', HOME: folder, STEPWELL_SPOOL: spool, ...env },
        // In no repository.
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let said = ''
      const decoder = new TextDecoder()
      const reader = program.stdout.getReader()
      const read = async () => {
        const { value, done } = await reader.read()
        if (value) said += decoder.decode(value, { stream: true })
        return !done
      }
      return {
        process: program,
        async says() {
          while (said === '' && (await read()));
          return said
        },
        async ended() {
          const stderr = new Response(program.stderr).text()
          while (await read());
          await program.exited
          const { exitCode: code, signalCode: signal } = program
          const spooled = () => spansIn(new Spool(spool))
          return { code, signal, stdout: said, stderr: await stderr, spooled }
        },
      }
    },
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function spansIn(spool: Spool): Span[] {
  return spool.names().flatMap((name) => {
    const body = spool.claim(name)?.entry?.body
    if (!body) throw new Error(`${name} is torn`)
    return decodeProtobuf('traces', body).resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap((scope) => scope.spans),
    )
  })
}
