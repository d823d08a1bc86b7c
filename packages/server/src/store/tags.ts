// Whether a span has an attribute of a certain text, as Jaeger's search asks: of the span, its resource, its events,
// or one of the tags that Jaeger makes of other fields of the span. The scope is shown as tags but not searched.

import { type KeyValue, STATUS_DESCRIPTION_KEY, valueText } from '@stepwell/otlp'
import type { StoredSpan } from './types.ts'

/** What a tag says of a column of the index. */
export interface ColumnTag {
  readonly column: 'status' | 'kind'
  readonly value: number
  /** Whether it is to be that value, or any other. */
  readonly is: boolean
}

/** Tags that the index's own columns answer. Undefined where the text can be no such tag. */
export const COLUMN_TAGS: Readonly<Record<string, (text: string) => ColumnTag | undefined>> = {
  error: (text) =>
    text === 'true' || text === 'false'
      ? { column: 'status', value: 2, is: text === 'true' }
      : undefined,
  'otel.status_code': (text) =>
    text === 'OK' || text === 'ERROR'
      ? { column: 'status', value: text === 'OK' ? 1 : 2, is: true }
      : undefined,
  'span.kind': (text) => {
    const value = SPAN_KIND_TEXTS.indexOf(text)
    return value > 0 ? { column: 'kind', value, is: true } : undefined
  },
}

const SPAN_KIND_TEXTS = ['', 'internal', 'server', 'client', 'producer', 'consumer']

export function hasTag({ span, resource }: StoredSpan, key: string, text: string): boolean {
  return (
    hasAttribute(span.attributes, key, text) ||
    hasAttribute(resource?.attributes ?? [], key, text) ||
    span.events.some(({ attributes }) => hasAttribute(attributes, key, text)) ||
    (key === STATUS_DESCRIPTION_KEY && span.status?.message === text)
  )
}

const hasAttribute = (attributes: readonly KeyValue[], key: string, text: string): boolean =>
  attributes.some((each) => each.key === key && (each.value ? valueText(each.value) : '') === text)
