// A log query: a selector and its pipeline.

import { compilePattern, type Matcher } from '@stepwell/promql'
import { LokiError } from '../answers.ts'
import type {
  Comparison,
  LabelFilter,
  LabelFormat,
  LineFilterOperator,
  LogQuery,
  Stage,
} from './ast.ts'
import { parseIpRange } from './ip.ts'
import { lineShape } from './line-shape.ts'
import { readParser } from './parsers/read.ts'
import { checkLabelPattern, linePattern } from './pattern.ts'
import { parseTemplate } from './template/template.ts'
import {
  childOf,
  children,
  type Node,
  nearest,
  parseErrorAt,
  requireChild,
  stringOf,
} from './tree.ts'
import { parseBytes, parseDurationSeconds } from './units.ts'

/** Reads the Selector and the PipelineExpr below a LogExpr or a LogRangeExpr. */
export function readLogQuery(text: string, node: Node): LogQuery {
  const selector = nearest(requireChild(node, 'Selector'), 'Matcher').map((matcher) =>
    readMatcher(text, matcher),
  )
  refuseUnbounded(selector)
  const stages = nearest(node, 'PipelineStage').flatMap((stage) => readStage(text, stage))
  return { selector, stages }
}

// Loki will not read all streams by accident.
function refuseUnbounded(selector: readonly Matcher[]) {
  const narrows = ({ type, value }: Matcher) =>
    (type === '=' && value !== '') || (type === '=~' && !compilePattern(value).test(''))
  if (selector.some(narrows)) return
  throw new LokiError(
    'parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~".*" does not meet this requirement, but app=~".+" will',
  )
}

const MATCH_TYPES: Readonly<Record<string, Matcher['type']>> = {
  Eq: '=',
  Neq: '!=',
  Re: '=~',
  Nre: '!~',
}

export function readMatcher(text: string, node: Node): Matcher {
  const [name, operator, value] = children(node)
  const type = operator && MATCH_TYPES[operator.name]
  if (!name || !type || !value) throw parseErrorAt(text, node.from, 'a matcher expected')
  const matcher = { name: text.slice(name.from, name.to), type, value: stringOf(text, value) }
  if (type === '=~' || type === '!~') checkLabelPattern(matcher.value)
  return matcher
}

function readStage(text: string, stage: Node): Stage[] {
  const content = children(stage).find(({ name }) => name !== 'Pipe')
  switch (content?.name) {
    case 'LineFilters':
      return nearest(content, 'LineFilter').map((filter) => readLineFilter(text, filter))
    case 'LabelFilter':
      return [{ kind: 'label', filter: readLabelFilter(text, content) }]
    case 'LabelParser':
    case 'JsonExpressionParser':
    case 'LogfmtParser':
    case 'LogfmtExpressionParser':
      return [{ kind: 'parse', parser: readParser(text, content) }]
    case 'DecolorizeExpr':
      return [{ kind: 'decolorize' }]
    case 'LineFormatExpr': {
      const template = stringOf(text, requireChild(content, 'String'))
      return [{ kind: 'line-format', template: readTemplate('line', template, content, text) }]
    }
    case 'LabelFormatExpr':
      return [{ kind: 'label-format', formats: readLabelFormats(text, content) }]
    case 'DropLabelsExpr':
      return [{ kind: 'drop', labels: readLabels(text, content, 'DropLabel') }]
    case 'KeepLabelsExpr':
      return [{ kind: 'keep', labels: readLabels(text, content, 'KeepLabel') }]
    default:
      throw notSupported(text, stage)
  }
}

const notSupported = (text: string, stage: Node) =>
  new LokiError(`stage '${text.slice(stage.from, stage.to)}' is not supported`)

function readLineFilter(text: string, node: Node): Stage {
  const operator = text.slice(...span(requireChild(node, 'Filter'))) as LineFilterOperator
  const stage = text.slice(node.from, node.to)
  const texts = operands(node).map(({ string, isIp }) => {
    const operand = stringOf(text, string)
    if (!isIp) return operand
    if (operator === '|=' || operator === '!=') return parseIpRange(operand)
    throw new LokiError(`parse error : stage '${stage}' : ip: invalid operation`)
  })
  // Compiled here once so that a wrong pattern is an error of the query, not of its first line.
  for (const operand of texts)
    if (typeof operand === 'string') compileLineTest(operator, operand, stage)
  return { kind: 'line', operator, texts }
}

/** `"a" or ip("b") or "c"` */
function operands(node: Node): { string: Node; isIp: boolean }[] {
  const string = requireChild(node, 'String')
  const more = childOf(node, 'OrFilter')
  return [
    { string, isIp: childOf(node, 'FilterOp') !== undefined },
    ...(more ? operands(more) : []),
  ]
}

/** The test of one operand of a line filter; whether the operator is a negative one is the caller's. */
export function compileLineTest(
  operator: LineFilterOperator,
  operand: string,
  stage: string,
): (line: string) => boolean {
  switch (operator) {
    case '|~':
    case '!~':
      return linePattern(operand, stage)
    case '|>':
    case '!>':
      return lineShape(operand, stage)
    default:
      return (line) => line.includes(operand)
  }
}

function readLabelFormats(text: string, node: Node): LabelFormat[] {
  const formats = nearest(node, 'LabelFormatMatcher').map((one): LabelFormat => {
    const [name, , value] = children(one)
    if (!name || !value) throw parseErrorAt(text, one.from, 'a label format expected')
    const to = text.slice(...span(name))
    if (value.name !== 'String') return { to, from: text.slice(...span(value)) }
    return { to, template: readTemplate(`label`, stringOf(text, value), node, text) }
  })
  const names = formats.map(({ to }) => to)
  const problem = names.includes('__error__')
    ? '__error__ cannot be formatted'
    : names.some((name, i) => names.indexOf(name) !== i) &&
      `multiple label name '${names.find((name, i) => names.indexOf(name) !== i)}' not allowed in a single format operation`
  if (problem)
    throw new LokiError(`parse error : stage '| ${text.slice(...span(node))}' : ${problem}`)
  return formats
}

function readTemplate(name: 'line' | 'label', source: string, node: Node, text: string) {
  const compiled = parseTemplate(name, source)
  if (typeof compiled !== 'string') return compiled
  throw new LokiError(
    `parse error : stage '| ${text.slice(...span(node))}' : invalid ${name} template: ${compiled}`,
  )
}

const span = ({ from, to }: Node): [number, number] => [from, to]

export function readLabelFilter(text: string, node: Node): LabelFilter {
  const parts = children(node)
  const [left, middle, right] = parts
  if (left?.name === 'LabelFilter' && parts.length === 1) return readLabelFilter(text, left)
  if (left?.name === 'LabelFilter') {
    const last = parts.at(-1)!
    return {
      // A comma or nothing at all is an `and`.
      kind: middle?.name === 'Or' ? 'or' : 'and',
      left: readLabelFilter(text, left),
      right: readLabelFilter(text, last),
    }
  }
  switch (left?.name) {
    case 'Matcher':
      return { kind: 'match', matcher: readMatcher(text, left) }
    case 'IpLabelFilter': {
      const [name, operator, , value] = children(left)
      if (!name || !operator || !value) throw notSupported(text, node)
      return {
        kind: 'ip',
        name: text.slice(...span(name)),
        range: parseIpRange(stringOf(text, value)),
        negative: operator.name === 'Neq',
      }
    }
    case 'NumberFilter':
      return readComparison(text, left, 'number')
    case 'UnitFilter':
      return readUnitFilter(text, left)
    default:
      // Parentheses are bare tokens of the grammar.
      if (right === undefined && middle?.name === 'LabelFilter')
        return readLabelFilter(text, middle)
      throw notSupported(text, node)
  }
}

function readUnitFilter(text: string, node: Node): LabelFilter {
  const filter = requireChild(node, 'DurationFilter', 'BytesFilter')
  return readComparison(text, filter, filter.name === 'BytesFilter' ? 'bytes' : 'duration')
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  Eql: '==',
  Eq: '==',
  Neq: '!=',
  Gtr: '>',
  Gte: '>=',
  Lss: '<',
  Lte: '<=',
}

function readComparison(
  text: string,
  node: Node,
  unit: 'number' | 'duration' | 'bytes',
): LabelFilter {
  const [name, operator, operand] = children(node)
  const comparison = operator && COMPARISONS[operator.name]
  if (!name || !comparison || !operand) throw notSupported(text, node)
  const written = text.slice(operand.from, operand.to)
  const value =
    unit === 'number'
      ? Number(written)
      : unit === 'bytes'
        ? parseBytes(written)
        : parseDurationSeconds(written)
  if (value === undefined || Number.isNaN(value))
    throw parseErrorAt(text, operand.from, `${JSON.stringify(written)} is no ${unit}`)
  return { kind: 'compare', name: text.slice(name.from, name.to), comparison, value, unit }
}

function readLabels(text: string, node: Node, kind: string): (string | Matcher)[] {
  return nearest(node, kind).map((label) => {
    const matcher = label.getChild('Matcher')
    return matcher ? readMatcher(text, matcher) : text.slice(label.from, label.to)
  })
}
