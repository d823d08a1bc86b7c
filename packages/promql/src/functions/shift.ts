// At which time an expression looks at its samples: that of its selectors, by `@` and `offset`.

import type { Context } from '../evaluate/context.ts'
import { offsetOf } from '../evaluate/duration.ts'
import { atTime } from '../evaluate/selector.ts'
import { type Expression, type Shift, unwrap } from '../parse/ast.ts'
import { partsOf, typeOf } from '../parse/check.ts'

/** Milliseconds: a fixed time, or else that of the step; less an offset. */
interface Reference {
  readonly at: number | undefined
  readonly offset: number
}

/** The shift of a selector that looks at the same time as all of an expression does; none where there are several. */
export function shiftOf(context: Context, expression: Expression | undefined): Shift {
  const references = expression === undefined ? undefined : referencesOf(context, expression, [])
  const [first] = references ?? []
  if (first === undefined || !references?.every((reference) => isSame(first, reference))) {
    return { at: undefined, offset: undefined }
  }
  if (first.at !== undefined) return { at: first.at - first.offset, offset: undefined }
  const nowhere = { start: 0, end: 0 }
  const seconds = { kind: 'seconds', value: first.offset / 1000, text: '', ...nowhere } as const
  return { at: undefined, offset: { expression: seconds, ...nowhere } }
}

function isSame(a: Reference, b: Reference): boolean {
  if (a.at === undefined || b.at === undefined) return a.at === b.at && a.offset === b.offset
  return a.at - a.offset === b.at - b.offset
}

/** Those of all selectors; undefined where some of it is a vector without any. */
function referencesOf(
  context: Context,
  expression: Expression,
  /** The shifts around, from the outside in. */
  around: readonly Shift[],
): Reference[] | undefined {
  const inner = unwrap(expression)
  if (inner.kind === 'vectorSelector') return [referenceOf(context, [...around, inner])]
  const shifts = inner.kind === 'subquery' ? [...around, inner] : around
  const references: Reference[] = []
  for (const part of partsOf(inner)) {
    const type = typeOf(part)
    if (type === 'scalar' || type === 'string') continue
    const below = referencesOf(context, part, shifts)
    if (below === undefined) return undefined
    references.push(...below)
  }
  return references.length === 0 ? undefined : references
}

/** Offsets add up from the inside out, to the first `@`. */
function referenceOf(context: Context, shifts: readonly Shift[]): Reference {
  let offset = 0
  for (const shift of shifts.toReversed()) {
    offset += offsetOf(context, shift.offset)
    if (shift.at !== undefined) return { at: atTime(context, shift.at), offset }
  }
  return { at: undefined, offset }
}
