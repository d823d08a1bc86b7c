// One run: its spans and logs, asked for once, then kept up by the live feed of this trace.

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { fetchTrace } from '../api/jaeger.ts'
import { announcementsOfTraceQuery, fetchLogs, linesOfTraceQuery } from '../api/loki.ts'
import { emptyTelemetry, withRecords, withSpans } from '../model/merge.ts'
import type { LogRecord } from '../model/records.ts'
import type { Span, Telemetry } from '../model/telemetry.ts'
import { currentTime } from './clock.ts'
import { useLiveQuery } from './live-query.ts'

const SECOND = 1e6
const DAY = 86_400 * SECOND

/** Logs of a trace none of whose spans has ended are looked for this far back. */
const RUNNING_FOR = 7 * DAY
const MARGIN = 60 * SECOND

/** Loki's default limit of entries in one answer. */
const LINES_PER_ANSWER = 5000

const POLL_MILLISECONDS = 2000
const SETTLED_POLL_MILLISECONDS = 30_000

/** The time in which the trace's logs lie. Microseconds. */
function logWindow(spans: readonly Span[]): { start: number; end: number } {
  const now = currentTime()
  let start = Number.POSITIVE_INFINITY
  let end = Number.NEGATIVE_INFINITY
  for (const span of spans) {
    start = Math.min(start, span.start)
    end = Math.max(end, span.start + span.duration)
  }
  if (start > end) return { start: now - RUNNING_FOR, end: now + MARGIN }
  // The first spans to end may be far from the first to start.
  const isRecent = now - end < DAY
  return {
    start: isRecent ? start - DAY : start - 3600 * SECOND,
    end: isRecent ? now + MARGIN : end + DAY,
  }
}

interface Answer {
  readonly spans: readonly Span[]
  readonly records: readonly LogRecord[]
  readonly hasEarlierLines: boolean
}

async function askForTrace(traceId: string, signal: AbortSignal): Promise<Answer> {
  const spans = await fetchTrace(traceId, signal)
  const range = { ...logWindow(spans), limit: LINES_PER_ANSWER }
  // Announcements apart: a chatty command must not push them out of the answer.
  const [announcements, lines] = await Promise.all([
    fetchLogs({ query: announcementsOfTraceQuery(traceId), ...range }, signal),
    fetchLogs({ query: linesOfTraceQuery(traceId), ...range }, signal),
  ])
  return {
    spans,
    records: [...announcements, ...lines],
    hasEarlierLines: lines.length >= LINES_PER_ANSWER,
  }
}

const queryKeyOf = (traceId: string) => ['trace', traceId] as const

/** All that is known of a trace; `loadEarlier` asks for lines before the first one. */
export function useTrace(traceId: string) {
  const client = useQueryClient()
  const query = useLiveQuery<Telemetry, Answer>({
    queryKey: queryKeyOf(traceId),
    trace: traceId,
    ask: (signal) => askForTrace(traceId, signal),
    absorb: (known, answer) => ({
      ...withRecords(withSpans(known ?? emptyTelemetry(traceId), answer.spans), answer.records),
      hasEarlierLines: known?.hasEarlierLines ?? answer.hasEarlierLines,
    }),
    merge: (known, { spans, records }) => withRecords(withSpans(known, spans), records),
    pollEvery: (data) => (data && isSettled(data) ? SETTLED_POLL_MILLISECONDS : POLL_MILLISECONDS),
  })
  const loadEarlier = useMutation({
    mutationFn: async () => {
      const known = client.getQueryData<Telemetry>(queryKeyOf(traceId))
      const first = known?.lines[0]
      if (!known || !first) return
      const records = await fetchLogs(
        {
          query: linesOfTraceQuery(traceId),
          start: logWindow([...known.spans.values()]).start,
          end: Number(first.time / 1000n),
          limit: LINES_PER_ANSWER,
        },
        new AbortController().signal,
      )
      client.setQueryData<Telemetry>(
        queryKeyOf(traceId),
        (telemetry) =>
          telemetry && {
            ...withRecords(telemetry, records),
            hasEarlierLines: records.length >= LINES_PER_ANSWER,
          },
      )
    },
  })
  return { ...query, loadEarlier }
}

/** Nothing in it waits for its end. */
export const isSettled = ({ announcements, spans }: Telemetry) =>
  [...announcements.keys()].every((id) => spans.has(id))
