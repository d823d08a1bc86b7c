// The list of runs: asked for once, then kept up by the live feed, or by asking again where there is none.

import { ATTRIBUTE } from '@stepwell/model'
import { useMemo } from 'react'
import { fetchServices, searchTraces } from '../api/jaeger.ts'
import type { FeedBatch } from '../api/live.ts'
import { announcementsQuery, fetchLogs } from '../api/loki.ts'
import { type TelemetryByTrace, withTraces } from '../model/merge.ts'
import { buildRun } from '../model/run.ts'
import { type RunSummary, summarize } from '../model/summary.ts'
import type { Microseconds, Telemetry } from '../model/telemetry.ts'
import { currentTime, useClock } from './clock.ts'
import { useLiveQuery } from './live-query.ts'
import { isSettled } from './trace.ts'

const SECOND = 1e6
const DAY = 86_400 * SECOND

/** How far back the list looks. */
export const LOOKBACK_DAYS = 7

/** Announcements say that work started within this time; longer work is known from its last word. */
const STARTED_WITHIN = DAY
const RUNNING_WITHIN = 120 * SECOND

/** A clock of another machine may be ahead of this one's. */
const AHEAD = 3600 * SECOND

const MOST_ANNOUNCEMENTS = 2000
/** Our spans are looked for in so many services: Jaeger's search wants one by name. */
const MOST_SERVICES = 50
const MOST_RUNS = 1000
const POLL_MILLISECONDS = 2500

async function askForRuns(limit: number, signal: AbortSignal): Promise<FeedBatch> {
  const now = currentTime()
  const end = now + AHEAD
  const searches = async () => {
    const services = await fetchServices(signal)
    return Promise.all(
      services.slice(0, MOST_SERVICES).flatMap((service) =>
        // A workflow that nobody reported is known from its steps and gates alone.
        ['workflow', 'step', 'gate'].map((kind) =>
          searchTraces(
            {
              service,
              tags: { [ATTRIBUTE.kind]: kind },
              start: now - LOOKBACK_DAYS * DAY,
              end,
              limit,
            },
            signal,
          ),
        ),
      ),
    )
  }
  const announcements = (phase: 'started' | 'running', within: number) =>
    fetchLogs(
      {
        query: announcementsQuery(phase),
        start: now - within,
        end,
        limit: MOST_ANNOUNCEMENTS,
      },
      signal,
    )
  const [spans, started, running] = await Promise.all([
    searches(),
    announcements('started', STARTED_WITHIN),
    announcements('running', RUNNING_WITHIN),
  ])
  return { spans: spans.flat(), records: [...started, ...running] }
}

/** The runs, newest first, and how the asking went. `limit`: of each kind of search. */
export function useRuns(limit: number) {
  const query = useLiveQuery<TelemetryByTrace, FeedBatch>({
    queryKey: ['runs', limit],
    trace: undefined,
    ask: (signal) => askForRuns(limit, signal),
    absorb: (known, { spans, records }) => withTraces(known ?? NONE, spans, records, MOST_RUNS),
    merge: (known, { spans, records }) => withTraces(known, spans, records, MOST_RUNS),
    pollEvery: () => POLL_MILLISECONDS,
  })
  const now = useClock(5000)
  const since = query.listeningSince(now)
  const runs = useMemo(() => summariesOf(query.data ?? NONE, now, since), [query.data, now, since])
  return { ...query, runs }
}

const NONE: TelemetryByTrace = new Map()

const settled = new WeakMap<Telemetry, RunSummary>()

/** Runs change with time only while something in them is announced and has not ended. */
function summariesOf(
  traces: TelemetryByTrace,
  now: Microseconds,
  listeningSince: Microseconds,
): RunSummary[] {
  const summaries: RunSummary[] = []
  for (const telemetry of traces.values()) {
    const known = settled.get(telemetry)
    const summary = known ?? summarize(buildRun(telemetry, now, listeningSince))
    if (!summary) continue
    if (!known && isSettled(telemetry)) settled.set(telemetry, summary)
    summaries.push(summary)
  }
  return summaries.sort((a, b) => b.start - a.start || (a.traceId < b.traceId ? -1 : 1))
}
