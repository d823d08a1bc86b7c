// The few calls that Bun has no quick way to: pipes that are pipes, and small files without loading `node:fs`
// (1 ms, where the whole of this takes 0.2). Linux; elsewhere `libc` is undefined and the callers do without.

import { dlopen, type FFIFunction, ptr } from 'bun:ffi'

/** musl's own name for it is tried second: Alpine's images have no `libc.so.6`. */
export const LIBRARIES = [
  'libc.so.6',
  `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`,
]

/** Functions of the C library, by their types; undefined where it is not there, or has not all of them. */
export function openLibrary<Functions extends Record<string, FFIFunction>>(
  functions: Functions,
  libraries = LIBRARIES,
) {
  for (const library of libraries) {
    try {
      return dlopen(library, functions).symbols
    } catch {}
  }
  return undefined
}

const FUNCTIONS = {
  pipe2: { args: ['ptr', 'i32'], returns: 'i32' },
  fcntl: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  isatty: { args: ['i32'], returns: 'i32' },
  open: { args: ['ptr', 'i32'], returns: 'i32' },
  read: { args: ['i32', 'ptr', 'u64'], returns: 'i64' },
  close: { args: ['i32'], returns: 'i32' },
  access: { args: ['ptr', 'i32'], returns: 'i32' },
  readlink: { args: ['ptr', 'ptr', 'u64'], returns: 'i64' },
  prlimit: { args: ['i32', 'i32', 'ptr', 'ptr'], returns: 'i32' },
  poll: { args: ['ptr', 'u64', 'i32'], returns: 'i32' },
  sigaction: { args: ['i32', 'ptr', 'ptr'], returns: 'i32' },
} as const satisfies Record<string, FFIFunction>

const isLinux = process.platform === 'linux'
/** musl has this one from 1.2.5 on: without it the others are still there. */
const newer = isLinux
  ? openLibrary({
      ...FUNCTIONS,
      pwritev2: { args: ['i32', 'ptr', 'i32', 'i64', 'i32'], returns: 'i64' },
    })
  : undefined
const libc = newer ?? (isLinux ? openLibrary(FUNCTIONS) : undefined)

const O_CLOEXEC = 0o2000000
/** A FIFO in the place of a file, which nobody writes, would hold us for ever. */
const O_NONBLOCK = 0o4000
const O_NOCTTY = 0o400
const F_SETPIPE_SZ = 1031

/** What a pipe holds where the kernel lets us choose; the default is 64 KiB. */
export const PIPE_BYTES = 1 << 20

const pathBytes = (path: string) => new TextEncoder().encode(`${path}\0`)

export interface Pipe {
  readonly readEnd: number
  readonly writeEnd: number
}

/** A pipe whose ends close on exec, or undefined where there are no descriptors left (or no libc). */
export function openPipe(): Pipe | undefined {
  const ends = new Int32Array(2)
  if (libc?.pipe2(ends, O_CLOEXEC) !== 0) return undefined
  // Fails beyond the user's limit for pipes; then it stays at its default.
  libc.fcntl(ends[1]!, F_SETPIPE_SZ, PIPE_BYTES)
  return { readEnd: ends[0]!, writeEnd: ends[1]! }
}

/** A pipe or socket has its number in this; files are told by their paths. Empty where there is no /proc. */
function openedFile(descriptor: number): Uint8Array {
  const target = new Uint8Array(4096)
  const length = libc?.readlink(pathBytes(`/proc/self/fd/${descriptor}`), target, target.length)
  return target.subarray(0, Math.max(0, Number(length ?? 0)))
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false
  return true
}

/** Whether standard output and standard error are one, as after `2>&1`; where nobody reads them, they need not be. */
export function outputsAreOne(): boolean {
  const output = openedFile(1)
  return (
    output.length > 0 &&
    areEqual(output, openedFile(2)) &&
    !areEqual(output, new TextEncoder().encode('/dev/null'))
  )
}

const F_GETFD = 1
const FD_CLOEXEC = 1

/** Which of the standard three were closed when we started: Bun has opened them, and nothing inherited has this flag. */
export const closedDescriptors = (): (0 | 1 | 2)[] =>
  ([0, 1, 2] as const).filter((one) => libc && libc.fcntl(one, F_GETFD, 0) & FD_CLOEXEC)

/** Whether there is a terminal that Ctrl-C comes from and passwords are asked on, wherever the streams lead. */
export function hasControllingTerminal(): boolean {
  const terminal = libc?.open(pathBytes('/dev/tty'), O_CLOEXEC | O_NOCTTY) ?? -1
  if (terminal < 0) return false
  libc?.close(terminal)
  return true
}

const F_SETFL = 4

/** For a descriptor whose next reader expects to wait. */
export const makeBlocking = (descriptor: number) => void libc?.fcntl(descriptor, F_SETFL, 0)

export const closeDescriptor = (descriptor: number) => void libc?.close(descriptor)

const POLLIN = 1
const POLLHUP = 0x10
const READ_BYTES = 1 << 16

/** Whether nobody can write into a pipe any more: what it holds is all there will be. False where it is not known. */
export function hasNoWriter(readEnd: number): boolean {
  const polled = new Int32Array([readEnd, POLLIN])
  return libc !== undefined && libc.poll(polled, 1, 0) > 0 && ((polled[1]! >> 16) & POLLHUP) !== 0
}

/** What such a pipe holds, 64 KiB at the most; undefined where that is nothing. */
export function readRest(readEnd: number): Uint8Array | undefined {
  const bytes = new Uint8Array(READ_BYTES)
  const length = Number(libc?.read(readEnd, bytes, bytes.length))
  return length > 0 ? bytes.subarray(0, length) : undefined
}

/** struct iovec: address and length. */
const VECTOR = new BigUint64Array(2)
/** pwritev2(2): at the file's own position; and only what can be written without waiting. */
const CURRENT_POSITION = -1n
const RWF_NOWAIT = 8

/**
 * Writes what the other side has room for, without a thread in between, which would cost more than the copying.
 * @returns how many of the first bytes are written; 0 where that would have to wait, has failed (another write says
 * why), or cannot be known beforehand: regular files of many file systems, older kernels.
 */
export function writeNow(to: number, chunk: Uint8Array): number {
  if (!newer) return 0
  VECTOR[0] = BigInt(ptr(chunk))
  VECTOR[1] = BigInt(chunk.length)
  return Math.max(0, Number(newer.pwritev2(to, VECTOR, 1, CURRENT_POSITION, RWF_NOWAIT)))
}

/** Without libc: `node:tty` would cost the start 3 ms, so a stream counts as no terminal then. */
export const isTerminal = (descriptor: number) => libc?.isatty(descriptor) === 1

export const pathExists = (path: string) => libc?.access(pathBytes(path), 0) === 0

const X_OK = 1
export const isExecutable = (path: string) => libc?.access(pathBytes(path), X_OK) === 0

export const SMALL_FILE_BYTES = 1 << 16
const FILE = new Uint8Array(SMALL_FILE_BYTES)

/** Text of a small file (the first 64 KiB), or undefined where it cannot be read. */
export function readSmallFile(path: string): string | undefined {
  if (!libc) return undefined
  const descriptor = libc.open(pathBytes(path), O_CLOEXEC | O_NONBLOCK)
  if (descriptor < 0) return undefined
  const length = Number(libc.read(descriptor, FILE, FILE.length))
  libc.close(descriptor)
  return length < 0 ? undefined : new TextDecoder().decode(FILE.subarray(0, length))
}

/** struct sigaction begins with the handler, 64 bits; 256 bytes hold all of it on every architecture. */
const ACTION = new Uint32Array(64)

/** Whether this process was started with the signal ignored, as `nohup` and shells' background jobs do. */
export function isIgnored(signal: number): boolean {
  const SIG_IGN = 1
  return libc?.sigaction(signal, null, ACTION) === 0 && ACTION[0] === SIG_IGN && ACTION[1] === 0
}

export const setToDefault = (signal: number) =>
  void libc?.sigaction(signal, new Uint32Array(64), null)

const POLLNVAL = 0x20
/** `anon_inode:[eventpoll]`; all else begins with `/`, `pipe:` or `socket:`. */
const ANON_INODE = 'a'.charCodeAt(0)
/** Shells keep what they open for a command below this. */
const DESCRIPTORS = 256

/**
 * Descriptors beyond the standard three that we were started with: a process substitution's, a lock's, a make's job
 * server. What Bun has opened for itself by then has no name of its own. To be asked before we open anything.
 */
export function inheritedDescriptors(): number[] {
  const inherited: number[] = []
  if (!libc) return inherited
  // One that is beyond the limit cannot be passed on: dup2(2) refuses.
  const below = Math.min(DESCRIPTORS, Number(openFileLimit()?.[0] ?? 0))
  // poll(2) says of all in one call which are open. struct pollfd: the descriptor, 16 bits asked, 16 bits told.
  const polled = new Int32Array(2 * below)
  for (let one = 0; one < below; one++) polled[2 * one] = one
  libc.poll(polled, below, 0)
  const target = new Uint8Array(1)
  for (let one = 3; one < below; one++) {
    if ((polled[2 * one + 1]! >> 16) & POLLNVAL) continue
    const path = pathBytes(`/proc/self/fd/${one}`)
    if (libc.readlink(path, target, target.length) > 0 && target[0] !== ANON_INODE)
      inherited.push(one)
  }
  return inherited
}

const RLIMIT_NOFILE = 7
const OPEN_FILES = 'Max open files'
/** Starting a process takes a few descriptors of our own. */
const FEWEST_OPEN_FILES = 64

/** Soft and hard, of process `pid`; 0 is our own. */
function openFileLimit(pid = 0): BigUint64Array | undefined {
  const limit = new BigUint64Array(2)
  return libc?.prlimit(pid, RLIMIT_NOFILE, null, limit) === 0 ? limit : undefined
}

/** Of another user's process only its file tells. */
function softOpenFileLimit(pid: number): number {
  const limit = openFileLimit(pid)
  if (limit) return Number(limit[0])
  const limits = readSmallFile(`/proc/${pid}/limits`) ?? ''
  return Number.parseInt(limits.slice(limits.indexOf(OPEN_FILES) + OPEN_FILES.length), 10)
}

/**
 * Runs `start` under the limit of open files that we were started with. Bun raises its own to the highest allowed;
 * what it was is not kept anywhere, but a parent that has not changed its own since still shows it.
 * @param highest descriptor that is passed on.
 */
export function underParentsOpenFileLimit<T>(highest: number, start: () => T): T {
  const ours = openFileLimit()
  const soft = softOpenFileLimit(process.ppid)
  if (!ours || !(soft >= FEWEST_OPEN_FILES && soft > highest && soft < ours[0]!)) return start()
  libc?.prlimit(0, RLIMIT_NOFILE, new BigUint64Array([BigInt(soft), ours[1]!]), null)
  try {
    return start()
  } finally {
    libc?.prlimit(0, RLIMIT_NOFILE, ours, null)
  }
}
