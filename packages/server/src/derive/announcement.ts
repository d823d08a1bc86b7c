// Announcements of running work among log records: OTLP logs with the event name `stepwell.step.started` and
// its kin (model: announcement.ts).

import {
  LOST_AFTER_MILLISECONDS,
  type Nanoseconds,
  parseAnnouncementEventName,
  parseSpanId,
  parseTraceId,
  RUNNING_GAUGE,
} from '@stepwell/model'
import type { LogRecord, Resource } from '@stepwell/otlp'
import { attributeTexts } from './attribute-text.ts'
import { labelsOf, labelTable } from './counted-series.ts'
import { jobOf } from './own-span.ts'
import type { AnnouncedSpan } from './unfinished-spans.ts'

/** Back ends and SDKs that drop `event_name` leave its text here. */
const EVENT_NAME_ATTRIBUTE = 'event.name'

const LABELS = labelTable(RUNNING_GAUGE.labels)

/** What the record announces; undefined where it is an ordinary one. */
export function announcedSpan(
  record: LogRecord,
  resource: Resource | undefined,
): AnnouncedSpan | undefined {
  const eventName = record.eventName || textOf(record, EVENT_NAME_ATTRIBUTE)
  if (!eventName?.startsWith('stepwell.')) return undefined
  const event = parseAnnouncementEventName(eventName)
  const traceId = parseTraceId(record.traceId)
  const spanId = parseSpanId(record.spanId)
  if (!event || !traceId || !spanId) return undefined
  return {
    kind: event.kind,
    traceId,
    spanId,
    labels: labelsOf(LABELS, jobOf(resource), attributeTexts(record.attributes)),
  }
}

/** A spool or a replay brings old announcements: they make nothing run. */
export function isFresh(record: LogRecord, acceptedAt: Nanoseconds): boolean {
  const said = saidAt(record)
  return said === 0n || acceptedAt - said <= BigInt(LOST_AFTER_MILLISECONDS) * 1_000_000n
}

const saidAt = (record: LogRecord): Nanoseconds =>
  (record.timeUnixNano || record.observedTimeUnixNano) as Nanoseconds

const textOf = (record: LogRecord, key: string): string | undefined => {
  const value = record.attributes.find((attribute) => attribute.key === key)?.value
  return value && 'stringValue' in value ? value.stringValue : undefined
}
