// A small file's text, or undefined where it cannot be read.

import { readFileSync } from 'node:fs'

export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
