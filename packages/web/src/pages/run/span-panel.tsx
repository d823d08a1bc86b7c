// Beside the waterfall: the selected span, its logs or its details.

import type { Run } from '../../model/run.ts'
import type { Telemetry } from '../../model/telemetry.ts'
import { STATE_WORD, StateMark } from '../../ui/state.tsx'
import { Duration } from '../../ui/time.tsx'
import { Logs } from './logs.tsx'
import { SpanDetails } from './span-details.tsx'

const VIEWS = { logs: 'Logs', details: 'Details' } as const
type View = keyof typeof VIEWS

export function SpanPanel(props: {
  run: Run
  index: number
  view: View
  setView: (view: View) => void
  telemetry: Telemetry
  loadEarlier: () => void
  isLoadingEarlier: boolean
}) {
  const { run, index, view, setView, telemetry, loadEarlier, isLoadingEarlier } = props
  const node = run.nodes[index]
  if (!node) return null
  return (
    <section className="panel" aria-label="Selected span">
      <header className="panel-head">
        <h2 title={node.name}>
          <StateMark state={node.state} />
          <span>{node.name}</span>
          {node.attempt > 1 && <span className="tag">attempt {node.attempt}</span>}
        </h2>
        <span className="panel-facts">
          {STATE_WORD[node.state] && (
            <span className={`state-word is-${node.state}`}>{STATE_WORD[node.state]}</span>
          )}
          <Duration start={node.start} end={node.end} />
        </span>
      </header>
      <div className="tabs" role="tablist" aria-label="What of the span">
        {(Object.keys(VIEWS) as View[]).map((key) => (
          <button
            key={key}
            type="button"
            role="tab"
            id={`tab-${key}`}
            aria-selected={view === key}
            aria-controls="panel-content"
            onClick={() => setView(key)}
          >
            {VIEWS[key]}
          </button>
        ))}
      </div>
      <div
        className="panel-content"
        id="panel-content"
        role="tabpanel"
        aria-labelledby={`tab-${view}`}
      >
        {view === 'logs' ? (
          <Logs
            key={node.id}
            run={run}
            index={index}
            lines={telemetry.lines}
            hasEarlier={telemetry.hasEarlierLines}
            loadEarlier={loadEarlier}
            isLoadingEarlier={isLoadingEarlier}
          />
        ) : (
          <SpanDetails run={run} node={node} />
        )}
      </div>
    </section>
  )
}
