// Logs by Loki's API: output of commands, and the announcements of running work, which are log records too.

import type { LogRecord } from '../model/records.ts'
import { getJson } from './http.ts'

type Metadata = LogRecord['metadata']

/** Streams as `query_range` answers them, with and without `categorize-labels`, and as the live feed sends them. */
export interface LokiStreams {
  readonly stream: Metadata
  /** Nanoseconds as decimal text, the line, and its structured metadata, bare or under `structuredMetadata`. */
  readonly values: readonly (readonly [string, string, unknown?])[]
}

export function recordsOf(streams: readonly LokiStreams[]): LogRecord[] {
  return streams.flatMap(({ stream, values }) =>
    values.map(([time, text, third]) => ({
      time: BigInt(time),
      text,
      metadata: { ...stream, ...structuredMetadata(third) },
    })),
  )
}

function structuredMetadata(third: unknown): Metadata {
  if (typeof third !== 'object' || third === null) return {}
  return (
    'structuredMetadata' in third && typeof third.structuredMetadata === 'object'
      ? third.structuredMetadata
      : third
  ) as Metadata
}

/** All that runs has a service name; Loki wants one matcher that is not empty. */
const EVERYTHING = '{service_name=~".+"}'

/** Text as a LogQL string. */
const quoted = (text: string) => JSON.stringify(text)

export const linesOfTraceQuery = (traceId: string) => `${EVERYTHING} | trace_id=${quoted(traceId)}`

export const announcementsQuery = (phase: 'started' | 'running') =>
  `${EVERYTHING} | event_name=~"stepwell[.](workflow|stage|step|gate)[.]${phase}"`

export const announcementsOfTraceQuery = (traceId: string) =>
  `${linesOfTraceQuery(traceId)} | event_name=~"stepwell[.].+"`

/** The newest `limit` records of the query between two times in microseconds, in the order of their time. */
export async function fetchLogs(
  search: {
    readonly query: string
    readonly start: number
    readonly end: number
    readonly limit: number
  },
  signal: AbortSignal,
): Promise<LogRecord[]> {
  const answer = await getJson(
    '/loki/api/v1/query_range',
    {
      query: search.query,
      start: `${Math.floor(search.start)}000`,
      end: `${Math.ceil(search.end)}000`,
      limit: String(search.limit),
      direction: 'backward',
    },
    signal,
    { 'X-Loki-Response-Encoding-Flags': 'categorize-labels' },
  )
  const data = (answer as { data?: { result?: LokiStreams[] } } | null)?.data
  return recordsOf(data?.result ?? []).sort(byTime)
}

const byTime = (a: { time: bigint }, b: { time: bigint }) =>
  a.time < b.time ? -1 : a.time > b.time ? 1 : 0
