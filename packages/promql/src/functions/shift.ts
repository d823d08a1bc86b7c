// At which time an expression looks at its samples: that of its first selector, by `@` and `offset`.

import type { Context } from '../evaluate/context.ts'
import { offsetOf } from '../evaluate/duration.ts'
import { atTime } from '../evaluate/selector.ts'
import { type Expression, type Shift, unwrap } from '../parse/ast.ts'

/** The shift of a selector that looks at the same time as the expression does. */
export function shiftOf(context: Context, expression: Expression | undefined): Shift {
  let fixed: number | undefined
  let offset = 0
  for (const shift of expression === undefined ? [] : (shiftsOf(expression) ?? [])) {
    if (shift.at !== undefined) {
      fixed = atTime(context, shift.at)
      offset = 0
    }
    offset += offsetOf(context, shift.offset)
  }
  if (fixed !== undefined) return { at: fixed - offset, offset: undefined }
  const nowhere = { start: 0, end: 0 }
  const seconds = { kind: 'seconds', value: offset / 1000, text: '', ...nowhere } as const
  return { at: undefined, offset: { expression: seconds, ...nowhere } }
}

/** The shifts on the way down to the first selector, from the outside in. */
function shiftsOf(expression: Expression): Shift[] | undefined {
  const inner = unwrap(expression)
  switch (inner.kind) {
    case 'vectorSelector':
      return [inner]
    case 'matrixSelector':
      return [inner.selector]
    case 'subquery': {
      const below = shiftsOf(inner.expression)
      return below === undefined ? undefined : [inner, ...below]
    }
    case 'unary':
    case 'aggregation':
      return shiftsOf(inner.expression)
    case 'binary':
      return shiftsOf(inner.left) ?? shiftsOf(inner.right)
    case 'call':
      for (const argument of inner.arguments) {
        const below = shiftsOf(argument)
        if (below !== undefined) return below
      }
      return undefined
    default:
      return undefined
  }
}
