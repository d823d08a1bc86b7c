// LogQL, laid out: what is longer than a line is broken into its parts, each indented, as Loki's formatter does it
// (pkg/logql/syntax/prettier.go).

import { parseTree } from './parse.ts'
import { childOf, children, type Node, nearest, requireChild } from './tree.ts'

const MAX_CHARACTERS = 100

/** @throws LokiError */
export function prettyLogql(text: string): string {
  const expression = parseTree(text)
  return laidOut(new Source(text), expression, 0)
}

class Source {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  of({ from, to }: Node): string {
    return this.#text.slice(from, to)
  }

  /** From one node up to another, its words one space apart. */
  words(from: number, to: number): string {
    return spaced(this.#text.slice(from, to))
  }
}

const indent = (level: number) => '  '.repeat(level)

/** Text outside of quotes with one space where there was any. */
const spaced = (text: string) =>
  text.replace(/("(?:[^"\\]|\\.)*"|`[^`]*`)|#.*|\s+/g, (_, quoted?: string) => quoted ?? ' ').trim()

function laidOut(source: Source, node: Node, level: number): string {
  switch (node.name) {
    case 'Expr':
      return laidOut(source, children(node)[0]!, level)
    case 'LogExpr':
      return pipeline(source, node, level)
    case 'MetricExpr':
      return metric(source, node, level)
    default:
      return indent(level) + spaced(source.of(node))
  }
}

const isShort = (text: string) => text.length <= MAX_CHARACTERS

function metric(source: Source, node: Node, level: number): string {
  const inner = children(node)[0]!
  const short = oneLine(source, inner)
  const shortest =
    source.of(node).startsWith('(') && inner.name === 'MetricExpr' ? `(${short})` : short
  if (isShort(shortest)) return indent(level) + shortest
  switch (inner.name) {
    case 'MetricExpr':
      return `${indent(level)}(\n${metric(source, inner, level + 1)}\n${indent(level)})`
    case 'RangeAggregationExpr':
      return rangeAggregation(source, inner, level)
    case 'VectorAggregationExpr':
      return vectorAggregation(source, inner, level)
    case 'BinOpExpr': {
      const [left, right] = operandsOf(inner)
      return `${laidOut(source, left, level + 1)}\n${indent(level)}${operatorOf(source, inner)}\n${laidOut(source, right, level + 1)}`
    }
    case 'LabelReplaceExpr': {
      const parts = [
        metric(source, requireChild(inner, 'MetricExpr'), level + 1),
        ...nearest(inner, 'String')
          .slice(-4)
          .map((one) => indent(level + 1) + source.of(one)),
      ]
      return `${indent(level)}label_replace(\n${parts.join(',\n')}\n${indent(level)})`
    }
    default:
      return indent(level) + short
  }
}

/** An expression on one line, spaced as Loki does. */
function oneLine(source: Source, node: Node): string {
  switch (node.name) {
    case 'Expr':
      return oneLine(source, children(node)[0]!)
    case 'MetricExpr': {
      const inner = children(node)[0]!
      const text = oneLine(source, inner)
      return source.of(node).startsWith('(') && inner.name === 'MetricExpr' ? `(${text})` : text
    }
    case 'LogExpr':
      return [selector(source, node), ...stagesOf(source, node)].join(' ')
    case 'RangeAggregationExpr': {
      const log = requireChild(node, 'LogRangeExpr')
      const parameter = childOf(node, 'Number')
      const operator = source.of(requireChild(node, 'RangeOp'))
      const before = parameter ? `${source.of(parameter)},` : ''
      return `${operator}(${before}${logRange(source, log, '')})${grouping(source, node)}`
    }
    case 'VectorAggregationExpr': {
      const parameter = childOf(node, 'Number')
      const before = parameter ? `${source.of(parameter)},` : ''
      const inner = oneLine(source, requireChild(node, 'MetricExpr'))
      return `${source.of(requireChild(node, 'VectorOp'))}${grouping(source, node)}(${before}${inner})`
    }
    case 'BinOpExpr': {
      const [left, right] = operandsOf(node)
      return `${oneLine(source, left)} ${operatorOf(source, node)} ${oneLine(source, right)}`
    }
    case 'LabelReplaceExpr': {
      const strings = nearest(node, 'String')
        .slice(-4)
        .map((one) => source.of(one))
      return `label_replace(${[oneLine(source, requireChild(node, 'MetricExpr')), ...strings].join(',')})`
    }
    default:
      return spaced(source.of(node))
  }
}

function operandsOf(node: Node): [Node, Node] {
  const operands = children(node).filter(({ name }) => name === 'Expr')
  return [operands[0]!, operands[1]!]
}

const operatorOf = (source: Source, node: Node): string => {
  const [left, right] = operandsOf(node)
  const [, operator, modifier] = /^(==|[!<>]=|\w+|.)\s*(.*)$/.exec(
    source.words(left.to, right.from),
  )!
  return modifier ? `${operator} ${modifier}` : operator!
}

/** ` by (a, b)` */
function grouping(source: Source, node: Node): string {
  const found = childOf(node, 'Grouping')
  if (!found) return ''
  const word = source.of(children(found)[0]!).toLowerCase()
  const names = nearest(found, 'Identifier').map((one) => source.of(one))
  return ` ${word} (${names.join(', ')})`
}

function selector(source: Source, node: Node): string {
  const matchers = nearest(requireChild(node, 'Selector'), 'Matcher')
  return `{${matchers.map((one) => compact(source, one)).join(', ')}}`
}

/** `a = "b"` without spaces. */
const compact = (source: Source, node: Node) =>
  children(node)
    .map((part) => source.of(part))
    .join('')

function stagesOf(source: Source, node: Node): string[] {
  return nearest(node, 'PipelineStage').map((stage) => stageText(source, stage))
}

function stageText(source: Source, stage: Node): string {
  const content = children(stage).find(({ name }) => name !== 'Pipe')!
  if (content.name === 'LineFilters')
    return nearest(content, 'LineFilter')
      .map((filter) => {
        const operator = source.of(requireChild(filter, 'Filter'))
        return `${operator} ${source.words(requireChild(filter, 'Filter').to, filter.to)}`
      })
      .join(' ')
  return `| ${contentText(source, content)}`
}

function contentText(source: Source, content: Node): string {
  switch (content.name) {
    case 'LabelFilter':
      return filterText(source, content)
    case 'LabelFormatExpr':
      return `label_format ${nearest(content, 'LabelFormatMatcher')
        .map((one) => compact(source, one))
        .join(',')}`
    case 'DropLabelsExpr':
    case 'KeepLabelsExpr': {
      const [word, kind] =
        content.name === 'DropLabelsExpr' ? ['drop', 'DropLabel'] : ['keep', 'KeepLabel']
      return `${word} ${nearest(content, kind!)
        .map((one) => spaced(source.of(one)).replace(/ *(=~|!~|!=|=) */, '$1'))
        .join(',')}`
    }
    default:
      return spaced(source.of(content))
  }
}

function filterText(source: Source, node: Node): string {
  const parts = children(node)
  if (!parts.some(({ name }) => name === 'LabelFilter')) {
    const [inner] = parts
    const leaf = inner!.name === 'UnitFilter' ? children(inner!)[0]! : inner!
    const ip = childOf(leaf, 'Ip')
    return ip ? spaced(source.of(leaf)).replaceAll(' ', '') : compact(source, leaf)
  }
  const text = spaced(source.of(node))
  if (parts.length === 1) return text.startsWith('(') ? `(${filterText(source, parts[0]!)})` : text
  const [left, right] = [parts[0]!, parts.at(-1)!]
  const word = childOf(node, 'And', 'Or')
  return `${filterText(source, left)} ${word ? source.of(word).toLowerCase() : ','} ${filterText(source, right)}`.replace(
    ' , ',
    ', ',
  )
}

function pipeline(source: Source, node: Node, level: number): string {
  const short = oneLine(source, node)
  if (isShort(short)) return indent(level) + short
  const lines = stagesOf(source, node).map((stage) => `\n${indent(level + 1)}${stage}`)
  return indent(level) + selector(source, node) + lines.join('')
}

/** `{…} | json | unwrap x [5m] offset 1h`; `separator` before the stages of a long one. */
function logRange(source: Source, node: Node, separator: string): string {
  const unwrap = childOf(node, 'UnwrapExpr')
  const parts = [
    selector(source, node),
    ...stagesOf(source, node),
    ...(unwrap ? unwrapOf(source, unwrap) : []),
  ]
  const range = requireChild(node, 'Range')
  const offset = /^\s*offset\s+\S+?(?=[)|\s]|$)/.exec(source.words(range.to, range.to + 40))
  return (
    parts.join(separator || ' ') +
    (separator ? ' ' : '') +
    source.of(range).replaceAll(/\s/g, '') +
    (offset ? ` ${spaced(offset[0])}` : '')
  )
}

/** `| unwrap duration(took)` and the filters behind it. */
function unwrapOf(source: Source, node: Node): string[] {
  const inner = childOf(node, 'UnwrapExpr')
  if (inner)
    return [
      ...unwrapOf(source, inner),
      `| ${filterText(source, requireChild(node, 'LabelFilter'))}`,
    ]
  return [`| ${spaced(source.words(requireChild(node, 'Unwrap').from, node.to))}`]
}

function rangeAggregation(source: Source, node: Node, level: number): string {
  const parameter = childOf(node, 'Number')
  const separator = `\n${indent(level + 2)}`
  const before = parameter ? `${indent(level + 1)}${source.of(parameter)},\n` : ''
  const log = indent(level + 1) + logRange(source, requireChild(node, 'LogRangeExpr'), separator)
  const operator = source.of(requireChild(node, 'RangeOp'))
  return `${indent(level)}${operator}(\n${before}${log}\n${indent(level)})${grouping(source, node)}`
}

function vectorAggregation(source: Source, node: Node, level: number): string {
  const parameter = childOf(node, 'Number')
  const before = parameter ? `${indent(level + 1)}${source.of(parameter)},\n` : ''
  const inner = metric(source, requireChild(node, 'MetricExpr'), level + 1)
  const operator = source.of(requireChild(node, 'VectorOp'))
  return `${indent(level)}${operator}${grouping(source, node)}(\n${before}${inner}\n${indent(level)})`
}
