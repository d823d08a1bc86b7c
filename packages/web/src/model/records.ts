// Log records, as they come, are two things: what commands wrote, and the announcements of unfinished work.

import { parseAnnouncementEventName } from '@stepwell/model'
import { type Announcement, type LogLine, microseconds } from './telemetry.ts'

export interface LogRecord {
  /** Nanoseconds since the Unix epoch. */
  readonly time: bigint
  readonly text: string
  /** Labels and structured metadata together; names as Loki writes them, dots as underscores. */
  readonly metadata: Readonly<Record<string, string>>
}

/** The announcement that a record is, or undefined. */
export function announcementOf(record: LogRecord): Announcement | undefined {
  const { metadata } = record
  const event = parseAnnouncementEventName(metadata.event_name ?? '')
  const { trace_id: traceId, span_id: spanId } = metadata
  if (!event || !traceId || !spanId) return undefined
  const heardAt = microseconds(Number(record.time / 1000n))
  const start = metadata.stepwell_start_time_unix_nano
  return {
    traceId,
    spanId,
    parentSpanId: metadata.stepwell_parent_span_id || undefined,
    kind: event.kind,
    start: start && /^\d+$/.test(start) ? microseconds(Number(BigInt(start) / 1000n)) : heardAt,
    heardAt,
    metadata,
  }
}

/** The line of output that any other record is. */
export function lineOf(record: LogRecord): LogLine {
  const { metadata } = record
  const stream = metadata.log_iostream
  return {
    time: record.time,
    traceId: metadata.trace_id ?? '',
    spanId: metadata.span_id ?? '',
    text: record.text,
    stream: stream === 'stderr' || stream === 'stdout' ? stream : undefined,
    level: metadata.severity_text?.toLowerCase() ?? metadata.detected_level,
  }
}
