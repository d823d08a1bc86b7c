// What a setting's text may be: ports, durations, sizes, addresses, files. Each reader throws a ValueError that
// says what would do.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { Port } from './config.ts'

/** Completes the sentence "--flag VALUE: …". */
export class ValueError extends Error {}

/** Reads a setting's text. `folder`: what relative paths are relative to. */
export type Read<T> = (text: string, folder: string) => T

export const readPort: Read<Port> = (text) => {
  if (text === 'off') return 'off'
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) {
    throw new ValueError('is no port; give one from 1 to 65535, 0 for any free one, or off')
  }
  return port
}

export const readText: Read<string> = (text) => {
  if (text === '') throw new ValueError('is empty')
  return text
}

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
}

/** Prometheus's durations: `30d`, `1h30m`. In milliseconds. */
export const readDuration: Read<number> = (text) => {
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwy])/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new ValueError('is no duration; give one as 30d, 24h or 1h30m')
  }
  const total = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * MILLISECONDS[unit!]!,
    0,
  )
  if (total === 0) throw new ValueError('is too short; give a duration above zero')
  return total
}

const BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/** In bytes. */
export const readSize: Read<number> = (text) => {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?i?b)$/i.exec(text)
  const unit = BYTES[match?.[2]?.toLowerCase() ?? '']
  const bytes = match === null || unit === undefined ? 0 : Math.floor(Number(match[1]) * unit)
  if (bytes === 0) throw new ValueError('is no size; give one as 20GB or 512MiB')
  return bytes
}

/** A whole number above zero. */
export const readCount: Read<number> = (text) => {
  const count = /^\d+$/.test(text) ? Number(text) : 0
  if (count === 0 || !Number.isSafeInteger(count)) {
    throw new ValueError('is no count; give a whole number above zero')
  }
  return count
}

export const readUrl: Read<string> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new ValueError('is no URL; give one that starts with http:// or https://')
  }
  return text
}

/** An origin as browsers send it, or `*`. */
export const readOrigin: Read<string> = (text) => {
  if (text === '*') return text
  if (!URL.canParse(text) || new URL(text).origin !== text) {
    throw new ValueError('is no origin; give scheme, host and port as http://localhost:3000, or *')
  }
  return text
}

/** `K=V`, K being a Prometheus label name. */
export const readLabel: Read<readonly [string, string]> = (text) => {
  const match = /^([a-zA-Z_][a-zA-Z0-9_]*)=(.*)$/.exec(text)
  if (match === null) throw new ValueError('is no label; give NAME=VALUE')
  return [match[1]!, match[2]!]
}

export const readPath: Read<string> = (text, folder) => resolve(folder, readText(text, folder))

export const readExistingFile: Read<string> = (text, folder) => {
  const path = readPath(text, folder)
  if (!existsSync(path)) throw new ValueError(`names no file; there is no ${path}`)
  const found = statSync(path)
  if (found.isFile()) return path
  throw new ValueError(
    `names no file; it is ${found.isDirectory() ? 'a folder' : 'a pipe or device'}`,
  )
}

/** Whether the last part of a path stands for any number of names. */
export const isPattern = (path: string): boolean => /[*?[]/.test(basename(path))

/** A file, or a pattern of files in a folder: there may be none yet. */
export const readRuleFiles: Read<string> = (text, folder) => {
  const path = readPath(text, folder)
  if (!isPattern(path)) return readExistingFile(text, folder)
  if (!existsSync(dirname(path)))
    throw new ValueError(`is a pattern in a folder that is not there: ${dirname(path)}`)
  return path
}

/** The token that a file holds. */
export const readTokenFile: Read<string> = (text, folder) => {
  const path = readExistingFile(text, folder)
  const token = readFileSync(path, 'utf8').trim()
  if (token === '') throw new ValueError('is an empty file; put the token into it')
  return token
}
