// What a list of traces shows of each: /trace-summaries.

import { serviceNameOf } from '../../../store/dictionary.ts'
import type { StoredTrace } from '../../../store/types.ts'
import { groupBy } from '../../group.ts'
import { jaegerTraceId, operationName } from '../model.ts'

export function summaryOf({ traceId, spans }: StoredTrace): object {
  const ids = new Set(spans.map(({ span }) => span.spanId))
  const root =
    spans.find(({ span }) => /^0*$/.test(span.parentSpanId)) ??
    spans.find(({ span }) => !ids.has(span.parentSpanId)) ??
    spans[0]!
  const starts = spans.map(({ span }) => span.startTimeUnixNano)
  const ends = spans.map(({ span }) => span.endTimeUnixNano)
  const services = groupBy(spans, ({ resource }) => serviceNameOf(resource))
  return {
    traceId: jaegerTraceId(traceId),
    rootServiceName: serviceNameOf(root.resource),
    rootOperationName: operationName(root.span.name),
    minStartTimeUnixNano: String(starts.reduce((a, b) => (a < b ? a : b))),
    maxEndTimeUnixNano: String(ends.reduce((a, b) => (a > b ? a : b))),
    spanCount: spans.length,
    services: [...services].map(([name, group]) => ({ name, spanCount: group.length })),
  }
}
