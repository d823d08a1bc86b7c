// Whether a span has an attribute of a certain text, as Jaeger's search asks: of the span, its resource, its events,
// or one of the tags that Jaeger makes of other fields of the span. The scope is shown as tags but not searched.

import { type KeyValue, valueText } from '@stepwell/otlp'
import type { StoredSpan } from './types.ts'

/** Tags that the index's own columns answer: a condition on them. Undefined where the text can be no such tag. */
export const COLUMN_TAGS: Readonly<Record<string, (text: string) => string | undefined>> = {
  error: (text) =>
    text === 'true' ? 'rows.status = 2' : text === 'false' ? 'rows.status <> 2' : undefined,
  'otel.status_code': (text) =>
    text === 'OK' ? 'rows.status = 1' : text === 'ERROR' ? 'rows.status = 2' : undefined,
  'span.kind': (text) => {
    const kind = SPAN_KIND_TEXTS.indexOf(text)
    return kind > 0 ? `rows.kind = ${kind}` : undefined
  },
}

const SPAN_KIND_TEXTS = ['', 'internal', 'server', 'client', 'producer', 'consumer']

export function hasTag({ span, resource }: StoredSpan, key: string, text: string): boolean {
  return (
    hasAttribute(span.attributes, key, text) ||
    hasAttribute(resource?.attributes ?? [], key, text) ||
    span.events.some(({ attributes }) => hasAttribute(attributes, key, text)) ||
    (key === 'otel.status_description' && span.status?.message === text)
  )
}

const hasAttribute = (attributes: readonly KeyValue[], key: string, text: string): boolean =>
  attributes.some((each) => each.key === key && (each.value ? valueText(each.value) : '') === text)
