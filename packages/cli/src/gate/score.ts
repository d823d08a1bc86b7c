// What a check measured, and what would be enough.

import { type Flag, parseNumber, UsageError } from '../flags.ts'

export interface Measure {
  /** The gate's. */
  readonly name: string
  readonly score: number | undefined
  readonly threshold: number | undefined
  /** The model that judged, where one did. */
  readonly judge: string | undefined
}

export const MEASURE_FLAGS: readonly Flag[] = [
  { name: '--score', value: 'N', help: 'what the check measured: the more, the better' },
  { name: '--threshold', value: 'N', help: 'what would be enough' },
  { name: '--judge', value: 'MODEL', help: 'the model that judged, where one did' },
]

export function measureOf(name: string, flags: ReadonlyMap<string, string>): Measure {
  const numberOf = (flag: string) => {
    const text = flags.get(flag)
    return text === undefined ? undefined : parseNumber(flag, text)
  }
  const judge = flags.get('--judge')
  if (judge === '') throw new UsageError('--judge is empty: leave it out, or name a model')
  return { name, score: numberOf('--score'), threshold: numberOf('--threshold'), judge }
}

/** Undefined where one of the two is not known. */
export const reaches = ({
  score,
  threshold,
}: Pick<Measure, 'score' | 'threshold'>): boolean | undefined =>
  score === undefined || threshold === undefined ? undefined : score >= threshold
