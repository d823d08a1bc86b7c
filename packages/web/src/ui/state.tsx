// How work stands, as a mark with a shape of its own (never by colour alone) and as a word.

import type { NodeState } from '../model/run.ts'
import { Icon, type IconName } from './icon.tsx'

export const STATE_WORD: Readonly<Record<NodeState, string>> = {
  running: 'Running',
  lost: 'Lost',
  success: 'Succeeded',
  failure: 'Failed',
  skipped: 'Skipped',
  plain: '',
}

const STATE_ICON: Readonly<Partial<Record<NodeState, IconName>>> = {
  success: 'check',
  failure: 'cross',
  lost: 'question',
  skipped: 'dash',
}

/** A round mark. Its word is read out where `isLabelled`; elsewhere the text beside it says it. */
export function StateMark({
  state,
  isLabelled = false,
}: {
  state: NodeState
  isLabelled?: boolean
}) {
  const icon = STATE_ICON[state]
  return (
    <span className={`state-mark is-${state}`} title={STATE_WORD[state] || undefined}>
      {icon && <Icon name={icon} size={12} />}
      {isLabelled && <span className="visually-hidden">{STATE_WORD[state]}</span>}
    </span>
  )
}
