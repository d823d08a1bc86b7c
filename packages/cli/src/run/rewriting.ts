// The two streams of a command whose output is rewritten as JSON lines.

import type { Identity } from '@stepwell/model/detect-identity'
import { JsonLines } from './json-lines.ts'

export interface Rewriter {
  /** What is to be written for a chunk, and at the end. */
  push(chunk: Uint8Array): Uint8Array
  end(): Uint8Array
  /** Runs `write` when no other of our writes can fall into it. */
  inTurn<T>(write: () => Promise<T>): Promise<T>
}

/** Two streams that are one file take turns: a pipe tears what is longer than it has room for (pipe(7), PIPE_BUF). */
export function jsonRewriters(identity: Identity): Readonly<Record<1 | 2, Rewriter>> {
  let last: Promise<unknown> = Promise.resolve()
  const shared = isOneFile(1, 2)
  const inTurn = <T>(write: () => Promise<T>): Promise<T> => {
    if (!shared) return write()
    const turn = last.then(write)
    last = turn
    return turn
  }
  const rewriter = (stream: 'stdout' | 'stderr'): Rewriter => {
    const lines = new JsonLines(identity, stream)
    return { push: (chunk) => lines.push(chunk), end: () => lines.end(), inTurn }
  }
  return { 1: rewriter('stdout'), 2: rewriter('stderr') }
}

function isOneFile(one: number, other: number): boolean {
  const { fstatSync } = require('node:fs') as typeof import('node:fs')
  try {
    const [a, b] = [fstatSync(one), fstatSync(other)]
    return a.dev === b.dev && a.ino === b.ino
  } catch {
    return false
  }
}
