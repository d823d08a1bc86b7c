// Brings together what queries answered and what the live feed sent, in any order and any number of times.

import { groupBy } from './group.ts'
import { announcementOf, type LogRecord, lineOf } from './records.ts'
import type { Announcement, LogLine, Span, Telemetry } from './telemetry.ts'

/** Lines kept of one trace: the newest. */
export const MOST_LINES = 100_000

export const emptyTelemetry = (traceId: string): Telemetry => ({
  traceId,
  spans: new Map(),
  announcements: new Map(),
  lines: [],
  hasEarlierLines: false,
})

/** Adds ended spans: of several with one id the first counts, as derivation.md says of copies. */
export function withSpans(telemetry: Telemetry, spans: readonly Span[]): Telemetry {
  const fresh = spans.filter((span) => !telemetry.spans.has(span.spanId))
  if (fresh.length === 0) return telemetry
  const merged = new Map(telemetry.spans)
  for (const span of fresh) if (!merged.has(span.spanId)) merged.set(span.spanId, span)
  return { ...telemetry, spans: merged }
}

/** Adds log records: announcements to announcements, all else to the lines. */
export function withRecords(telemetry: Telemetry, records: readonly LogRecord[]): Telemetry {
  const announcements: Announcement[] = []
  const lines: LogLine[] = []
  for (const record of records) {
    const announcement = announcementOf(record)
    if (announcement) announcements.push(announcement)
    else lines.push(lineOf(record))
  }
  return withLines(withAnnouncements(telemetry, announcements), lines)
}

export function withAnnouncements(
  telemetry: Telemetry,
  announcements: readonly Announcement[],
): Telemetry {
  if (announcements.length === 0) return telemetry
  const merged = new Map(telemetry.announcements)
  for (const announcement of announcements) {
    const known = merged.get(announcement.spanId)
    if (!known || known.heardAt < announcement.heardAt)
      merged.set(announcement.spanId, announcement)
  }
  return { ...telemetry, announcements: merged }
}

function withLines(telemetry: Telemetry, lines: readonly LogLine[]): Telemetry {
  if (lines.length === 0) return telemetry
  // A line that the feed sent may come again with a query's answer. Only those not older than the
  // first new one can be the same, so only they are looked at.
  const earliest = lines.reduce(
    (time, line) => (line.time < time ? line.time : time),
    lines[0]!.time,
  )
  const overlap = new Set<string>()
  for (let index = telemetry.lines.length - 1; index >= 0; index--) {
    const line = telemetry.lines[index]!
    if (line.time < earliest) break
    overlap.add(identity(line))
  }
  const fresh = lines.filter((line) => {
    const id = identity(line)
    if (overlap.has(id)) return false
    overlap.add(id)
    return true
  })
  if (fresh.length === 0) return telemetry
  const merged = [...telemetry.lines, ...fresh].sort((a, b) =>
    a.time < b.time ? -1 : a.time > b.time ? 1 : 0,
  )
  const surplus = merged.length - MOST_LINES
  return surplus > 0
    ? { ...telemetry, lines: merged.slice(surplus), hasEarlierLines: true }
    : { ...telemetry, lines: merged }
}

/** Loki drops a line that repeats another's time, text and metadata; so may we. */
const identity = (line: LogLine) => `${line.time} ${line.spanId} ${line.stream ?? ''} ${line.text}`

/** Telemetry of many traces, for the list of runs. */
export type TelemetryByTrace = ReadonlyMap<string, Telemetry>

/** Only what the list shows: our own spans and announcements, of the `most` traces heard of last. */
export function withTraces(
  traces: TelemetryByTrace,
  spans: readonly Span[],
  records: readonly LogRecord[],
  most: number,
): TelemetryByTrace {
  const ours = spans.filter((span) => span.kind !== undefined)
  const announcements = records.flatMap((record) => announcementOf(record) ?? [])
  if (ours.length === 0 && announcements.length === 0) return traces
  const merged = new Map(traces)
  const traceOf = (id: string) => merged.get(id) ?? emptyTelemetry(id)
  for (const [id, group] of groupBy(ours, (span) => span.traceId))
    merged.set(id, withSpans(traceOf(id), group))
  for (const [id, group] of groupBy(announcements, (announcement) => announcement.traceId))
    merged.set(id, withAnnouncements(traceOf(id), group))
  if (merged.size <= most) return merged
  const newest = [...merged].sort(([, a], [, b]) => startOf(b) - startOf(a)).slice(0, most)
  return new Map(newest)
}

/** Microseconds since the epoch at which the earliest known part of the trace began. */
export function startOf(telemetry: Telemetry): number {
  let start = Number.POSITIVE_INFINITY
  for (const span of telemetry.spans.values()) start = Math.min(start, span.start)
  for (const { start: announced } of telemetry.announcements.values())
    start = Math.min(start, announced)
  return start
}
