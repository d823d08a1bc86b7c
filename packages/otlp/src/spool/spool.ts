// Requests that nobody took, kept on disk until somebody does. A folder of files, one a request, written under a
// temporary name and renamed: any number of processes may write and send at once, and a torn file shows.

import { randomBytes } from 'node:crypto'
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
import { fileOf, parseFile, type Spooled } from './file.ts'

export interface SpoolBounds {
  readonly bytes: number
  readonly ageMilliseconds: number
}

export const SPOOL_BOUNDS: SpoolBounds = {
  bytes: 64 << 20,
  ageMilliseconds: 7 * 24 * 3_600_000,
}

/** A sender that holds a file for longer than this is dead, and so is who writes one. */
export const CLAIM_MILLISECONDS = 60_000
/** So often may the folder be taken away under one write: more than any number of senders that end at once. */
const MOST_ATTEMPTS = 100
/** What is dated later than this was written while the clock was wrong. */
const FUTURE_MILLISECONDS = 24 * 3_600_000
const ENTRY = /^(\d{13,})-[0-9a-f]{16}\.otlp$/
const CLAIMED = /^(\d{13,}-[0-9a-f]{16}\.otlp)\.sending$/
const TEMPORARY = /^\.(\d{13,}-[0-9a-f]{16})\.tmp$/
const OURS = /^(\d{13,})-[0-9a-f]{16}\.otlp(\.sending|\.damaged)?$|^\.(\d{13,})-[0-9a-f]{16}\.tmp$/

export class Spool {
  constructor(
    readonly folder: string,
    readonly bounds: SpoolBounds = SPOOL_BOUNDS,
  ) {}

  /** Keeps `entry`; the oldest go where it would be too much. Throws the file system's error. */
  put(entry: Spooled): void {
    // A clock that was never set counts from 1970.
    const time = String(Math.max(0, Math.floor(entry.time))).padStart(13, '0')
    const name = `${time}-${randomBytes(8).toString('hex')}`
    const file = fileOf(entry)
    if (file.length > this.bounds.bytes)
      throw new Error(`a request of ${file.length} B is more than the spool may hold`)
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
    try {
      this.#trim()
    } catch {
      // It is kept; whoever may read the folder trims it.
    }
  }

  /**
   * Names of what waits, oldest first. What a dead sender held, or a dead writer had written whole, is among it;
   * what is too old goes. Throws the file system's error where the folder cannot be read.
   */
  names(): string[] {
    for (const name of this.#list()) this.#recover(name)
    const now = Date.now()
    const names: string[] = []
    for (const name of this.#list()) {
      if (CLAIMED.test(name) || !OURS.test(name)) continue
      if (timeOf(name) < now - this.bounds.ageMilliseconds) this.#remove(name)
      else if (ENTRY.test(name)) names.push(name)
    }
    return names.sort()
  }

  /** Files in the folder that nobody of ours made. */
  foreign(): string[] {
    return this.#list().filter((name) => !OURS.test(name))
  }

  /**
   * Takes `name` for this process alone; undefined where another was faster. Throws the file system's error where
   * it cannot be taken or read.
   */
  claim(name: string): ClaimedEntry | undefined {
    const held = `${name}.sending`
    const [from, to] = [join(this.folder, name), join(this.folder, held)]
    let file: Buffer
    try {
      // Before it is held: an old file that is held looks as if its sender were dead.
      utimesSync(from, new Date(), new Date())
      renameSync(from, to)
      if (statSync(to).size > this.bounds.bytes) return this.#setAside(held, name)
      file = readFileSync(to)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      this.#rename(held, name)
      throw error
    }
    const entry = parseFile(file)
    if (!entry) return this.#setAside(held, name)
    return {
      entry,
      sent: () => this.#remove(held),
      release: () => void this.#rename(held, name),
    }
  }

  #setAside(held: string, name: string): ClaimedEntry {
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
        // This too finds nothing, or something, where the folder comes or goes between its looking and its making.
        mkdirSync(this.folder, { recursive: true, mode: 0o700 })
        write()
        return
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        const taken = code === 'ENOENT' || code === 'EEXIST'
        if (!taken || attempt === MOST_ATTEMPTS) throw error
      }
    }
  }

  /** Frees what nobody holds any more, and finishes what its writer did not. */
  #recover(name: string): void {
    const free = CLAIMED.exec(name)?.[1]
    const unfinished = TEMPORARY.exec(name)?.[1]
    if ((!free && !unfinished) || this.#ageOf(name) <= CLAIM_MILLISECONDS) return
    if (free) this.#rename(name, free)
    else if (this.#isWhole(name)) this.#rename(name, `${unfinished}.otlp`)
    else this.#remove(name)
  }

  #isWhole(name: string): boolean {
    try {
      return parseFile(readFileSync(join(this.folder, name))) !== undefined
    } catch {
      return false
    }
  }

  #trim(): void {
    const now = Date.now()
    // What claims to come from the future would otherwise outlive all that is written now.
    const rank = (time: number) => (time > now + FUTURE_MILLISECONDS ? 0 : time)
    const files = this.#list()
      .filter((name) => OURS.test(name))
      .map((name) => ({ name, time: timeOf(name), size: this.#sizeOf(name) }))
      .sort((a, b) => rank(a.time) - rank(b.time))
    const oldest = now - this.bounds.ageMilliseconds
    let total = files.reduce((sum, { size }) => sum + size, 0)
    for (const { name, time, size } of files) {
      if (total <= this.bounds.bytes && time >= oldest) continue
      this.#remove(name)
      total -= size
    }
  }

  #list(): string[] {
    try {
      return readdirSync(this.folder)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  #sizeOf(name: string): number {
    return statSync(join(this.folder, name), { throwIfNoEntry: false })?.size ?? 0
  }

  #ageOf(name: string): number {
    const stat = statSync(join(this.folder, name), { throwIfNoEntry: false })
    // The clock may have been set back since.
    return stat ? Math.abs(Date.now() - stat.mtimeMs) : 0
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
    try {
      rmSync(join(this.folder, name), { force: true })
    } catch {
      // On a disk that is only read it stays.
    }
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
