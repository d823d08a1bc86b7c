// Requests that nobody took, kept on disk until somebody does. A folder of files, one a request, written under a
// temporary name and renamed: any number of processes may write and send at once, and a torn file shows.
//
// A file is three parts:
//   stepwell-spool/1 SHA-256-OF-THE-REST-IN-HEX \n
//   {"signal":…,"contentType":…,"destination":…,"time":…} \n     time: Unix milliseconds
//   the body of the export request

import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Signal } from '../types.ts'

export interface Spooled {
  readonly signal: Signal
  readonly contentType: string
  /** Where it was meant to go: see `destinationKey` in where.ts. */
  readonly destination: string
  /** Unix time in milliseconds. */
  readonly time: number
  readonly body: Uint8Array
}

export interface SpoolBounds {
  readonly bytes: number
  readonly ageMilliseconds: number
}

export const SPOOL_BOUNDS: SpoolBounds = {
  bytes: 64 << 20,
  ageMilliseconds: 7 * 24 * 3_600_000,
}

const MAGIC = 'stepwell-spool/1'
/** A sender that holds a file for longer than this is dead. */
const CLAIM_MILLISECONDS = 60_000
/** So often may the folder be taken away under one write: more than any number of senders that end at once. */
const MOST_ATTEMPTS = 100
const ENTRY = /^(\d{13,})-[0-9a-f]{16}\.otlp$/
const CLAIMED = /^(\d{13,}-[0-9a-f]{16}\.otlp)\.sending$/
const OURS = /^(\d{13,})-[0-9a-f]{16}\.otlp(\.sending|\.damaged)?$|^\.(\d{13,})-[0-9a-f]{16}\.tmp$/

export class Spool {
  constructor(
    readonly folder: string,
    readonly bounds: SpoolBounds = SPOOL_BOUNDS,
  ) {}

  /** Keeps `entry`; the oldest go where it would be too much. Throws the file system's error. */
  put(entry: Spooled): void {
    const name = `${entry.time}-${randomBytes(8).toString('hex')}`
    const { body, ...header } = entry
    const rest = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body])
    const file = Buffer.concat([Buffer.from(`${MAGIC} ${digestOf(rest)}\n`), rest])
    const temporary = join(this.folder, `.${name}.tmp`)
    try {
      this.#within(() => {
        writeFileSync(temporary, file, { mode: 0o600 })
        renameSync(temporary, join(this.folder, `${name}.otlp`))
      })
    } catch (error) {
      // Half a file on a full disk takes what room there is.
      if (existsSync(temporary)) rmSync(temporary, { force: true })
      throw error
    }
    this.#trim()
  }

  /** Names of what waits, oldest first. Files that a dead sender held are free again. */
  names(): string[] {
    for (const name of this.#list()) {
      const free = CLAIMED.exec(name)?.[1]
      if (free && this.#ageOf(name) > CLAIM_MILLISECONDS) this.#rename(name, free)
    }
    const oldest = Date.now() - this.bounds.ageMilliseconds
    const names = this.#list().filter((name) => ENTRY.test(name))
    for (const name of names) if (timeOf(name) < oldest) this.#remove(name)
    return names.filter((name) => timeOf(name) >= oldest).sort()
  }

  /** Files in the folder that nobody of ours made. */
  foreign(): string[] {
    return this.#list().filter((name) => !OURS.test(name))
  }

  /** Takes `name` for this process alone; undefined where another was faster. */
  claim(name: string): ClaimedEntry | undefined {
    const held = `${name}.sending`
    if (!this.#rename(name, held)) return undefined
    const path = join(this.folder, held)
    let file: Buffer
    try {
      utimesSync(path, new Date(), new Date())
      file = readFileSync(path)
    } catch {
      return undefined
    }
    const entry = parse(file)
    if (entry)
      return {
        entry,
        sent: () => this.#remove(held),
        release: () => void this.#rename(held, name),
      }
    this.#rename(held, `${name}.damaged`)
    return { entry: undefined, damaged: `${name}.damaged` }
  }

  /** Takes the folder away when nothing is in it: its absence is the quickest sign that nothing waits. */
  tidy(): void {
    try {
      rmdirSync(this.folder)
    } catch {
      // Not empty, or gone.
    }
  }

  /** Runs `write` in the folder, which another process may take away when it is empty. */
  #within(write: () => void): void {
    for (let attempt = 1; ; attempt++) {
      try {
        // This too finds nothing where the folder goes between its looking and its making.
        mkdirSync(this.folder, { recursive: true, mode: 0o700 })
        write()
        return
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code !== 'ENOENT' || attempt === MOST_ATTEMPTS) throw error
      }
    }
  }

  #trim(): void {
    const files = this.#list()
      .filter((name) => OURS.test(name))
      .map((name) => ({ name, time: timeOf(name), size: this.#sizeOf(name) }))
      .sort((a, b) => a.time - b.time)
    const oldest = Date.now() - this.bounds.ageMilliseconds
    let total = files.reduce((sum, { size }) => sum + size, 0)
    for (const { name, time, size } of files) {
      if (total <= this.bounds.bytes && time >= oldest) break
      this.#remove(name)
      total -= size
    }
  }

  #list(): string[] {
    try {
      return readdirSync(this.folder)
    } catch {
      return []
    }
  }

  #sizeOf(name: string): number {
    return statSync(join(this.folder, name), { throwIfNoEntry: false })?.size ?? 0
  }

  #ageOf(name: string): number {
    const stat = statSync(join(this.folder, name), { throwIfNoEntry: false })
    return stat ? Date.now() - stat.mtimeMs : 0
  }

  #rename(from: string, to: string): boolean {
    try {
      renameSync(join(this.folder, from), join(this.folder, to))
      return true
    } catch {
      return false
    }
  }

  #remove(name: string): void {
    rmSync(join(this.folder, name), { force: true })
  }
}

export type ClaimedEntry =
  | {
      readonly entry: Spooled
      /** It was delivered: the file goes. */
      readonly sent: () => void
      /** It was not: the next one may try. */
      readonly release: () => void
    }
  /** The file is torn; it was set aside under this name. */
  | { readonly entry: undefined; readonly damaged: string }

const timeOf = (name: string) => Number(/\d{13,}/.exec(name)?.[0])
const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Undefined where the file is not whole. */
function parse(file: Buffer): Spooled | undefined {
  const first = file.indexOf(10)
  const second = file.indexOf(10, first + 1)
  if (first < 0 || second < 0) return undefined
  const [magic, digest] = file.toString('latin1', 0, first).split(' ')
  if (magic !== MAGIC || digest !== digestOf(file.subarray(first + 1))) return undefined
  const header = JSON.parse(file.toString('utf8', first + 1, second)) as Omit<Spooled, 'body'>
  return { ...header, body: new Uint8Array(file.subarray(second + 1)) }
}
