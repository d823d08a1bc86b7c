// What follows an operand: ranges, `offset`, `@`, `anchored` and `smoothed`, and what each may follow.

import type { SyntaxNode } from '@lezer/common'
import { parseNumberLiteral } from '../text/number.ts'
import type { At, Duration, Expression, Shift, VectorSelector } from './ast.ts'
import type { Build } from './build.ts'

type Suffix = (operand: Expression) => Expression

/** `[range]`, or `[range:step]` when there is a subquery. */
export function withRange(
  build: Build,
  range: Duration,
  subquery: { readonly step: Duration | undefined } | undefined,
  /** Where the bracket is, and where the range ends. */
  bracket: number,
  end: number,
): Suffix {
  return (operand) => {
    if (subquery !== undefined) {
      const shift = { offset: undefined, at: undefined }
      const { step } = subquery
      return {
        kind: 'subquery',
        expression: operand,
        range,
        step,
        ...shift,
        start: operand.start,
        end,
      }
    }
    const at = { from: bracket }
    if (operand.kind !== 'vectorSelector') {
      return build.fail(at, 'ranges only allowed for vector selectors')
    }
    if (operand.offset !== undefined) build.fail(at, 'no offset modifiers allowed before range')
    if (operand.at !== undefined) build.fail(at, 'no @ modifiers allowed before range')
    return { kind: 'matrixSelector', selector: operand, range, start: operand.start, end }
  }
}

/** `offset 5m`. */
export function withOffset(build: Build, offset: Duration, end: number): Suffix {
  return (operand) =>
    shifted(build, operand, end, 'offset', (shift) => {
      if (shift.offset !== undefined) {
        build.fail({ from: operand.start }, 'offset may not be set multiple times')
      }
      return { offset }
    })
}

/** `@ 1234.5`, `@ start()`, `@ end()`. */
export function withAt(build: Build, node: SyntaxNode, end: number): Suffix {
  const at = atTime(build, node)
  return (operand) =>
    shifted(build, operand, end, '@', (shift) => {
      if (shift.at !== undefined) {
        build.fail({ from: operand.start }, '@ <timestamp> may not be set multiple times')
      }
      return { at }
    })
}

function atTime(build: Build, node: SyntaxNode): At {
  if (node.name === 'AtModifierPreprocessors') {
    return build.text(node).toLowerCase() === 'start' ? 'start' : 'end'
  }
  const text = build.text(node)
  const magnitude = parseNumberLiteral(text.replace(/^[+-]\s*/, ''))
  const seconds = text.startsWith('-') ? -(magnitude ?? 0) : magnitude
  if (seconds === undefined || !Number.isFinite(seconds) || Math.abs(seconds) >= 2 ** 63 / 1000) {
    return build.fail(node, `timestamp out of bounds for @ modifier: ${text}`)
  }
  return Math.round(seconds * 1000)
}

function shifted(
  build: Build,
  operand: Expression,
  end: number,
  modifier: 'offset' | '@',
  change: (shift: Shift) => Partial<Shift>,
): Expression {
  switch (operand.kind) {
    case 'vectorSelector':
    case 'subquery':
      return { ...operand, ...change(operand), end }
    case 'matrixSelector': {
      const selector = { ...operand.selector, ...change(operand.selector), end }
      return { ...operand, selector, end }
    }
    default:
      return build.fail(
        { from: operand.start },
        `${modifier} modifier must be preceded by an instant vector selector or range vector selector or a subquery`,
      )
  }
}

/** `anchored` or `smoothed`: a word that does not count for where an expression ends. */
export function withExtension(build: Build, extension: 'anchored' | 'smoothed'): Suffix {
  const extended = (selector: VectorSelector): VectorSelector => {
    if (selector.extension !== undefined && selector.extension !== extension) {
      build.fail(
        { from: selector.start },
        'anchored and smoothed modifiers cannot be used together',
      )
    }
    return { ...selector, extension }
  }
  return (operand) => {
    if (operand.kind === 'vectorSelector') return extended(operand)
    if (operand.kind === 'matrixSelector') {
      return { ...operand, selector: extended(operand.selector) }
    }
    const isSubquery = operand.kind === 'subquery'
    const reason = isSubquery ? 'is not supported for subqueries' : 'not implemented'
    return build.fail({ from: operand.start }, `${extension} modifier ${reason}`)
  }
}
