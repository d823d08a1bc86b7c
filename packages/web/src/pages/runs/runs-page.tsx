// All runs, live, the newest first. What one is reading does not move: see use-held-runs.ts.

import { getRouteApi } from '@tanstack/react-router'
import { useDeferredValue, useEffect, useRef, useState } from 'react'
import { useShortcuts } from '../../app/keyboard.ts'
import { LOOKBACK_DAYS, useRuns } from '../../data/runs.ts'
import type { RunSummary } from '../../model/summary.ts'
import { FailedQuery } from '../../ui/failed-query.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Notice } from '../../ui/notice.tsx'
import { FirstRun } from './first-run.tsx'
import { RunRow } from './run-row.tsx'
import { useHeldRuns } from './use-held-runs.ts'

const route = getRouteApi('/runs')
const PAGE = 50

export function RunsPage() {
  const [limit, setLimit] = useState(PAGE)
  const { runs, data, error, refetch, isFetching } = useRuns(limit)
  const { q = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const wanted = useDeferredValue(q)
  const found = runs.filter((run) => isFound(run, wanted))
  const list = useRef<HTMLDivElement>(null)
  const search = useRef<HTMLInputElement>(null)
  const held = useHeldRuns(found, list)

  useEffect(() => {
    document.title = 'Runs · Stepwell'
  }, [])
  useShortcuts([
    { keys: ['j', 'ArrowDown'], run: () => focusRow(list.current, 1) },
    { keys: ['k', 'ArrowUp'], run: () => focusRow(list.current, -1) },
    { keys: ['/'], run: () => search.current?.select() },
  ])

  const running = runs.filter(({ state }) => state === 'running').length
  const failed = runs.filter(({ state }) => state === 'failure').length
  const mayBeMore = runs.length >= limit
  return (
    <div className="page runs-page">
      <div className="page-head">
        <h1>Runs</h1>
        <p className="page-counts">
          {data && runs.length > 0 && (
            <>
              {running > 0 && <span className="is-running">{running} running</span>}
              {failed > 0 && <span className="is-failure">{failed} failed</span>}
              <span>
                {mayBeMore
                  ? `the newest ${runs.length}`
                  : `${runs.length} in the last ${LOOKBACK_DAYS} days`}
              </span>
            </>
          )}
        </p>
        <label className="search">
          <Icon name="search" size={14} />
          <span className="visually-hidden">Filter runs</span>
          <input
            ref={search}
            type="search"
            placeholder="Filter"
            value={q}
            onChange={(event) => {
              const text = event.target.value
              void navigate({ search: text ? { q: text } : {}, replace: true })
            }}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return
              event.currentTarget.blur()
              void navigate({ search: {}, replace: true })
            }}
          />
          <kbd>/</kbd>
        </label>
      </div>
      {error && <FailedQuery error={error} retry={() => void refetch()} hasData={!!data} />}
      {data && runs.length === 0 && <FirstRun />}
      {runs.length > 0 && found.length === 0 && (
        <Notice title="No run matches">
          Nothing of “{wanted}” in the names, repositories, PRs, tasks, agents, steps and errors of
          the {runs.length} runs here.
        </Notice>
      )}
      {(found.length > 0 || (!data && !error)) && (
        <div className="run-head" aria-hidden="true">
          <span />
          <span>Workflow</span>
          <span className="run-cell-steps">Steps</span>
          <span className="run-cell-agents">Agents</span>
          <span className="run-cell-duration">Duration</span>
          <span className="run-cell-started">Started</span>
        </div>
      )}
      {!data && !error && <LoadingRows />}
      <div ref={list}>
        {held.waiting > 0 && (
          <button type="button" className="new-runs" onClick={held.show}>
            <Icon name="arrowUp" size={13} />
            {held.waiting === 1 ? '1 new run' : `${held.waiting} new runs`}
          </button>
        )}
        <ol className="run-list">
          {held.shown.map((run) => (
            <RunRow key={run.traceId} run={run} />
          ))}
        </ol>
      </div>
      {data && mayBeMore && (
        <button
          type="button"
          className="button load-more"
          disabled={isFetching}
          onClick={() => setLimit(limit + PAGE)}
        >
          {isFetching ? 'Loading…' : 'Older runs'}
        </button>
      )}
    </div>
  )
}

function isFound(run: RunSummary, text: string): boolean {
  const { facts } = run
  const haystack = [
    run.title,
    run.name,
    run.traceId,
    run.state,
    facts.repo,
    facts.prNumber && `#${facts.prNumber}`,
    facts.taskId,
    ...run.agents,
    ...run.steps.flatMap((step) => [step.name, step.errorType]),
  ]
    .join('\n')
    .toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word))
}

/** Moves the focus among the rows by `by`; to the first row where it is on none. */
function focusRow(list: HTMLElement | null, by: number): void {
  const rows = [...(list?.querySelectorAll<HTMLElement>('.run-row') ?? [])]
  const at = rows.indexOf(document.activeElement as HTMLElement)
  const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}

function LoadingRows() {
  return (
    <div className="run-list" aria-busy="true" role="status">
      <span className="visually-hidden">Loading runs</span>
      {['a', 'b', 'c', 'd', 'e', 'f'].map((row) => (
        <div key={row} className="run-row is-loading" aria-hidden="true">
          <span className="bone is-round" />
          <span className="bone is-wide" />
        </div>
      ))}
    </div>
  )
}
