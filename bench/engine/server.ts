// One contender running: started, watched through /proc, stopped; nothing of it is left behind, also on Ctrl-C.

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Contender, Ports } from './contenders.ts'

/** Of `/proc/PID/stat`: USER_HZ, which Linux shows as 100 everywhere. */
const TICKS_A_SECOND = 100
const READY_SECONDS = 60
/** It is idle when it took less than a tenth of a core for so long. */
const IDLE_MILLISECONDS = 500
const IDLE_WITHIN_SECONDS = 60
const STOP_MILLISECONDS = 10_000

const home = mkdtempSync(join(tmpdir(), 'stepwell-bench-'))
const running = new Set<Bun.Subprocess>()

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true })
})
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const) {
  process.on(signal, () => process.exit(128 + number))
}

/** After a measurement that broke off. */
export async function stopAll(): Promise<void> {
  for (const child of running) {
    child.kill('SIGKILL')
    await child.exited
  }
  running.clear()
}

/** Where a contender keeps its data: new and empty. */
export const newFolder = (): string => mkdtempSync(join(home, 'data-'))
export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true })

export class Server {
  readonly contender: Contender
  readonly ports: Ports
  readonly readyMilliseconds: number
  readonly #child: Bun.Subprocess

  private constructor(contender: Contender, ports: Ports, child: Bun.Subprocess, ready: number) {
    this.contender = contender
    this.ports = ports
    this.#child = child
    this.readyMilliseconds = ready
  }

  /** Resolves when it takes a request and, where it has a query API, answers one. */
  static async start(contender: Contender, folder: string): Promise<Server> {
    const ports = freePorts()
    mkdirSync(join(home, 'home'), { recursive: true })
    const command = contender.command(folder, ports)
    const started = performance.now()
    const child = Bun.spawn([...command], {
      env: { PATH: process.env.PATH ?? '', HOME: join(home, 'home') },
      cwd: home,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: Bun.file(join(home, 'stderr')),
    })
    running.add(child)
    const ask = [
      () => fetch(contender.otlpHttp(ports), { method: 'POST', headers: PROTOBUF, body: '' }),
      ...(contender.jaeger ? [() => fetch(`${contender.jaeger!(ports)}/api/services`)] : []),
    ]
    for (const one of ask) {
      while (!(await one().then((answer) => answer.ok, notYet))) {
        const isLate = performance.now() - started > READY_SECONDS * 1000
        if (child.exitCode !== null || isLate) {
          const log = readFileSync(join(home, 'stderr'), 'utf8').slice(-2000)
          throw new Error(`${contender.name} does not start: ${log}`)
        }
        await Bun.sleep(2)
      }
    }
    return new Server(contender, ports, child, performance.now() - started)
  }

  /** Processor seconds that it has taken, all threads together. */
  get cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8')
    // The second field is a name in brackets, which may hold anything; utime and stime are 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
  }

  get residentBytes(): number {
    return this.#status('VmRSS')
  }

  get peakResidentBytes(): number {
    return this.#status('VmHWM')
  }

  /** From now on counts what is resident at the most. */
  forgetPeak(): void {
    writeFileSync(`/proc/${this.#child.pid}/clear_refs`, '5')
  }

  /**
   * Resolves when it has nothing left to do: what it answered for is stored and indexed. Gives the time, by
   * `performance.now()`, since when.
   */
  async idle(): Promise<number> {
    const deadline = performance.now() + IDLE_WITHIN_SECONDS * 1000
    for (;;) {
      const [since, before] = [performance.now(), this.cpuSeconds]
      await Bun.sleep(IDLE_MILLISECONDS)
      const isIdle = this.cpuSeconds - before < IDLE_MILLISECONDS / 10_000
      if (isIdle || since > deadline) return since
    }
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await Promise.race([this.#child.exited, Bun.sleep(STOP_MILLISECONDS)])
    this.#child.kill('SIGKILL')
    await this.#child.exited
    running.delete(this.#child)
  }

  #status(field: string): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)![1]) * 1024
  }
}

const PROTOBUF = { 'content-type': 'application/x-protobuf' }
const notYet = () => false

function freePorts(): Ports {
  const listeners = Array.from({ length: 4 }, () =>
    Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } }),
  )
  const [http, grpc, query, ...spare] = listeners.map(({ port }) => port)
  for (const listener of listeners) listener.stop(true)
  return { http: http!, grpc: grpc!, query: query!, spare }
}

/** What the folder takes of the disk. */
export function diskBytes(folder: string): number {
  let blocks = 0
  for (const entry of readdirSync(folder, { recursive: true }) as string[]) {
    const found = statSync(join(folder, entry), { throwIfNoEntry: false })
    blocks += found?.blocks ?? 0
  }
  return blocks * 512
}
