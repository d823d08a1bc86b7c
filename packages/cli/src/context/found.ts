// What an `exec` here would find, and from where: the facts, whose span it would be, where its telemetry would go.
// Nothing is claimed, sent or written.

import { ATTRIBUTE, TWIN } from '@stepwell/model/attributes'
import { type FactLayer, factLayers, mergeFacts } from '@stepwell/model/detect'
import { withEvent } from '@stepwell/model/detect-event'
import { type Environment, FACT_VARIABLES } from '@stepwell/model/environment'
import { ownResource } from '@stepwell/model/resource'
import { samplerWarning } from '@stepwell/model/sampler'
import { DEFAULT_AGENT, DEFAULT_STEP, type Facts } from '@stepwell/model/span'
import { Spool } from '@stepwell/otlp/spool/spool'
import { spoolFolder } from '@stepwell/otlp/spool/where'
import { STEP_FACT_FLAGS } from '../fact-flags.ts'
import { pathExists, readSmallFile } from '../libc.ts'
import { gitFacts } from '../report/git.ts'
import { Redaction } from '../report/redaction.ts'
import { foundRules } from '../report/rules.ts'
import { runningEngine } from '../run/engine.ts'
import { type FoundEndpoint, foundEndpoints } from './endpoints.ts'
import { type FoundIdentity, foundIdentity } from './identity.ts'

/** A flag, a variable, a CI system's name, `git`, `default`. */
export interface FoundFact {
  readonly value: string | number
  readonly source: string
}

/** What `stepwell context --json` prints, as it would be sent: without secrets. Fields may be added; those that are here keep their name and meaning. */
export interface Found {
  /** `Argo`, `GitHub Actions`, …; null where none runs this. */
  readonly system: string | null
  /** By the name of the span's attribute: `agent`, `step.name`, `pr.number`, … Absent where nothing says it. */
  readonly facts: Readonly<Record<string, FoundFact>>
  readonly identity: FoundIdentity
  /** Resource attributes of what is sent: strings by name. */
  readonly resource: Readonly<Record<string, string>>
  /** `traces`, `metrics` and `logs`. */
  readonly endpoints: Readonly<Record<string, FoundEndpoint>>
  /** The folder of what could not be delivered, and how many requests wait there; null where it cannot be read. */
  readonly spool: { readonly folder: string; readonly waiting: number | null }
  /** Sentences about what was ignored. */
  readonly warnings: readonly string[]
}

export function found(given: Facts, environment: Environment, folder: string): Found {
  const warnings: string[] = []
  const warn = (sentence: string) => {
    if (!warnings.includes(sentence)) warnings.push(sentence)
  }
  const atStart = factLayers('step', given, environment, readSmallFile, warn)
  const layers = [
    ...withEvent(atStart, environment, readSmallFile),
    { source: 'git', facts: gitFacts(folder) },
    { source: 'default', facts: { agent: DEFAULT_AGENT, step: DEFAULT_STEP, attempt: 1 } },
  ]
  // As `exec` does: git and the event come when the ids are made.
  const identity = foundIdentity(mergeFacts(atStart), environment, pathExists, warn)
  const sampler = samplerWarning(environment)
  if (sampler) warn(sampler)
  const redaction = new Redaction(environment, foundRules(environment, warn).redact)
  const engine = runningEngine(environment)
  const spool = spoolFolder(environment)
  return {
    system: atStart.find(({ source }) => !OURS.includes(source))?.source ?? null,
    facts: factsWithSources(layers, redaction),
    identity,
    resource: redaction.values(ownResource(environment, warn)),
    endpoints: foundEndpoints(environment, engine, warn),
    spool: { folder: spool, waiting: waitingIn(spool) },
    warnings,
  }
}

function waitingIn(folder: string): number | null {
  try {
    return new Spool(folder).names().length
  } catch {
    return null
  }
}

/** Layers that are no CI system. */
const OURS = ['given', 'environment', 'OTEL_RESOURCE_ATTRIBUTES']

/** In the order of the text. */
const NAMES: Readonly<Record<Exclude<keyof Facts, 'gate'>, string>> = {
  agent: ATTRIBUTE.agent,
  step: ATTRIBUTE.stepName,
  attempt: ATTRIBUTE.stepAttempt,
  stage: ATTRIBUTE.stage,
  repo: ATTRIBUTE.repo,
  repoUrl: TWIN.repositoryUrl,
  prNumber: ATTRIBUTE.prNumber,
  commitSha: ATTRIBUTE.commitSha,
  taskId: ATTRIBUTE.taskId,
  workflowUid: ATTRIBUTE.workflowUid,
  workflowName: ATTRIBUTE.workflowName,
  workflowTemplate: ATTRIBUTE.workflowTemplate,
  nodeId: ATTRIBUTE.nodeId,
}

function factsWithSources(
  layers: readonly FactLayer[],
  redaction: Redaction,
): Record<string, FoundFact> {
  const merged: Facts = mergeFacts(layers)
  const told = redaction.values(merged as Record<string, string | number>)
  const facts: Record<string, FoundFact> = {}
  for (const [fact, name] of Object.entries(NAMES) as [Exclude<keyof Facts, 'gate'>, string][]) {
    const value = merged[fact]
    const layer = layers.find((one) => one.facts[fact] === value)
    if (value === undefined || !layer) continue
    facts[name] = { value: told[fact]!, source: sourceOf(fact, layer.source) }
  }
  return facts
}

/** The flag or the variable, where the layer has several. */
function sourceOf(fact: keyof Facts, layer: string): string {
  // A repository's address comes with its name.
  const asked = fact === 'repoUrl' ? 'repo' : fact
  if (layer === 'given') return STEP_FACT_FLAGS.find((one) => one.fact === asked)?.name ?? layer
  if (layer === 'environment') return FACT_VARIABLES[asked as keyof typeof FACT_VARIABLES] ?? layer
  return layer
}
