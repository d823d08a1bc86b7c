// Rules that would give the same series: sound, and hardly meant.

import { keyOf } from './evaluate.ts'
import type { Rule, RuleGroup } from './file.ts'

/** The rules whose name and labels were there before, in whatever group. */
export function duplicateRules(groups: readonly RuleGroup[]): Rule[] {
  const seen = new Set<string>()
  return groups
    .flatMap((group) => group.rules)
    .filter(({ name, labels }) => {
      const key = `${name} ${keyOf(Object.fromEntries(labels))}`
      if (seen.has(key)) return true
      seen.add(key)
      return false
    })
}
