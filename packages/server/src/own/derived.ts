// The engine's own metrics beside those that are derived and those that were sent.

import type { Labels } from '@stepwell/promql'
import type { Derived } from '../derive/types.ts'
import type { OwnHistory } from './history.ts'

/** What somebody sends under the very labels of a series of ours, as one does who scrapes us, is the same: ours answers. */
export function withOwn(derived: Derived, own: OwnHistory): Derived {
  return {
    exemplars: (...asked) => derived.exemplars(...asked),
    families: () => derived.families(),
    ready: () => derived.ready(),
    select: async (request) => {
      const ours = own.select(request)
      const isOurs = amongst(ours.map(({ labels }) => labels))
      const others = await derived.select(request)
      return [...ours, ...others.filter(({ labels }) => !isOurs(labels))]
    },
    series: async (request) => {
      const ours = own.select(request).map(({ labels }) => labels)
      const isOurs = amongst(ours)
      const others = await derived.series(request)
      return [...ours, ...others.filter((labels) => !isOurs(labels))]
    },
    metadata: () => {
      const ours = own.metadata()
      const names = new Set(ours.map(({ name }) => name))
      return [...derived.metadata().filter(({ name }) => !names.has(name)), ...ours]
    },
  }
}

/** Most others have another name, by which they are told without more work. */
function amongst(ours: readonly Labels[]): (labels: Labels) => boolean {
  const names = new Set(ours.map(({ __name__ }) => __name__))
  const keys = new Set(ours.map(keyOf))
  return (labels) => names.has(labels.__name__) && keys.has(keyOf(labels))
}

const keyOf = (labels: Labels): string => JSON.stringify(Object.entries(labels).sort())
