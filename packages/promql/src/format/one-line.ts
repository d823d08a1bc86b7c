// An expression as text on one line, spelled as Prometheus spells it.

import { METRIC_NAME } from '../labels/label-set.ts'
import type {
  Aggregation,
  Binary,
  Duration,
  DurationExpression,
  Expression,
  Shift,
  VectorMatching,
  VectorSelector,
} from '../parse/ast.ts'
import { formatDuration } from '../text/duration.ts'
import { formatFloat, formatValue } from '../text/number.ts'
import { quote } from '../text/quote.ts'

export function oneLine(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return expression.isDuration
        ? formatDuration(expression.value * 1000)
        : formatValue(expression.value)
    case 'string':
      return quote(expression.value)
    case 'vectorSelector':
      return `${selectorName(expression)}${at(expression)}${extension(expression)}${offset(expression)}`
    case 'matrixSelector': {
      const { selector } = expression
      const range = duration(expression.range)
      return `${selectorName(selector)}[${range}]${extension(selector)}${at(selector)}${offset(selector)}`
    }
    case 'subquery':
      return `${oneLine(expression.expression)}${subquerySuffix(expression)}`
    case 'call':
      return `${expression.name}(${expression.arguments.map(oneLine).join(', ')})`
    case 'aggregation': {
      const parameter =
        expression.parameter === undefined ? '' : `${oneLine(expression.parameter)}, `
      return `${aggregationHead(expression)}(${parameter}${oneLine(expression.expression)})`
    }
    case 'binary': {
      const { left, right } = expression
      return `${oneLine(left)} ${binaryOperator(expression)} ${oneLine(right)}`
    }
    case 'unary':
      return `${expression.operator}${oneLine(expression.expression)}`
    case 'paren':
      return `(${oneLine(expression.expression)})`
  }
}

/** `[5m:1m] @ 5 offset 1m` */
export function subquerySuffix(
  subquery: Shift & { readonly range: Duration; readonly step: Duration | undefined },
): string {
  const step = subquery.step === undefined ? '' : duration(subquery.step)
  return `[${duration(subquery.range)}:${step}]${at(subquery)}${offset(subquery)}`
}

/** `sum by (a) ` */
export function aggregationHead({ operator, grouping }: Aggregation): string {
  const labels = labelList(grouping?.labels ?? [])
  if (grouping?.without === true) return `${operator} without (${labels}) `
  return labels === '' ? operator : `${operator} by (${labels}) `
}

/** The operator with what follows it: `> bool on (a) group_left (b)`. */
export function binaryOperator({ operator, returnBool, matching }: Binary): string {
  return `${operator}${returnBool ? ' bool' : ''}${matching === undefined ? '' : match(matching)}`
}

function match(matching: VectorMatching): string {
  const { cardinality, on, labels, include, fillLeft, fillRight } = matching
  let text = ''
  const isGrouped = cardinality === 'many-to-one' || cardinality === 'one-to-many'
  if (on || labels.length > 0 || isGrouped) {
    text += ` ${on ? 'on' : 'ignoring'} (${labelList(labels)})`
  }
  if (isGrouped) {
    const side = cardinality === 'many-to-one' ? 'group_left' : 'group_right'
    text += ` ${side} (${labelList(include)})`
  }
  if (fillLeft !== undefined && Object.is(fillLeft, fillRight)) {
    return `${text} fill (${formatFloat(fillLeft)})`
  }
  if (fillLeft !== undefined) text += ` fill_left (${formatFloat(fillLeft)})`
  if (fillRight !== undefined) text += ` fill_right (${formatFloat(fillRight)})`
  return text
}

function labelList(labels: readonly string[]): string {
  return labels.map(labelName).join(', ')
}

function labelName(name: string): string {
  return /^[a-zA-Z_]\w*$/.test(name) ? name : quote(name)
}

function selectorName({ name, matchers }: VectorSelector): string {
  const parts = matchers
    .filter(({ name: label }) => label !== METRIC_NAME || name === '')
    .map(({ name: label, type, value }) => `${labelName(label)}${type}${quote(value)}`)
    .sort()
  return parts.length === 0 && name !== '' ? name : `${name}{${parts.join(',')}}`
}

function extension(selector: VectorSelector): string {
  return selector.extension === undefined ? '' : ` ${selector.extension}`
}

function at({ at }: Shift): string {
  if (at === undefined) return ''
  return ` @ ${typeof at === 'number' ? (at / 1000).toFixed(3) : `${at}()`}`
}

function offset({ offset }: Shift): string {
  return offset === undefined ? '' : ` offset ${duration(offset)}`
}

function duration({ expression }: Duration): string {
  if (expression.kind !== 'seconds') return durationText(expression)
  return formatDuration(Math.round(expression.value * 1000))
}

function durationText(expression: DurationExpression): string {
  switch (expression.kind) {
    case 'seconds': {
      // A factor is no duration.
      const isNumber = !/[a-z]/i.test(expression.text)
      return isNumber ? formatValue(expression.value) : formatDuration(expression.value * 1000)
    }
    case 'step':
    case 'range':
      return `${expression.kind}()`
    case 'paren':
      return `(${durationText(expression.expression)})`
    case 'unary':
      return `${expression.operator === '-' ? '-' : ''}${durationText(expression.operand)}`
    case 'binary': {
      const [left, right] = [durationText(expression.left), durationText(expression.right)]
      const { operator } = expression
      const isCall = operator === 'min_of' || operator === 'max_of'
      return isCall ? `${operator}(${left}, ${right})` : `${left} ${operator} ${right}`
    }
  }
}
