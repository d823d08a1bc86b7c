// Reads LogQL (https://grafana.com/docs/loki/latest/query/) with Grafana's own grammar. That one is an editor's, which
// reads past mistakes; here every mistake is an error.

import { parser } from '@grafana/lezer-logql'
import { LokiError } from '../answers.ts'
import type { Query } from './ast.ts'
import { readLogQuery } from './log-query.ts'
import { readMetricQuery } from './metric-query.ts'
import { childOf, type Node, nearest, refuseErrors, requireChild } from './tree.ts'

/** Characters; Loki's own limit. */
const MAX_LENGTH = 131_072

/** @throws LokiError */
export function parseLogql(text: string): Query {
  const expression = parseTree(text)
  const log = childOf(expression, 'LogExpr')
  if (log) return { kind: 'log', query: readLogQuery(text, log) }
  return { kind: 'metric', query: readMetricQuery(text, requireChild(expression, 'MetricExpr')) }
}

/** The Expr of a query: it has a LogExpr or a MetricExpr. */
export function parseTree(text: string): Node {
  if (text.length > MAX_LENGTH)
    throw new LokiError(`parse error : input size too long (${text.length} > ${MAX_LENGTH})`)
  if (text.trim() === '') throw new LokiError('parse error : syntax error: unexpected $end')
  const root = parser.parse(readable(text)).topNode
  refuseEmptySelector(text, root)
  refuseErrors(text, root)
  const expression = childOf(root, 'Expr')
  if (expression && childOf(expression, 'LogExpr', 'MetricExpr')) return expression
  throw new LokiError('parse error : syntax error: no query found')
}

const OFFSET = /(?<=\]\s*)offset\s+-?[\d.]+[a-z][\da-zµ.]*/g
const NAME = /[a-z_]\w*/gi

/**
 * What the grammar is given: of the same length, without what it cannot read. Names that every object has, such as
 * `constructor`, are keywords to it by mistake; `offset` behind an `unwrap` is missing.
 */
const readable = (text: string) =>
  text
    .replace(NAME, (name) =>
      name in Object.prototype || name.toLowerCase() in Object.prototype
        ? 'x'.repeat(name.length)
        : name,
    )
    .replace(OFFSET, (offset) => ' '.repeat(offset.length))

// The grammar has no `{}`; its error would name a brace.
function refuseEmptySelector(text: string, root: ReturnType<typeof parser.parse>['topNode']) {
  for (const { from, to } of nearest(root, 'Selector'))
    if (/^\{\s*\}\s*$/.test(text.slice(from, to)))
      throw new LokiError(
        'parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~".*" does not meet this requirement, but app=~".+" will',
      )
}
