// One run: how it went and why on top, the waterfall, and beside it the selected span with its logs.

import { getRouteApi, Link } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { type Shortcut, useShortcuts } from '../../app/keyboard.ts'
import { useClock } from '../../data/clock.ts'
import { isSettled, useTrace } from '../../data/trace.ts'
import { ancestorsOf, indexOf, nextError, timeSpanOf } from '../../model/layout.ts'
import { buildRun, type NodeState } from '../../model/run.ts'
import { summarize } from '../../model/summary.ts'
import type { Microseconds, Telemetry } from '../../model/telemetry.ts'
import { FailedQuery } from '../../ui/failed-query.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Failure } from './failure.tsx'
import { RunHeader } from './run-header.tsx'
import { SpanPanel } from './span-panel.tsx'
import { Waterfall } from './waterfall.tsx'

const route = getRouteApi('/runs/$traceId')

export function RunPage() {
  const { traceId } = route.useParams()
  const { data, error, refetch, loadEarlier, listeningSince } = useTrace(traceId)
  const retry = () => void refetch()
  if (!data)
    return error ? (
      <FailedQuery error={error} retry={retry} hasData={false} />
    ) : (
      <div className="page run-page is-loading" aria-busy="true" role="status">
        <span className="visually-hidden">Loading the run</span>
        <div className="bone is-title" />
        <div className="bone is-facts" />
        <div className="bone is-waterfall" />
      </div>
    )
  return (
    <>
      {error && <FailedQuery error={error} retry={retry} hasData />}
      {data.spans.size + data.announcements.size === 0 ? (
        <Notice title="Nothing is known of this run">
          <p>
            No span and no announcement of the trace <code>{traceId}</code>. If it has only just
            begun, it shows here by itself. <Link to="/runs">All runs</Link>
          </p>
        </Notice>
      ) : (
        <KnownRun
          key={traceId}
          telemetry={data}
          listeningSince={listeningSince}
          loadEarlier={() => loadEarlier.mutate()}
          isLoadingEarlier={loadEarlier.isPending}
        />
      )}
    </>
  )
}

function KnownRun({
  telemetry,
  listeningSince,
  loadEarlier,
  isLoadingEarlier,
}: {
  telemetry: Telemetry
  listeningSince: (now: Microseconds) => Microseconds
  loadEarlier: () => void
  isLoadingEarlier: boolean
}) {
  const { span: selected, view = 'logs' } = route.useSearch()
  const navigate = route.useNavigate()
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set())
  const now = useClock(1000, !isSettled(telemetry))
  const since = listeningSince(now)
  const { spans, announcements, traceId } = telemetry
  // Log lines change often and say nothing of the tree.
  const run = useMemo(
    () =>
      buildRun({ traceId, spans, announcements, lines: [], hasEarlierLines: false }, now, since),
    [traceId, spans, announcements, now, since],
  )
  const summary = useMemo(() => summarize(run), [run])
  const span = timeSpanOf(run, now)

  // Without a choice: why it failed, else the whole run.
  const chosen = indexOf(run, selected)
  const shown = chosen >= 0 ? chosen : Math.max(0, indexOf(run, summary?.failure?.id))

  const select = useCallback(
    (id: string | undefined) =>
      navigate({
        search: ({ span: _, ...rest }) => (id === undefined ? rest : { ...rest, span: id }),
        replace: true,
      }),
    [navigate],
  )
  const reveal = useCallback(
    (index: number) => {
      const node = run.nodes[index]
      if (!node) return
      const ancestors = ancestorsOf(run, index)
      setCollapsed((known) =>
        ancestors.some((id) => known.has(id))
          ? new Set([...known].filter((id) => !ancestors.includes(id)))
          : known,
      )
      void select(node.id)
    },
    [run, select],
  )
  const showView = (next: 'logs' | 'details') =>
    navigate({
      search: ({ view: _, ...rest }) => (next === 'logs' ? rest : { ...rest, view: next }),
      replace: true,
    })

  const shortcuts: Shortcut[] = [
    { keys: ['e'], run: () => reveal(nextError(run, shown)) },
    { keys: ['l'], run: () => void showView('logs') },
    { keys: ['d'], run: () => void showView('details') },
    { keys: ['Escape'], run: () => void select(undefined) },
  ]
  useShortcuts(shortcuts)
  useEffect(() => {
    if (summary) document.title = `${TITLE_MARK[summary.state]}${summary.title} · Stepwell`
  }, [summary])

  if (!summary) return null
  return (
    <div className="page run-page">
      <RunHeader summary={summary} run={run} />
      {summary.failure && (
        <Failure
          run={run}
          failure={summary.failure}
          lines={telemetry.lines}
          show={() => reveal(indexOf(run, summary.failure?.id))}
        />
      )}
      <div className="run-body">
        <Waterfall
          run={run}
          span={span}
          now={now}
          selected={shown}
          isChosen={chosen >= 0}
          collapsed={collapsed}
          setCollapsed={setCollapsed}
          select={reveal}
        />
        <SpanPanel
          run={run}
          index={shown}
          view={view}
          setView={(next) => void showView(next)}
          telemetry={telemetry}
          loadEarlier={loadEarlier}
          isLoadingEarlier={isLoadingEarlier}
        />
      </div>
    </div>
  )
}

const TITLE_MARK: Readonly<Record<NodeState, string>> = {
  running: '● ',
  lost: '? ',
  success: '✓ ',
  failure: '✗ ',
  skipped: '',
  plain: '',
}
