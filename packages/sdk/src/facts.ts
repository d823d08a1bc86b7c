// What a step or a gate says of itself: what the program names, else the seed's environment variables.

import type { Context } from '@opentelemetry/api'
import { type Environment, FACT_VARIABLES, type Facts } from '@stepwell/model'

/** What every span of ours takes beside its facts. */
export interface Placement {
  /**
   * What the span hangs under. Without it: the active span; else what the environment says
   * (`extractFromEnvironment`). With `ROOT_CONTEXT` neither is looked at, and the workflow's uid alone decides.
   */
  readonly parent?: Context | undefined
  /** Where facts and parent are looked up. Default `process.env`. */
  readonly env?: Environment | undefined
}

const FACTS = Object.keys(FACT_VARIABLES) as (keyof typeof FACT_VARIABLES)[]

/** The facts of `given`, completed from `env`: a variable that is empty counts as absent. */
export function completeFacts(given: Facts, env: Environment): Facts {
  const facts: { -readonly [K in keyof Facts]: Facts[K] } = {
    gate: given.gate,
    repoUrl: given.repoUrl,
  }
  for (const name of FACTS) {
    if (name === 'attempt') facts.attempt = given.attempt ?? attemptOf(env[FACT_VARIABLES.attempt])
    else facts[name] = given[name] || env[FACT_VARIABLES[name]] || undefined
  }
  return facts
}

/** 1, 2, …; anything else is no attempt. */
function attemptOf(text: string | undefined): number | undefined {
  return text && /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : undefined
}
