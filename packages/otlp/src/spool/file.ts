// One request on disk. A file is three parts:
//   stepwell-spool/1 SHA-256-OF-THE-REST-IN-HEX \n
//   {"signal":…,"contentType":…,"destination":…,"time":…} \n     time: Unix milliseconds
//   the body of the export request

import { createHash } from 'node:crypto'
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

const MAGIC = 'stepwell-spool/1'
const SIGNALS = new Set(['traces', 'metrics', 'logs'] satisfies Signal[])

export function fileOf({ body, ...header }: Spooled): Buffer {
  const rest = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body])
  return Buffer.concat([Buffer.from(`${MAGIC} ${digestOf(rest)}\n`), rest])
}

/** Undefined where the file is not whole. */
export function parseFile(file: Buffer): Spooled | undefined {
  const first = file.indexOf(10)
  const second = file.indexOf(10, first + 1)
  if (first < 0 || second < 0) return undefined
  const [magic, digest] = file.toString('latin1', 0, first).split(' ')
  if (magic !== MAGIC || digest !== digestOf(file.subarray(first + 1))) return undefined
  try {
    const header = JSON.parse(file.toString('utf8', first + 1, second)) as Omit<Spooled, 'body'>
    if (!SIGNALS.has(header.signal)) return undefined
    return { ...header, body: new Uint8Array(file.subarray(second + 1)) }
  } catch {
    // Whole, but none of ours.
    return undefined
  }
}

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
