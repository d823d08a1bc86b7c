// Binary operators with what stands between them and their right side: bool, on, group_left, fill.

import type { SyntaxNode } from '@lezer/common'
import { parseNumberLiteral } from '../text/number.ts'
import { type BinaryOperator, SET_OPERATORS, type VectorMatching } from './ast.ts'
import { type Build, labelNames } from './build.ts'
import type { Item } from './precedence.ts'

/** The operator of the nodes between two operands. */
export function buildOperator(build: Build, nodes: readonly SyntaxNode[]): Item {
  const [symbol] = nodes
  if (symbol === undefined) throw new Error('a binary expression without an operator')
  const operator = build.text(symbol).toLowerCase() as BinaryOperator
  const clause = nodes.find((node) => node.name === 'MatchingModifierClause')
  const fill = nodes.find((node) => node.name === 'FillModifier')
  return {
    kind: 'operator',
    operator,
    returnBool: nodes.some((node) => node.name === 'BoolModifier'),
    matching: {
      ...matching(build, operator, clause),
      fillLeft: fillValue(build, fill, 'FillLeftClause'),
      fillRight: fillValue(build, fill, 'FillRightClause'),
    },
  }
}

function matching(
  build: Build,
  operator: BinaryOperator,
  clause: SyntaxNode | undefined,
): Omit<VectorMatching, 'fillLeft' | 'fillRight'> {
  const plain = SET_OPERATORS.has(operator) ? 'many-to-many' : 'one-to-one'
  if (clause === undefined) return { cardinality: plain, on: false, labels: [], include: [] }
  const [labels, included] = clause.getChildren('GroupingLabels')
  const left = clause.getChild('GroupLeft')
  const right = clause.getChild('GroupRight')
  const group = left ?? right
  if (group !== null && SET_OPERATORS.has(operator)) {
    build.fail(group, `no grouping allowed for "${operator}" operation`)
  }
  return {
    cardinality: left !== null ? 'many-to-one' : right !== null ? 'one-to-many' : plain,
    on: clause.getChild('On') !== null,
    labels: labels === undefined ? [] : labelNames(build, labels),
    include: included === undefined ? [] : labelNames(build, included),
  }
}

function fillValue(
  build: Build,
  fill: SyntaxNode | undefined,
  side: 'FillLeftClause' | 'FillRightClause',
): number | undefined {
  const clause = fill?.getChild('FillClause') ?? fill?.getChild(side)
  const literal = clause?.getChild('NumberDurationLiteral')
  if (literal === undefined || literal === null) return undefined
  const text = build.text(literal)
  const value = parseNumberLiteral(text.replace(/^[+-]\s*/, ''))
  if (value === undefined) return build.fail(literal, `bad number or duration syntax: "${text}"`)
  return text.startsWith('-') ? -value : value
}
