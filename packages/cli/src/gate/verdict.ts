// The verdict on a check that was run: its exit code, and of those that exit with 0 the score, where a threshold is
// set. Read when the command has ended.

import { readFileSync, statSync } from 'node:fs'
import { type Measure, reaches } from './score.ts'

export interface AskedMeasure extends Measure {
  /** File that the check leaves, whose first number is its score. */
  readonly scoreFile: string | undefined
}

export interface Judged extends Measure {
  /** Whether it fails whatever its exit code says. */
  readonly falls: boolean
}

/** @param warn is told why there is no score. */
export function judge(
  { scoreFile, ...asked }: AskedMeasure,
  warn: (sentence: string) => void,
): Judged {
  const score = scoreFile === undefined ? asked.score : scoreIn(scoreFile, warn)
  const measure = { ...asked, score }
  const reached = reaches(measure)
  if (reached === false)
    warn(`the gate fails: its score ${score} does not reach ${asked.threshold}`)
  // A threshold that nothing can be held against is not reached: what nobody measured is no pass.
  return { ...measure, falls: asked.threshold !== undefined && !reached }
}

const NUMBER = /[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/

function scoreIn(file: string, warn: (sentence: string) => void): number | undefined {
  try {
    if (!statSync(file).isFile()) throw new Error('it is no regular file')
    const number = NUMBER.exec(readFileSync(file, 'utf8'))?.[0]
    if (number !== undefined) return Number(number)
    warn(`--score-file ${file}: no number is in it`)
  } catch (error) {
    warn(`--score-file ${file} cannot be read: ${(error as Error).message}`)
  }
  return undefined
}
