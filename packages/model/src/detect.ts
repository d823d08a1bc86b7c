// What an environment says of the work that runs in it: the seed's variables, what a step handed down, and the
// CI system. Pure functions over an environment record; derivation.md, "The uid of a workflow".

import { ATTRIBUTE, type StepwellKind } from './attributes.ts'
import { parseAttempt } from './detect-attempt.ts'
import { parseRepository } from './detect-repository.ts'
import { detectSystem } from './detect-system.ts'
import { type Environment, FACT_VARIABLES } from './environment.ts'
import { parseResourceAttributes } from './resource.ts'
import type { Facts } from './span.ts'

export { parseAttempt } from './detect-attempt.ts'

/** Facts, and where they were found; `stepwell context` names the source. */
export interface FactLayer {
  readonly source: string
  readonly facts: Facts
}

/** The first layer that knows a fact wins. Name and address of a repository come from one layer, never mixed. */
export function mergeFacts(layers: readonly FactLayer[]): Facts {
  const merged: Record<string, string | number> = {}
  for (const { facts } of layers) {
    const otherRepository = merged.repo !== undefined && merged.repo !== facts.repo
    for (const [name, value] of Object.entries(facts)) {
      if (value === undefined || value === '' || name in merged) continue
      if (name === 'repoUrl' && otherRepository) continue
      merged[name] = value
    }
  }
  return merged
}

/**
 * What is known of a piece of work, the strongest first: what was given, the seed's variables, what the step around
 * it handed down, the CI system.
 * @param readFile gives a small file's text, or undefined where it cannot be read.
 * @param warn is told of values that cannot be used, in sentences.
 */
export function factLayers(
  kind: StepwellKind,
  given: Facts,
  environment: Environment,
  readFile: (path: string) => string | undefined,
  warn: (sentence: string) => void,
): FactLayer[] {
  const around = handedDownFacts(environment)
  const system = detectSystem(environment, readFile)
  return [
    { source: 'given', facts: given },
    { source: 'environment', facts: environmentFacts(environment, warn) },
    // A step inside a step has its own name; a gate belongs to the step that it runs in.
    {
      source: 'OTEL_RESOURCE_ATTRIBUTES',
      facts: kind === 'gate' ? around : { ...around, step: undefined },
    },
    ...(system ? [{ source: system.system, facts: system.facts }] : []),
  ]
}

/** The seed's variables. A value that cannot be used is left out and told to `warn`, in a sentence. */
export function environmentFacts(
  environment: Environment,
  warn: (sentence: string) => void = () => {},
): Facts {
  const facts: Record<string, string | number> = {}
  for (const [name, variable] of Object.entries(FACT_VARIABLES)) {
    const value = environment[variable]
    if (value === undefined || value === '') continue
    // Argo and Tekton leave a tag that they cannot resolve as it stands, Azure a variable: as a node id it would make
    // every step the same span, as a uid every run the same trace.
    if (/^\{\{.*\}\}$|^\$\(.*\)$/.test(value))
      warn(`${variable}=${value} is ignored: a tag nobody resolved`)
    else if (name === 'repo') Object.assign(facts, present(parseRepository(value)))
    else if (name !== 'attempt') facts[name] = value
    else {
      const attempt = parseAttempt(value)
      if (attempt === undefined)
        warn(`${variable}=${value} is ignored: an attempt is a whole number from 1 up`)
      else facts[name] = attempt
    }
  }
  return facts
}

/** What the step around this one wrote into `OTEL_RESOURCE_ATTRIBUTES`, or the user did. */
export function handedDownFacts(environment: Environment): Facts {
  const attributes = parseResourceAttributes(environment.OTEL_RESOURCE_ATTRIBUTES ?? '') ?? {}
  return present({
    agent: attributes[ATTRIBUTE.agent],
    repo: attributes[ATTRIBUTE.repo],
    prNumber: attributes[ATTRIBUTE.prNumber],
    taskId: attributes[ATTRIBUTE.taskId],
    step: attributes[ATTRIBUTE.stepName],
    workflowUid: attributes[ATTRIBUTE.workflowUid],
  })
}

/** The entries that have a value. */
function present<T extends object>(values: T | undefined): T {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values ?? {}))
    if (value !== undefined && value !== '') kept[name] = value
  return kept as T
}
