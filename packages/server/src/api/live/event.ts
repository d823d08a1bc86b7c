// What the live feed says: spans in the shape of Jaeger's v1 API, logs in that of Loki's tail. Events keep what was
// stored and become text when a reader takes them: without readers nothing is written, and the cost of many events is
// bounded by how fast they are read.

import type { KeyValue } from '@stepwell/otlp'
import type { StoredLog, StoredSpan } from '../../store/types.ts'
import { groupBy } from '../group.ts'
import { jaegerTrace } from '../jaeger/model.ts'
import { entryOf } from '../loki/entry.ts'
import { groupStreams } from '../loki/streams.ts'

export interface LiveEvent {
  readonly name: 'spans' | 'logs'
  /** '' for log records outside of any trace. */
  readonly traceId: string
  /** About what it holds in memory. */
  readonly bytes: number
  /** JSON, on one line. */
  data(): string
}

/** An event for each trace. */
export function spanEvents(spans: readonly StoredSpan[]): LiveEvent[] {
  return [...groupBy(spans, ({ span }) => span.traceId)].map(([traceId, group]) => ({
    name: 'spans',
    traceId,
    bytes: group.reduce((sum, { span }) => sum + sizeOf(span.attributes), 0),
    data: once(() => JSON.stringify(jaegerTrace(traceId, group))),
  }))
}

/** An event for each trace, and one for the records outside of any. */
export function logEvents(logs: readonly StoredLog[]): LiveEvent[] {
  return [...groupBy(logs, ({ record }) => record.traceId)].map(([traceId, group]) => ({
    name: 'logs',
    traceId,
    bytes: group.reduce((sum, { record }) => sum + sizeOfLog(record), 0),
    data: once(() => JSON.stringify({ streams: tailStreams(group) })),
  }))
}

/** Loki's tail: the metadata is the third element of each value itself. */
const tailStreams = (logs: readonly StoredLog[]) =>
  groupStreams(logs.map(entryOf), true).map(({ stream, values }) => ({
    stream,
    values: values.map(([time, line, categories]) => [
      time,
      line,
      categories?.structuredMetadata ?? {},
    ]),
  }))

function once(make: () => string): () => string {
  let made: string | undefined
  return () => (made ??= make())
}

const sizeOf = (attributes: readonly KeyValue[]) =>
  attributes.reduce((sum, { value }) => sum + 64 + sizeOfValue(value), 512)

const sizeOfLog = ({ attributes, body }: StoredLog['record']) =>
  sizeOf(attributes) + sizeOfValue(body)

function sizeOfValue(value: KeyValue['value']): number {
  if (!value) return 0
  if ('stringValue' in value) return 2 * value.stringValue.length
  if ('bytesValue' in value) return value.bytesValue.length
  if ('arrayValue' in value)
    return value.arrayValue.values.reduce<number>((sum, item) => sum + 32 + sizeOfValue(item), 0)
  if ('kvlistValue' in value) return sizeOf(value.kvlistValue.values)
  return 8
}
