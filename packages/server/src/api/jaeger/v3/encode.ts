// Traces as OTLP/JSON, with ids in hexadecimal, under `result`.

import { encodeJson, type ResourceSpans, type ScopeSpans } from '@stepwell/otlp'
import type { StoredSpan, StoredTrace } from '../../../store/types.ts'
import { groupBy } from '../../group.ts'
import { operationName } from '../model.ts'

/** All traces in one list, as they came: spans of one resource and scope are together. */
export function encodeTraces(traces: readonly StoredTrace[]): string {
  const spans = traces.flatMap((trace) => trace.spans)
  const resourceSpans = [...groupBy(spans, ({ resource }) => resource)].map(
    ([resource, group]): ResourceSpans => ({
      resource,
      scopeSpans: scopesOf(group),
      schemaUrl: '',
    }),
  )
  return `{"result":${encodeJson('traces', { resourceSpans })}}`
}

const NO_SCOPE = { name: '', version: '', attributes: [], droppedAttributesCount: 0 }
const UNSET = { message: '', code: 0 }

function scopesOf(spans: readonly StoredSpan[]): ScopeSpans[] {
  return [...groupBy(spans, ({ scope }) => scope)].map(([scope, group]) => ({
    // Absent ones are written as empty, as Jaeger does.
    scope: scope ?? NO_SCOPE,
    spans: group.map(({ span }) => ({
      ...span,
      name: operationName(span.name),
      status: span.status ?? UNSET,
    })),
    schemaUrl: '',
  }))
}
