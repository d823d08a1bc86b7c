// `rules.json` in the data folder: up to which time each group has been evaluated, and its alerts then. It may be behind
// what is stored: what is evaluated again is not stored again (stored-samples.ts). Without it, alerts are taken up from
// their series.

import { readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Labels } from '@stepwell/promql'
import type { Alert } from '../alerting.ts'

export const STATE_FILE_NAME = 'rules.json'
const VERSION = 1

/** Its value is text: JSON has no infinity. */
export type NotedAlert = Omit<Alert, 'value'> & { readonly value: string }

/** A group as it was after an evaluation. */
export interface GroupState {
  readonly file: string
  readonly name: string
  /** The time of the evaluation: milliseconds since the Unix epoch. */
  readonly last: number
  /** Alerting rules in their order, also those without alerts: several may have the same name and labels. */
  readonly rules: readonly {
    readonly name: string
    readonly labels: Labels
    readonly alerts: readonly NotedAlert[]
  }[]
}

/** Writes again at most this often: how far the file may be behind. */
const WRITE_MILLISECONDS = 2000

export class StateFile {
  readonly #path: string
  readonly #warn: (message: string) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #writing: Promise<void> = Promise.resolve()
  #states: () => readonly GroupState[] = () => []
  #isFailing = false

  constructor(dataDir: string, warn: (message: string) => void) {
    this.#path = join(dataDir, STATE_FILE_NAME)
    this.#warn = warn
  }

  /** Empty where there is none; where it cannot be read, that is said. */
  read(): readonly GroupState[] {
    try {
      const { version, groups } = JSON.parse(readFileSync(this.#path, 'utf8'))
      if (version === VERSION && Array.isArray(groups)) return groups
      this.#warn(`rules: ${this.#path} is of another version: it is not taken up`)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#warn(`rules: ${this.#path} cannot be read: ${(error as Error).message}`)
    }
    return []
  }

  /** Writes it soon. */
  changed(states: () => readonly GroupState[]): void {
    this.#states = states
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#writing = this.#writing.then(() => this.#write())
    }, WRITE_MILLISECONDS)
  }

  /** Writes what has not been written. */
  async close(): Promise<void> {
    await this.#writing
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    await this.#write()
  }

  async #write(): Promise<void> {
    try {
      await replaceFile(this.#path, JSON.stringify({ version: VERSION, groups: this.#states() }))
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing)
        this.#warn(`rules: ${this.#path} cannot be written: ${(error as Error).message}`)
      this.#isFailing = true
    }
  }
}

/** Whole or not at all. */
async function replaceFile(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
}
