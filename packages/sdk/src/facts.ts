// What a step or a gate says of itself: what the program names, else what the environment says, as for the wrapper.

import { readFileSync } from 'node:fs'
import { type Context, diag } from '@opentelemetry/api'
import {
  detectSystem,
  type Environment,
  environmentFacts,
  type Facts,
  handedDownFacts,
  mergeFacts,
  parseRepository,
} from '@stepwell/model'

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
  const around = handedDownFacts(env)
  return mergeFacts([
    { source: 'given', facts: { ...given, ...parseRepository(given.repo ?? '') } },
    { source: 'environment', facts: environmentFacts(env, warn) },
    // A step inside a step has its own name; a gate belongs to the step that it runs in.
    { source: 'step around', facts: kind === 'gate' ? around : { ...around, step: undefined } },
    { source: 'CI system', facts: detectSystem(env, argoNamespace)?.facts ?? {} },
  ])
}

const ARGO_NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'

function argoNamespace(): string | undefined {
  try {
    return readFileSync(ARGO_NAMESPACE_FILE, 'utf8').trim()
  } catch {
    return undefined
  }
}
