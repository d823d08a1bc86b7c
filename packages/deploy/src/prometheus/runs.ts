// Series of tests that go on for days, in the notation of promtool.

import { type InputSeries, named, PLACE } from './steps.ts'

export type Run = readonly [value: string | number, samples: number]

/** `7x3` is four samples: the first, and three more. Nothing is `_`. */
const written = (runs: readonly Run[]): string =>
  runs
    .filter(([, samples]) => samples > 0)
    .map(([value, samples]) => {
      if (value === '_') return `_x${samples}`
      return samples === 1 ? value : `${value}x${samples - 1}`
    })
    .join(' ')

export const series = (
  name: string,
  labels: Readonly<Record<string, string>>,
  ...runs: readonly Run[]
): InputSeries => ({ series: named(name, { ...labels, ...PLACE }), values: written(runs) })
