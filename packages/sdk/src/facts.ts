// What a step or a gate says of itself: what the program names, else what the environment says, as for the wrapper.

import { type Context, context, createContextKey } from '@opentelemetry/api'
import {
  type Environment,
  type Facts,
  factLayers,
  gitFacts,
  mergeFacts,
  parseRepository,
  withEvent,
} from '@stepwell/model'
import { warnOnce } from './harmless.ts'
import { soundInteger, soundText } from './sound.ts'
import { textOf } from './text-of.ts'

/**
 * What is known of a step before it ends. What is left out, or empty, is taken from the step around it in the program
 * (but for its name and attempt); else from the environment: the variable named here, what the step around this
 * process handed down, the CI system, git in the working folder.
 *
 * @example
 * new AgentStepTracer({ agent: 'rex', step: 'review', repo: 'acme/shop', prNumber: '7' }).start().finish()
 */
export interface StepFacts {
  /** Who works. `AGENT`, else `unknown`. */
  readonly agent?: string | undefined
  /** The step's name in its workflow. `STEP`, else `execute`. */
  readonly step?: string | undefined
  /** Which try this is, from 1 up. `ATTEMPT`, else 1. */
  readonly attempt?: number | undefined
  /** The stage of the workflow that it belongs to. `STAGE`. */
  readonly stage?: string | undefined
  /** `owner/name`, or the repository's address, which is recorded without credentials. `REPO`. */
  readonly repo?: string | undefined
  /** The pull request's number. `PR_NUMBER`. */
  readonly prNumber?: string | undefined
  /** The commit that is worked on. `COMMIT_SHA`. */
  readonly commitSha?: string | undefined
  /** The ticket that is served. `TASK_ID`. */
  readonly taskId?: string | undefined
  /** What tells this run of the workflow from all others; all its steps join one trace. `WORKFLOW_UID`. */
  readonly workflowUid?: string | undefined
  /** The run's name. `WORKFLOW_NAME`. */
  readonly workflowName?: string | undefined
  /** What the workflow is a run of. `WORKFLOW_TEMPLATE`. */
  readonly workflowTemplate?: string | undefined
  /** The node of Argo that runs it. `NODE_ID`. */
  readonly nodeId?: string | undefined
}

/**
 * Where a span of ours hangs, and where its facts are looked up.
 *
 * @example
 * const parent = extractFromEnvironment({ TRACEPARENT: message.traceparent })
 * await withStep({ agent: 'rex', step: 'review', parent }, review)
 */
export interface Placement {
  /**
   * What the span hangs under. Without it: the active span; else what the environment says
   * (`extractFromEnvironment`). With `ROOT_CONTEXT` neither is looked at, and the workflow's uid alone decides.
   */
  readonly parent?: Context | undefined
  /** Where facts and parent are looked up, in place of `process.env` and the working folder. */
  readonly env?: Environment | undefined
}

/** Holds the facts of the step that a context is inside of. */
const FACTS = createContextKey('stepwell.facts')

export const withFacts = (inside: Context, facts: Facts): Context => inside.setValue(FACTS, facts)

/** The facts of `given`, completed from the step around it in this process, then from the environment. */
export function completeFacts(
  kind: 'step' | 'gate',
  given: Facts,
  { parent, env }: Placement,
): Facts {
  const environment = env ?? process.env
  const [own, ...found] = factLayers(kind, soundFacts(given), environment, textOf, warnOnce)
  const around = { source: 'the step around it', facts: factsAround(kind, parent) }
  const layers = [own!, around, ...found]
  if (env) return mergeFacts(layers)
  const git = { source: 'git', facts: gitFacts(process.cwd(), textOf) }
  return mergeFacts([...withEvent(layers, environment, textOf), git])
}

/** A step inside a step has its own name; a gate belongs to the step that it runs in. */
function factsAround(kind: 'step' | 'gate', parent: Context = context.active()): Facts {
  const facts = parent.getValue?.(FACTS) as Facts | undefined
  return { ...facts, attempt: undefined, ...(kind === 'step' && { step: undefined }) }
}

function soundFacts(given: Facts): Facts {
  const { attempt, repo, ...texts } = given
  const facts: Record<string, string | number | undefined> = {}
  for (const name of TEXTS) facts[name] = soundText(texts[name], name)
  const named = soundText(repo, 'repo')
  return {
    ...facts,
    attempt: soundInteger(attempt, 'attempt', 1),
    repo: named,
    ...parseRepository(named ?? ''),
  }
}

const TEXTS = [
  'agent',
  'step',
  'stage',
  'gate',
  'prNumber',
  'commitSha',
  'taskId',
  'workflowUid',
  'workflowName',
  'workflowTemplate',
  'nodeId',
] as const
