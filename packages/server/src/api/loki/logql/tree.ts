// The syntax tree of Grafana's LogQL grammar, with what reading it takes.

import type { SyntaxNode } from '@lezer/common'
import { unquote } from '@stepwell/promql'
import { LokiError } from '../answers.ts'

export type Node = SyntaxNode

/** The children of a node, in order. */
export function children(node: Node): Node[] {
  const list: Node[] = []
  for (let child = node.firstChild; child; child = child.nextSibling) list.push(child)
  return list
}

/** The first child of one of these kinds. */
export const childOf = (node: Node, ...names: string[]): Node | undefined =>
  children(node).find(({ name }) => names.includes(name))

/** All nodes of a kind at or below `node`, outermost first; it does not look inside of those. */
export function nearest(node: Node, name: string): Node[] {
  return node.name === name ? [node] : children(node).flatMap((child) => nearest(child, name))
}

export function requireChild(node: Node, ...names: string[]): Node {
  const child = childOf(node, ...names)
  if (!child) throw new LokiError(`parse error : ${names.join(' or ')} expected in ${node.name}`)
  return child
}

/** `parse error at line 1, col 12: …`, columns from 1. */
export function parseErrorAt(query: string, offset: number, message: string): LokiError {
  const before = query.slice(0, offset).split('\n')
  const column = before.at(-1)!.length + 1
  return new LokiError(`parse error at line ${before.length}, col ${column}: ${message}`)
}

/** The text of a String node. */
export function stringOf(query: string, node: Node): string {
  const text = unquote(query.slice(node.from, node.to))
  if (text === undefined) throw parseErrorAt(query, node.from, 'invalid char escape')
  return text
}

/** Deeper trees would need a deep stack; pipelines nest a level for each stage. */
const MAX_DEPTH = 1000

/** Throws at the first place that the grammar could not read. */
export function refuseErrors(query: string, root: Node): void {
  let depth = 0
  root.cursor().iterate(
    (node) => {
      if (++depth > MAX_DEPTH) throw new LokiError('parse error : the query is nested too deeply')
      if (node.type.isError)
        throw parseErrorAt(query, node.from, `syntax error: ${surprise(query, node.from)}`)
    },
    () => {
      depth--
    },
  )
}

const STRING = /"(?:[^"\\]|\\.)*"|`[^`]*`/g

/** What is there and, where only that would do, what should be, in the words of Loki's grammar. */
function surprise(query: string, at: number): string {
  const found = /^\s*(?:([\d.]+[a-z]*)|(\w+)|(["`])|(\[[^\]]*\]?)|(\S))/i.exec(
    query.slice(at, at + 100),
  )
  const [, number, name, quote, range, mark] = found ?? []
  const what = number ? 'NUMBER' : name ? 'IDENTIFIER' : quote ? 'STRING' : range ? 'RANGE' : mark
  const before = query.slice(0, at).replace(STRING, '""').trimEnd()
  const inSelector = before.lastIndexOf('{') > before.lastIndexOf('}')
  const expected = inSelector
    ? /[=~]$/.test(before)
      ? 'STRING'
      : /[{,]\s*\w+$/.test(before) && '= or =~ or !~ or !='
    : /(\|[=~>]|![=~>])$/.test(before) && 'STRING or ip'
  return `unexpected ${what ?? '$end'}${expected ? `, expecting ${expected}` : ''}`
}
