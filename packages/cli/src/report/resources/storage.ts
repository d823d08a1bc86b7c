// What a step leaves in its working folder and its temporary folder: the bytes of the regular files there that were
// created after its start (their birth time, statx(2)) and are still there when it ends. A file that was replaced
// counts as the new one; what was appended to or overwritten in an older file, and what was deleted, does not count:
// the size before is known to nobody. Holes count nothing, two names of one file once. Symbolic links are not
// followed, other mounts not entered. Where a file system keeps no birth time, the last change takes its place.

import { type Dirent, existsSync, lstatSync, readdirSync, type Stats } from 'node:fs'

/** A walk that takes longer gives no figure: our end waits for it. */
const WALK_MILLISECONDS = 50
/** The event loop goes on in between: the rest of the telemetry is on its way. */
const SLICE_MILLISECONDS = 5
/** The clock of files ticks as slowly as this. */
const TICK_MILLISECONDS = 4

/** @param since Unix time in milliseconds. Undefined where there is too much to look through, or no access. */
export async function createdBytes(
  folders: readonly string[],
  since: number,
  limit = WALK_MILLISECONDS,
): Promise<number | undefined> {
  const walk = new Walk(since - TICK_MILLISECONDS)
  try {
    for (const folder of withoutNested(folders)) walk.enter(folder)
    for (let left = limit; ; ) {
      const started = performance.now()
      if (walk.goOn(started + Math.min(SLICE_MILLISECONDS, left))) return walk.bytes
      left -= performance.now() - started
      if (left <= 0) return undefined
      await new Promise((resolve) => setImmediate(resolve))
    }
  } catch {
    return undefined
  }
}

class Walk {
  bytes = 0
  readonly #folders: { readonly path: string; readonly device: number; readonly status: Stats }[] =
    []
  readonly #files: string[] = []
  readonly #linked = new Set<string>()

  constructor(readonly since: number) {}

  enter(path: string): void {
    const status = lstatSync(path)
    this.#folders.push({ path, device: status.dev, status })
  }

  /** True when all is done; false at `until`, by `performance.now()`. */
  goOn(until: number): boolean {
    while (performance.now() < until) {
      const file = this.#files.pop()
      const folder = file === undefined ? this.#folders.pop() : undefined
      if (file !== undefined) this.#file(file)
      else if (!folder) return true
      else {
        const { path, device, status } = folder
        // A change time cannot be set back: nothing was created in a folder whose own is older.
        const isChanged = status.ctimeMs >= this.since
        for (const entry of entriesOf(path))
          if (entry.isDirectory()) this.#folder(`${path}/${entry.name}`, device)
          else if (isChanged && entry.isFile()) this.#files.push(`${path}/${entry.name}`)
      }
    }
    return false
  }

  #folder(path: string, device: number): void {
    const status = lstatSync(path, { throwIfNoEntry: false })
    if (status?.dev === device) this.#folders.push({ path, device, status })
  }

  #file(path: string): void {
    const file = lstatSync(path, { throwIfNoEntry: false })
    if (!file || (file.birthtimeMs || file.ctimeMs) < this.since) return
    if (file.nlink > 1) {
      const identity = `${file.dev}:${file.ino}`
      if (this.#linked.has(identity)) return
      this.#linked.add(identity)
    }
    this.bytes += Math.min(file.size, file.blocks * 512)
  }
}

/** What cannot be read, or has just gone, has nothing of the step's. */
function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch {
    return []
  }
}

/** A folder inside another is walked with it. */
const withoutNested = (folders: readonly string[]) =>
  folders.filter(
    (one, n) =>
      !folders.some((other, m) =>
        one === other ? m < n : other === '/' || one.startsWith(`${other}/`),
      ),
  )

/** Linux' own, which all programs of a machine share. */
const SHARED = ['/tmp', '/var/tmp']

/**
 * The temporary folder, where what is created in it is the step's: one that was set for it, or a container's.
 * @param given `TMPDIR`.
 */
export function temporaryFolderOf(
  given: string | undefined,
  isContainer: boolean,
): string | undefined {
  const path = (given || '/tmp').replace(/(?<=.)\/+$/, '')
  const isPrivate = isContainer || (process.platform === 'linux' && !SHARED.includes(path))
  return isPrivate && existsSync(path) ? path : undefined
}
