// The two JSON lines of design.md section 4: for collectors that read a container's output, and for people.

import { ATTRIBUTE, type Attributes, type StepwellKind } from '@stepwell/model/attributes'
import type { Identity } from '@stepwell/model/detect-identity'
import { outcomeOf } from '@stepwell/model/outcome'
import { type End, type Facts, resultOfEnd, startAttributes } from '@stepwell/model/span'

const OURS = new Set<string>(Object.values(ATTRIBUTE))
const NOUN: Readonly<Record<StepwellKind, string>> = {
  workflow: 'agent workflow',
  stage: 'agent stage',
  step: 'agent step',
  gate: 'agent gate',
  task: 'agent task',
}

export function startedLine(kind: StepwellKind, facts: Facts, identity: Identity): string {
  return line(identity, 'info', `${NOUN[kind]} started`, ownAttributes(kind, facts))
}

/** @param durationMilliseconds of the command. */
export function endedLine(
  kind: StepwellKind,
  facts: Facts,
  identity: Identity,
  end: End,
  durationMilliseconds: number,
): string {
  const outcome = outcomeOf(resultOfEnd(end))
  const failed = outcome === 'failure'
  return line(
    identity,
    failed ? 'error' : 'info',
    `${NOUN[kind]} ${failed ? 'failed' : 'completed'}`,
    {
      ...ownAttributes(kind, facts),
      exit_code: end.exitCode ?? 0,
      duration_ms: Math.round(durationMilliseconds),
      outcome: outcome ?? 'skip',
      ...(end.errorType && { error_type: end.errorType }),
    },
  )
}

const ANNOUNCEMENT =
  /^\{"trace_id":"[0-9a-f]{32}","span_id":"[0-9a-f]{16}","level":"(info|error)","msg":"agent (workflow|stage|step|gate|task) (started|completed|failed)",/

/** Whether a line of output is one of these, of work further in: what it says is known from that work itself. */
export const isAnnouncement = (text: string): boolean => ANNOUNCEMENT.test(text)

/** The seed's names; the twins say nothing more. */
function ownAttributes(kind: StepwellKind, facts: Facts): Attributes {
  const own: Attributes = {}
  for (const [name, value] of Object.entries(startAttributes(kind, facts)))
    if (OURS.has(name)) own[name] = value
  return own
}

const line = (
  { traceId, spanId }: Identity,
  level: 'info' | 'error',
  msg: string,
  rest: Attributes,
): string => JSON.stringify({ trace_id: traceId, span_id: spanId, level, msg, ...rest })
