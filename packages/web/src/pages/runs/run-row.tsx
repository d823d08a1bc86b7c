// One run in a line: how it stands, what it is, whom it serves, its steps, how long, since when.

import { ATTRIBUTE } from '@stepwell/model'
import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import type { RunNode } from '../../model/run.ts'
import type { RunSummary } from '../../model/summary.ts'
import { attributeOf } from '../../model/telemetry.ts'
import { FromItsSteps, PurposeFacts } from '../../ui/run-facts.tsx'
import { StateMark } from '../../ui/state.tsx'
import { StepStrip } from '../../ui/step-strip.tsx'
import { Ago, Duration } from '../../ui/time.tsx'

export const RunRow = memo(function RunRow({ run }: { run: RunSummary }) {
  const { facts, failure } = run
  return (
    <li>
      <Link
        to="/runs/$traceId"
        params={{ traceId: run.traceId }}
        className={`run-row is-${run.state}`}
      >
        <StateMark state={run.state} isLabelled />
        <span className="run-cell-name">
          <span className="run-title">
            <strong>{run.title}</strong>
            {run.name && <span className="run-name">{run.name}</span>}
            {!run.reported && <FromItsSteps />}
          </span>
          <span className="run-facts">
            {failure && <WhyInShort run={run} />}
            <PurposeFacts facts={facts} />
          </span>
        </span>
        <span className="run-cell-steps">
          <StepStrip steps={run.steps} />
        </span>
        <span className="run-cell-agents" title={run.agents.join(', ')}>
          {run.agents.join(', ')}
        </span>
        <span className="run-cell-duration">
          {isUnknown(run) ? '–' : <Duration start={run.start} end={run.end} />}
        </span>
        <span className="run-cell-started">
          <Ago time={run.start} />
        </span>
      </Link>
    </li>
  )
})

/** The list asks for the first word of lost work, not for its last. */
const isUnknown = ({ state, start, end }: RunSummary) =>
  state === 'lost' && end !== undefined && end - start < 1e6

function WhyInShort({ run: { failure, state } }: { run: RunSummary }) {
  if (!failure || failure.kind === 'workflow') return null
  const what = failure.facts.gate ?? failure.facts.step ?? failure.name
  const why = reasonOf(failure)
  return <span className={`why-short is-${state}`}>{why ? `${what}: ${why}` : what}</span>
}

/** The exit code says more than that it was one. */
function reasonOf({ errorType, state, span }: RunNode): string | undefined {
  const exit = attributeOf(span?.attributes ?? [], ATTRIBUTE.exitCode)
  if (errorType === 'nonzero_exit' && exit !== undefined) return `exit code ${exit}`
  return errorType ?? (state === 'lost' ? 'went silent' : undefined)
}
