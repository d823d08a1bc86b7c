// Damage of the index that shows only when a block is read: noted beside the file, so that the next start builds
// the index again from the journal. Reading all of it at each start would find it too, in seconds a gigabyte.

import { existsSync, rmSync, writeFileSync } from 'node:fs'

const DAMAGE =
  /corrupt database file|does not match stored checksum|could not read enough bytes|database has been invalidated/i

/** Whether DuckDB says that its file is not what it wrote. */
export const isDamage = (error: unknown): boolean => DAMAGE.test(String(error))

const noteOf = (path: string) => `${path}.damaged`

/** To be found by the next start; where it cannot be written, the damage will be found again. */
export function noteDamage(path: string, error: unknown): void {
  try {
    writeFileSync(noteOf(path), `${error}\n`)
  } catch {}
}

export const isDamageNoted = (path: string): boolean => existsSync(noteOf(path))

export const forgetDamage = (path: string): void => rmSync(noteOf(path), { force: true })
