// Vector selectors: a name, matchers, or both. The name becomes a matcher on `__name__`.

import type { SyntaxNode } from '@lezer/common'
import { METRIC_NAME } from '../labels/label-set.ts'
import { compilePattern } from '../labels/pattern.ts'
import type { Matcher } from '../source.ts'
import { quote } from '../text/quote.ts'
import type { VectorSelector } from './ast.ts'
import { type Build, children } from './build.ts'

/** The selector of a node `VectorSelector`. */
export function buildSelector(build: Build, node: SyntaxNode): VectorSelector {
  const identifier = node.getChild('Identifier')
  const name = identifier === null ? '' : build.text(identifier)
  // The grammar takes it for a name.
  if (name.toLowerCase() === 'atan2') build.fail(node, `unexpected <op:${name}>`)
  const braces = node.getChild('LabelMatchers')
  const matchers = (braces === null ? [] : children(braces)).map((part) => matcher(build, part))
  if (name !== '') {
    const second = matchers.find((matcher) => matcher.name === METRIC_NAME)
    if (second !== undefined) {
      build.fail(
        node,
        `metric name must not be set twice: ${quote(name)} or ${quote(second.value)}`,
      )
    }
    matchers.push({ name: METRIC_NAME, type: '=', value: name })
  }
  return {
    kind: 'vectorSelector',
    name,
    matchers,
    offset: undefined,
    at: undefined,
    extension: undefined,
    start: node.from,
    end: node.to,
  }
}

function matcher(build: Build, node: SyntaxNode): Matcher {
  // `{"name"}`: a metric's name that needs quotes.
  if (node.name === 'QuotedLabelName') {
    const value = node.firstChild === null ? '' : build.string(node.firstChild)
    return { name: METRIC_NAME, type: '=', value }
  }
  const [label, operator, literal] = children(node)
  if (label === undefined || operator === undefined || literal === undefined) {
    return build.fail(node, 'a matcher needs a name, an operator and a string')
  }
  const quoted = label.name === 'QuotedLabelName' ? label.firstChild : null
  const name = quoted === null ? build.text(label) : build.string(quoted)
  const type = build.text(operator) as Matcher['type']
  const value = build.string(literal)
  if (type === '=~' || type === '!~') {
    const pattern = compilePattern(value)
    if (pattern.error !== undefined) build.fail(node, `error parsing regexp: ${pattern.error}`)
  }
  return { name, type, value }
}
