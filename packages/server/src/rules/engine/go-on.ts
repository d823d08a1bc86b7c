// From one process to the next: what is noted of a group, and how it goes on from there.

import type { Source } from '@stepwell/promql'
import { PAUSE_TOLERANCE } from '../alerting.ts'
import { identityOf } from '../group.ts'
import type { RunningGroup } from './running-group.ts'
import type { GroupState } from './state-file.ts'

/** A group after its last evaluation. */
export const stateOf = ({ file, group, last, evaluation }: RunningGroup): GroupState => ({
  file,
  name: group.name,
  last,
  rules: evaluation.alerting.map(({ rule, alerts }) => ({
    name: rule.name,
    labels: Object.fromEntries(rule.labels),
    // Of a histogram the next evaluation tells.
    alerts: alerts.map((alert) => ({ ...alert, value: String(Number(alert.value)) })),
  })),
})

/** Takes up what is noted of a group; of one that nothing is noted of, what the series of its alerts say. */
export async function goOn(
  running: RunningGroup,
  state: GroupState | undefined,
  source: Source,
  now: number,
): Promise<void> {
  const { evaluation, group, stored } = running
  if (state === undefined) return evaluation.restore(now)
  const offset = group.queryOffset ?? 0
  await stored.read(source, group, state.last - offset, now)
  // After a longer pause alerts begin anew.
  if (now - state.last > PAUSE_TOLERANCE) return
  evaluation.takeOver(
    state.rules.map(({ name, labels, alerts }) => ({
      identity: identityOf({ kind: 'alerting', name, labels }),
      alerts: alerts.map((alert) => ({ ...alert, value: Number(alert.value) })),
      series: undefined,
    })),
  )
}
