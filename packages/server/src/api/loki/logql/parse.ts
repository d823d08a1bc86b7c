// Reads LogQL (https://grafana.com/docs/loki/latest/query/) with Grafana's own grammar. That one is an editor's, which
// reads past mistakes; here every mistake is an error.

import { parser } from '@grafana/lezer-logql'
import { LokiError } from '../answers.ts'
import type { Query } from './ast.ts'
import { readLogQuery } from './log-query.ts'
import { readMetricQuery } from './metric-query.ts'
import { childOf, nearest, refuseErrors } from './tree.ts'

/** Characters; Loki's own limit. */
const MAX_LENGTH = 131_072

/** @throws LokiError */
export function parseLogql(text: string): Query {
  if (text.length > MAX_LENGTH)
    throw new LokiError(`parse error : input size too long (${text.length} > ${MAX_LENGTH})`)
  if (text.trim() === '') throw new LokiError('parse error : syntax error: unexpected $end')
  const root = parser.parse(text).topNode
  refuseEmptySelector(text, root)
  refuseErrors(text, root)
  const expression = childOf(root, 'Expr')
  const log = expression && childOf(expression, 'LogExpr')
  if (log) return { kind: 'log', query: readLogQuery(text, log) }
  const metric = expression && childOf(expression, 'MetricExpr')
  if (metric) return { kind: 'metric', query: readMetricQuery(text, metric) }
  throw new LokiError('parse error : syntax error: no query found')
}

// The grammar has no `{}`; its error would name a brace.
function refuseEmptySelector(text: string, root: ReturnType<typeof parser.parse>['topNode']) {
  for (const { from, to } of nearest(root, 'Selector'))
    if (/^\{\s*\}\s*$/.test(text.slice(from, to)))
      throw new LokiError(
        'parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~".*" does not meet this requirement, but app=~".+" will',
      )
}
