// How a pod died, by the text that Kubernetes and Argo have for it.

import type { ErrorType } from '@stepwell/model/outcome'
import { signalOf } from '../step/end.ts'

export interface Death {
  readonly errorType: ErrorType
  readonly exitCode: number | undefined
  /** Whether it was of a kind that leaves a step no time to report itself. */
  readonly sudden: boolean
}

/** `main: OOMKilled (exit code 137)`; what may follow is the command's own text. */
const CONTAINER = /^(?:(\S+): )?(\w+) \(exit code (\d+)\)/

const DEATHS: readonly (readonly [RegExp, ErrorType])[] = [
  [
    /longer than the specified deadline|exceeded (its|workflow) deadline|DeadlineExceeded/,
    'timeout',
  ],
  [/\boom\b|oomkill|out of memory/i, 'oom_killed'],
  // Before eviction: it was the step itself that filled its disk.
  [/ephemeral[- ](local )?storage.*exceed|exceed.*ephemeral[- ](local )?storage/i, 'disk_full'],
  [/evict|low on resource|preempt/i, 'lost'],
  [
    /pod deleted|node ?lost|node shutdown|node is (shutting|not ready)|neither main nor wait/i,
    'lost',
  ],
]

export function deathOf(message: string): Death {
  const container = CONTAINER.exec(message)
  if (container) return ofContainer(container)
  const known = DEATHS.find(([pattern]) => pattern.test(message))
  if (known) return { errorType: known[1], exitCode: undefined, sudden: true }
  const stopped = /shutdown with strategy/i.test(message)
  return { errorType: stopped ? 'canceled' : 'lost', exitCode: undefined, sudden: false }
}

function ofContainer([, name, reason, code]: RegExpExecArray): Death {
  const exitCode = Number(code)
  const outOfMemory = reason === 'OOMKilled'
  const errorType = outOfMemory ? 'oom_killed' : (signalOf(exitCode) ?? 'nonzero_exit')
  // Argo's own containers may die when the step has long reported.
  const ofStep = name !== 'wait' && name !== 'init'
  return { errorType, exitCode, sudden: ofStep && (outOfMemory || exitCode === 137) }
}
