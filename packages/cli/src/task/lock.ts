// One process at a time: flock(2) on a folder, which the kernel takes back from who dies. Where there is no such call,
// nobody waits: span ids are computed, and a change that two report is one span.

import { closeSync, openSync } from 'node:fs'
import { LIBRARIES, openLibrary } from '../libc.ts'

const LOCK_EX = 2

export function lockFolder(folder: string): Disposable {
  const descriptor = openSync(folder, 'r')
  const functions = { flock: { args: ['i32', 'i32'], returns: 'i32' } } as const
  openLibrary(functions, [...LIBRARIES, 'libSystem.dylib'])?.flock(descriptor, LOCK_EX)
  return { [Symbol.dispose]: () => closeSync(descriptor) }
}
