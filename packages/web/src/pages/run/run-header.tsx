// What the run is, how it stands, and whom it served.

import { Link } from '@tanstack/react-router'
import type { Run } from '../../model/run.ts'
import { groupAttempts, type RunSummary } from '../../model/summary.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Fact } from '../../ui/fact.tsx'
import { FromItsSteps, PurposeFacts } from '../../ui/run-facts.tsx'
import { STATE_WORD, StateMark } from '../../ui/state.tsx'
import { Ago, Duration } from '../../ui/time.tsx'

export function RunHeader({ summary, run }: { summary: RunSummary; run: Run }) {
  const { facts } = summary
  return (
    <header className="run-header">
      <nav className="crumbs" aria-label="Breadcrumb">
        <Link to="/runs">Runs</Link>
        <span aria-hidden="true">/</span>
      </nav>
      <h1>
        {summary.title}
        {summary.name && <span className="run-name">{summary.name}</span>}
      </h1>
      <div className="run-line">
        <span className={`state-pill is-${summary.state}`}>
          <StateMark state={summary.state} />
          {STATE_WORD[summary.state]}
        </span>
        <span className="fact">
          <span className="visually-hidden">Duration </span>
          <Duration start={summary.start} end={summary.end} />
        </span>
        <span className="fact is-muted">
          <Ago time={summary.start} />
        </span>
        <span className="fact is-muted">{countSteps(summary)}</span>
        {!summary.reported && <FromItsSteps />}
        <span className="run-line-facts">
          <PurposeFacts facts={facts} />
          {facts.commitSha && (
            <Fact icon="commit" label="Commit">
              <span className="mono">{facts.commitSha.slice(0, 8)}</span>
            </Fact>
          )}
          {summary.agents.length > 0 && (
            <Fact icon="agent" label="Agents">
              {summary.agents.join(', ')}
            </Fact>
          )}
          <Fact icon="trace" label="Trace">
            <span className="mono">{run.traceId.slice(0, 8)}</span>
            <CopyButton text={run.traceId} label="the trace id" />
          </Fact>
        </span>
      </div>
    </header>
  )
}

/** `4 steps, 1 retried · 212 spans` */
function countSteps({ steps }: RunSummary): string {
  const groups = groupAttempts(steps.filter(({ kind }) => kind === 'step'))
  const gates = steps.filter(({ kind }) => kind === 'gate').length
  const retried = groups.filter((attempts) => attempts.length > 1).length
  const parts = [plural(groups.length, 'step')]
  if (retried > 0) parts.push(`${retried} retried`)
  if (gates > 0) parts.push(plural(gates, 'gate'))
  return parts.join(', ')
}

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`
