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
      const others = await derived.select(request)
      if (ours.length === 0) return others
      const keys = new Set(ours.map(({ labels }) => keyOf(labels)))
      return [...ours, ...others.filter(({ labels }) => !keys.has(keyOf(labels)))]
    },
    metadata: () => {
      const ours = own.metadata()
      const names = new Set(ours.map(({ name }) => name))
      return [...derived.metadata().filter(({ name }) => !names.has(name)), ...ours]
    },
  }
}

const keyOf = (labels: Labels): string => JSON.stringify(Object.entries(labels).sort())
