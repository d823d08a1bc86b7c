// Rules that record what the engine derives from spans: the index would count it twice, so the journal does not take it.

import { DERIVED_NAMES } from '../derive/derived-names.ts'
import type { RuleGroup } from './file.ts'
import type { Problem } from './yaml.ts'

export const derivedRecords = (groups: readonly RuleGroup[]): Problem[] =>
  groups
    .flatMap(({ rules }) => rules)
    .filter(({ kind, name }) => kind === 'recording' && DERIVED_NAMES.has(name))
    .map(({ name, place }) => ({
      ...place,
      reason: `"${name}" is derived from spans: record it under another name`,
    }))
