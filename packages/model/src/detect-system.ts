// The CI system that runs this process, and what it says of the work: each by the variables that it documents for
// its jobs. derivation.md, "The uid of a workflow".

import { attemptAfter, parseAttempt } from './detect-attempt.ts'
import { parseRepository } from './detect-repository.ts'
import { type Environment, FACT_VARIABLES } from './environment.ts'
import type { Facts } from './span.ts'

export type SystemName =
  | 'Argo'
  | 'GitHub Actions'
  | 'GitLab'
  | 'Buildkite'
  | 'Jenkins'
  | 'CircleCI'
  | 'Azure Pipelines'
  | 'Tekton'

/** Gives a small file's text, or undefined where it cannot be read. */
type ReadFile = (path: string) => string | undefined

/** Where a pod finds the namespace that it runs in. */
const NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'

/** @param readFile is asked only where Argo or Tekton runs, and what it says is needed. */
export function detectSystem(
  environment: Environment,
  readFile: ReadFile = () => undefined,
): { readonly system: SystemName; readonly facts: Facts } | undefined {
  for (const { system, runs, facts } of SYSTEMS) {
    if (runs(environment, readFile)) return { system, facts: present(facts(environment, readFile)) }
  }
  return undefined
}

interface System {
  readonly system: SystemName
  readonly runs: (environment: Environment, readFile: ReadFile) => boolean
  readonly facts: (environment: Environment, readFile: ReadFile) => Facts
}

/** A pull request's merge, or one that waits in a merge queue. */
const GITHUB_PULL = /^refs\/pull\/(\d+)\/|^refs\/heads\/gh-readonly-queue\/.+\/pr-(\d+)-/

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
      prNumber: GITHUB_PULL.exec(e.GITHUB_REF ?? '')
        ?.slice(1)
        .find(Boolean),
    }),
  },
  {
    system: 'GitLab',
    runs: (environment) => environment.GITLAB_CI === 'true',
    facts: (e) => ({
      workflowUid: joined(e.CI_SERVER_URL, e.CI_PIPELINE_ID),
      workflowName: e.CI_PIPELINE_NAME || e.CI_PROJECT_PATH,
      // A pipeline's name often has the branch in it: it names one run, not what runs are of.
      workflowTemplate: e.CI_PROJECT_PATH,
      stage: e.CI_JOB_STAGE,
      repo: e.CI_PROJECT_PATH,
      repoUrl: e.CI_PROJECT_URL,
      // A pipeline for merged results builds a commit that nobody pushed.
      commitSha: e.CI_MERGE_REQUEST_SOURCE_BRANCH_SHA || e.CI_COMMIT_SHA,
      prNumber: e.CI_MERGE_REQUEST_IID || e.CI_EXTERNAL_PULL_REQUEST_IID,
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
      attempt: attemptAfter(e.BUILDKITE_RETRY_COUNT),
    }),
  },
  {
    system: 'Jenkins',
    // A controller that was not told its own address sets neither of the two.
    runs: (e) => Boolean((e.JENKINS_URL && e.BUILD_URL) || e.BUILD_TAG?.startsWith('jenkins-')),
    facts: (e) => ({
      workflowUid: e.BUILD_URL,
      workflowName: e.JOB_NAME,
      workflowTemplate: jenkinsProject(e),
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
      // The stage of a pipeline that names none.
      stage: e.SYSTEM_STAGENAME === '__default' ? undefined : e.SYSTEM_STAGENAME,
      ...parseRepository(e.BUILD_REPOSITORY_URI ?? ''),
      ...present({ repo: e.BUILD_REPOSITORY_NAME }),
      // The build of a pull request is that of a merge that nobody pushed.
      commitSha: e.SYSTEM_PULLREQUEST_SOURCECOMMITID || e.BUILD_SOURCEVERSION,
      prNumber: e.SYSTEM_PULLREQUEST_PULLREQUESTNUMBER || e.SYSTEM_PULLREQUEST_PULLREQUESTID,
      attempt: parseAttempt(e.SYSTEM_JOBATTEMPT ?? ''),
    }),
  },
  {
    // It sets no variable of its own: a TaskRun's pod is known by its name, and by what starts every step in it.
    system: 'Tekton',
    runs: (e, readFile) =>
      Boolean(e.KUBERNETES_SERVICE_HOST && TEKTON_POD.test(e.HOSTNAME ?? '')) &&
      readFile(TEKTON_ENTRYPOINT) !== undefined,
    facts: tektonFacts,
  },
]

function argoFacts(environment: Environment, readFile: ReadFile): Facts {
  const nodeId = environment.ARGO_NODE_ID
  // Argo before 4.1 names the workflow to its own containers only; a pod's node id is that name, `-`, a number.
  const workflowName =
    environment[FACT_VARIABLES.workflowName] ||
    environment.ARGO_WORKFLOW_NAME ||
    nodeId?.replace(/-\d+$/, '')
  return { workflowName, nodeId, workflowUid: inNamespace(environment, readFile, workflowName) }
}

const TEKTON_POD = /-pod(?:-retry(\d+))?$/
const TEKTON_ENTRYPOINT = '/tekton/bin/entrypoint'

/** The PipelineRun is not told to its pods: by the downward API, in `WORKFLOW_NAME`, or not at all (docs/ci/tekton.md). */
function tektonFacts(environment: Environment, readFile: ReadFile): Facts {
  const workflowName = environment[FACT_VARIABLES.workflowName]
  return {
    workflowUid: inNamespace(environment, readFile, workflowName),
    attempt: attemptAfter(TEKTON_POD.exec(environment.HOSTNAME ?? '')?.[1]),
  }
}

/** The uid of a workflow in Kubernetes whose own nobody handed in. */
function inNamespace(
  environment: Environment,
  readFile: ReadFile,
  name: string | undefined,
): string | undefined {
  if (!name || environment[FACT_VARIABLES.workflowUid]) return undefined
  // Argo from 4.1 says it too, where no service account is mounted.
  const told = /(?:^|,)\s*workflow=([^/,]+)\//.exec(environment.TRACESTATE ?? '')?.[1]
  return joined(readFile(NAMESPACE_FILE)?.trim() || told, name)
}

/** A multibranch job is a run of its project, whatever the branch; the branch's name is encoded in the job's. */
function jenkinsProject({ JOB_NAME, BRANCH_NAME }: Environment): string | undefined {
  const at = JOB_NAME?.lastIndexOf('/') ?? -1
  if (!JOB_NAME || !BRANCH_NAME || at < 1) return JOB_NAME
  const last = JOB_NAME.slice(at + 1)
  return [BRANCH_NAME, encodeURIComponent(BRANCH_NAME)].includes(last)
    ? JOB_NAME.slice(0, at)
    : JOB_NAME
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
