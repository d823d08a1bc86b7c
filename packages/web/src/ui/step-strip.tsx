// A run's steps as a row of blocks: attempts of one step touch, gates are diamonds.

import { formatDuration } from '../model/format.ts'
import type { RunNode } from '../model/run.ts'
import { groupAttempts } from '../model/summary.ts'
import { microseconds } from '../model/telemetry.ts'
import { STATE_WORD } from './state.tsx'

const MOST_BLOCKS = 28

export function StepStrip({ steps }: { steps: readonly RunNode[] }) {
  const shown = steps.slice(0, MOST_BLOCKS)
  const more = steps.length - shown.length
  return (
    <span className="step-strip" role="img" aria-label={spoken(steps)}>
      {groupAttempts(shown).map((attempts) => (
        <span key={attempts[0]!.id} className="step-group">
          {attempts.map((step) => (
            <span
              key={step.id}
              className={`step-block is-${step.kind} is-${step.state}`}
              title={describe(step)}
            />
          ))}
        </span>
      ))}
      {more > 0 && <span className="step-more">+{more}</span>}
    </span>
  )
}

function describe(step: RunNode): string {
  const attempt = step.attempt > 1 ? `, attempt ${step.attempt}` : ''
  const duration =
    step.end === undefined ? '' : `, ${formatDuration(microseconds(step.end - step.start))}`
  const why = step.errorType ? ` (${step.errorType})` : ''
  return `${step.name}${attempt}: ${STATE_WORD[step.state].toLowerCase()}${why}${duration}`
}

function spoken(steps: readonly RunNode[]): string {
  const count = (state: RunNode['state']) => steps.filter((step) => step.state === state).length
  const parts = (['success', 'failure', 'lost', 'running'] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${STATE_WORD[state].toLowerCase()}`)
  return `${steps.length} steps and gates: ${parts.join(', ')}`
}
