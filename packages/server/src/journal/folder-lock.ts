// One engine per data folder. The kernel's lock goes with the process, also after kill -9, and holds between
// containers that share a volume, where a process id says nothing.

import { dlopen } from 'bun:ffi'
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const LOCK_EXCLUSIVE = 2
const LOCK_NON_BLOCKING = 4

const C_LIBRARIES =
  process.platform === 'darwin'
    ? ['libSystem.B.dylib']
    : ['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1']

export type FolderLock =
  | { readonly held: true; release(): void }
  /** `pid`: of the engine that has the folder, as it wrote it. */
  | { readonly held: false; readonly pid: string }

/** Takes `folder` for this process. Throws only file system errors. */
export function lockFolder(folder: string): FolderLock {
  const path = join(folder, 'lock')
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644)
  if (flock(file, LOCK_EXCLUSIVE | LOCK_NON_BLOCKING) !== 0) {
    closeSync(file)
    return { held: false, pid: readFileSync(path, 'utf8').trim() }
  }
  ftruncateSync(file, 0)
  writeSync(file, `${process.pid}\n`, 0)
  return { held: true, release: () => closeSync(file) }
}

function flock(file: number, operation: number): number {
  let cause: unknown
  for (const library of C_LIBRARIES) {
    try {
      const { symbols, close } = dlopen(library, {
        flock: { args: ['i32', 'i32'], returns: 'i32' },
      })
      const result = symbols.flock(file, operation)
      close()
      return result
    } catch (error) {
      cause = error
    }
  }
  throw new Error(`no C library to lock the data folder with (tried ${C_LIBRARIES.join(', ')})`, {
    cause,
  })
}
