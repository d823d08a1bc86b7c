// What an environment says of the work that runs in it: the seed's variables, what a step handed down, and the
// CI system. Pure functions over an environment record; derivation.md, "The uid of a workflow".

import { ATTRIBUTE } from './attributes.ts'
import { parseRepository } from './detect-repository.ts'
import { type Environment, FACT_VARIABLES } from './environment.ts'
import { parseResourceAttributes } from './resource.ts'
import type { Facts } from './span.ts'

export type SystemName =
  | 'Argo'
  | 'GitHub Actions'
  | 'GitLab'
  | 'Buildkite'
  | 'Jenkins'
  | 'CircleCI'
  | 'Azure Pipelines'

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

/** Where a pod finds the namespace that it runs in. */
export const ARGO_NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'

/**
 * What is known of a piece of work, the strongest first: what was given, the seed's variables, what the step around
 * it handed down, the CI system.
 * @param readFile gives a small file's text, or undefined where it cannot be read.
 * @param warn is told of values that cannot be used, in sentences.
 */
export function factLayers(
  kind: 'workflow' | 'stage' | 'step' | 'gate',
  given: Facts,
  environment: Environment,
  readFile: (path: string) => string | undefined,
  warn: (sentence: string) => void,
): FactLayer[] {
  const around = handedDownFacts(environment)
  const system = detectSystem(environment, () => readFile(ARGO_NAMESPACE_FILE)?.trim())
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

/** A whole number from 1 up, as `--attempt` and `ATTEMPT` want it; undefined where `text` is none. */
export function parseAttempt(text: string): number | undefined {
  const attempt = Number(text)
  return /^\d+$/.test(text) && Number.isSafeInteger(attempt) && attempt >= 1 ? attempt : undefined
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
    // Argo leaves a tag that it cannot resolve as it stands; as a node id it would make every step the same span.
    if (/^\{\{.*\}\}$/.test(value)) warn(`${variable}=${value} is ignored: a tag nobody resolved`)
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

/**
 * The CI system that runs this, and what it says of the work. `argoNamespace` reads the namespace from the service
 * account's file; it is asked only where Argo runs and the uid needs it.
 */
export function detectSystem(
  environment: Environment,
  argoNamespace: () => string | undefined = () => undefined,
): { readonly system: SystemName; readonly facts: Facts } | undefined {
  for (const { system, runs, facts } of SYSTEMS) {
    if (runs(environment)) return { system, facts: present(facts(environment, argoNamespace)) }
  }
  return undefined
}

interface System {
  readonly system: SystemName
  readonly runs: (environment: Environment) => boolean
  readonly facts: (environment: Environment, argoNamespace: () => string | undefined) => Facts
}

// CI job ids are never node ids: a node id makes a step's span id, and many steps run in one job.
const SYSTEMS: readonly System[] = [
  {
    system: 'Argo',
    runs: (environment) => Boolean(environment.ARGO_NODE_ID || environment.ARGO_WORKFLOW_NAME),
    facts: argoFacts,
  },
  {
    system: 'GitHub Actions',
    runs: (environment) => environment.GITHUB_ACTIONS === 'true',
    facts: (e) => ({
      workflowUid: joined(
        e.GITHUB_SERVER_URL,
        e.GITHUB_REPOSITORY,
        e.GITHUB_RUN_ID,
        e.GITHUB_RUN_ATTEMPT,
      ),
      workflowName: e.GITHUB_WORKFLOW,
      workflowTemplate: e.GITHUB_WORKFLOW,
      repo: e.GITHUB_REPOSITORY,
      repoUrl: joined(e.GITHUB_SERVER_URL, e.GITHUB_REPOSITORY),
      commitSha: e.GITHUB_SHA,
      prNumber: /^refs\/pull\/(\d+)\//.exec(e.GITHUB_REF ?? '')?.[1],
    }),
  },
  {
    system: 'GitLab',
    runs: (environment) => environment.GITLAB_CI === 'true',
    facts: (e) => ({
      workflowUid: joined(e.CI_SERVER_URL, e.CI_PIPELINE_ID),
      workflowName: e.CI_PIPELINE_NAME || e.CI_PROJECT_PATH,
      workflowTemplate: e.CI_PIPELINE_NAME || e.CI_PROJECT_PATH,
      stage: e.CI_JOB_STAGE,
      repo: e.CI_PROJECT_PATH,
      repoUrl: e.CI_PROJECT_URL,
      commitSha: e.CI_COMMIT_SHA,
      prNumber: e.CI_MERGE_REQUEST_IID,
    }),
  },
  {
    system: 'Buildkite',
    runs: (environment) => environment.BUILDKITE === 'true',
    facts: (e) => ({
      workflowUid: e.BUILDKITE_BUILD_ID,
      workflowName: e.BUILDKITE_PIPELINE_SLUG,
      workflowTemplate: e.BUILDKITE_PIPELINE_SLUG,
      ...parseRepository(e.BUILDKITE_REPO ?? ''),
      // Until the checkout it is the word HEAD; a build that is of no pull request says "false".
      commitSha: hexadecimal(e.BUILDKITE_COMMIT),
      prNumber: digits(e.BUILDKITE_PULL_REQUEST),
      attempt: e.BUILDKITE_RETRY_COUNT
        ? parseAttempt(String(Number(e.BUILDKITE_RETRY_COUNT) + 1))
        : undefined,
    }),
  },
  {
    system: 'Jenkins',
    runs: (environment) => Boolean(environment.JENKINS_URL && environment.BUILD_URL),
    facts: (e) => ({
      workflowUid: e.BUILD_URL,
      workflowName: e.JOB_NAME,
      workflowTemplate: e.JOB_NAME,
      stage: e.STAGE_NAME,
      ...parseRepository(e.GIT_URL ?? ''),
      commitSha: e.GIT_COMMIT,
      prNumber: e.CHANGE_ID,
    }),
  },
  {
    system: 'CircleCI',
    runs: (environment) => environment.CIRCLECI === 'true',
    facts: (e) => ({
      workflowUid: e.CIRCLE_WORKFLOW_ID,
      ...parseRepository(e.CIRCLE_REPOSITORY_URL ?? ''),
      ...present({
        repo: joined(e.CIRCLE_PROJECT_USERNAME, e.CIRCLE_PROJECT_REPONAME),
      }),
      commitSha: e.CIRCLE_SHA1,
      prNumber: e.CIRCLE_PR_NUMBER || /\/(\d+)$/.exec(e.CIRCLE_PULL_REQUEST ?? '')?.[1],
    }),
  },
  {
    system: 'Azure Pipelines',
    runs: (environment) => environment.TF_BUILD?.toLowerCase() === 'true',
    facts: (e) => ({
      workflowUid: joined(e.SYSTEM_COLLECTIONURI, e.BUILD_BUILDID),
      workflowName: e.BUILD_DEFINITIONNAME,
      workflowTemplate: e.BUILD_DEFINITIONNAME,
      ...parseRepository(e.BUILD_REPOSITORY_URI ?? ''),
      ...present({ repo: e.BUILD_REPOSITORY_NAME }),
      commitSha: e.BUILD_SOURCEVERSION,
      prNumber: e.SYSTEM_PULLREQUEST_PULLREQUESTNUMBER || e.SYSTEM_PULLREQUEST_PULLREQUESTID,
      attempt: parseAttempt(e.SYSTEM_JOBATTEMPT ?? ''),
    }),
  },
]

function argoFacts(environment: Environment, argoNamespace: () => string | undefined): Facts {
  const nodeId = environment.ARGO_NODE_ID
  // Argo before 4.1 names the workflow to its own containers only; a pod's node id is that name, `-`, a number.
  const workflowName =
    environment[FACT_VARIABLES.workflowName] ||
    environment.ARGO_WORKFLOW_NAME ||
    nodeId?.replace(/-\d+$/, '')
  const uidGiven = Boolean(environment[FACT_VARIABLES.workflowUid])
  return {
    workflowName,
    nodeId,
    workflowUid: uidGiven || !workflowName ? undefined : joined(argoNamespace(), workflowName),
  }
}

/** The parts with `/` between them; undefined where one is missing, for half a uid would join strangers. */
function joined(...parts: readonly (string | undefined)[]): string | undefined {
  if (parts.some((part) => !part)) return undefined
  return parts.map((part) => part!.replace(/\/+$/, '')).join('/')
}

const digits = (text: string | undefined) => (text && /^\d+$/.test(text) ? text : undefined)
const hexadecimal = (text: string | undefined) =>
  text && /^[0-9a-f]{7,64}$/.test(text) ? text : undefined

/** The entries that have a value. */
function present<T extends object>(values: T | undefined): T {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values ?? {}))
    if (value !== undefined && value !== '') kept[name] = value
  return kept as T
}
