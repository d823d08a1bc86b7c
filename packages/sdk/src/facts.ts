// What a step or a gate says of itself: what the program names, else what the environment says, as for the wrapper.

import { type Context, diag } from '@opentelemetry/api'
import {
  type Environment,
  type Facts,
  factLayers,
  mergeFacts,
  parseRepository,
} from '@stepwell/model'
import { textOf } from './text-of.ts'

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

/**
 * The facts of `given`, completed from what the environment says: the seed's variables, what the step around this
 * process handed down, the CI system. What is empty counts as absent.
 */
export function completeFacts(kind: 'step' | 'gate', given: Facts, env: Environment): Facts {
  const warn = (sentence: string) => diag.warn(`stepwell: ${sentence}`)
  const named = { ...given, ...parseRepository(given.repo ?? '') }
  return mergeFacts(factLayers(kind, named, env, textOf, warn))
}
