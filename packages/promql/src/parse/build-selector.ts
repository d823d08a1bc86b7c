// Vector selectors: a name, matchers, or both. The name becomes a matcher on `__name__`.

import type { SyntaxNode } from '@lezer/common'
import { compilePattern } from '../labels/pattern.ts'
import type { Matcher } from '../source.ts'
import { quote } from '../text/quote.ts'
import type { VectorSelector } from './ast.ts'
import { type Build, children } from './build.ts'

/** The selector of a node `VectorSelector`. */
export function buildSelector(build: Build, node: SyntaxNode): VectorSelector {
  const identifier = node.getChild('Identifier')
  let name = identifier === null ? '' : build.text(identifier)
  const matchers: Matcher[] = []
  const braces = node.getChild('LabelMatchers')
  for (const part of braces === null ? [] : children(braces)) {
    if (part.name === 'QuotedLabelName') {
      const quoted = part.firstChild === null ? '' : build.string(part.firstChild)
      if (name !== '') {
        build.fail(node, `metric name must not be set twice: ${quote(name)} or ${quote(quoted)}`)
      }
      name = quoted
    } else {
      matchers.push(matcher(build, part))
    }
  }
  if (name !== '') {
    const second = matchers.find((matcher) => matcher.name === '__name__' && matcher.type === '=')
    if (second !== undefined) {
      build.fail(
        node,
        `metric name must not be set twice: ${quote(name)} or ${quote(second.value)}`,
      )
    }
    matchers.push({ name: '__name__', type: '=', value: name })
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
