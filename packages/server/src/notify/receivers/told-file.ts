// What a receiver has been told, in a file of its own: after a restart nothing is told twice, and what has ended
// meanwhile is told. Times are milliseconds since the Unix epoch.

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Notification } from '../notification.ts'

export interface ToldAlert extends Notification {
  readonly resolved: boolean
  /** Milliseconds for which word of it holds. */
  readonly validFor: number
}

export interface ToldGroup {
  readonly name: string
  readonly toldAt: number
  readonly alerts: readonly ToldAlert[]
}

interface Contents {
  readonly version: 1
  /** Whom: another URL has been told nothing. */
  readonly receiver: string
  readonly groups: readonly ToldGroup[]
}

export class ToldFile {
  readonly #path: string
  readonly #receiver: string
  readonly #warn: (message: string) => void
  #isBehind = false

  /** @param url of the receiver, of which only a digest is kept */
  constructor(path: string, url: string, warn: (message: string) => void) {
    this.#path = path
    this.#receiver = new Bun.CryptoHasher('sha256').update(url).digest('hex')
    this.#warn = warn
  }

  /** The last write failed. */
  get isBehind(): boolean {
    return this.#isBehind
  }

  read(): readonly ToldGroup[] {
    let text: string
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#unreadable(error)
      return []
    }
    try {
      const { version, receiver, groups } = JSON.parse(text) as Contents
      if (version !== 1) throw new Error(`it has version ${version}, and this stepwell reads 1`)
      return receiver === this.#receiver ? groups.map(checked) : []
    } catch (error) {
      this.#unreadable(error)
      return []
    }
  }

  /** Whole or not at all. */
  write(groups: readonly ToldGroup[]): void {
    const contents: Contents = { version: 1, receiver: this.#receiver, groups }
    const temporary = `${this.#path}.new`
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
      const file = openSync(temporary, 'w', 0o600)
      try {
        writeFileSync(file, JSON.stringify(contents))
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      renameSync(temporary, this.#path)
      this.#isBehind = false
    } catch (error) {
      if (this.#isBehind) return
      this.#isBehind = true
      this.#warn(
        `${this.#path} cannot be written: after a restart, alerts may be told again: ${(error as Error).message}`,
      )
    }
  }

  #unreadable(error: unknown): void {
    this.#warn(
      `${this.#path} cannot be read: alerts that fire may be told again: ${(error as Error).message}`,
    )
  }
}

/** @throws {Error} where something else has been written there */
function checked(group: ToldGroup): ToldGroup {
  const isRight =
    typeof group.name === 'string' &&
    Number.isFinite(group.toldAt) &&
    group.alerts.every(
      ({ labels, annotations, startsAt, endsAt, generatorUrl, resolved, validFor }) =>
        [labels, annotations].every((each) => typeof each === 'object' && each !== null) &&
        [startsAt, endsAt, validFor].every(Number.isFinite) &&
        typeof generatorUrl === 'string' &&
        typeof resolved === 'boolean',
    )
  if (!isRight) throw new Error('a group in it is damaged')
  return group
}
