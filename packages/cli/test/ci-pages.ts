// The snippets of docs/ci, as each CI system would run them: its variables as it sets them, its own placeholders filled
// in as it would.

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Variables } from './wrapper.ts'

export const PAGES = resolve(import.meta.dir, '../../../docs/ci')
const COMMIT = 'ffac537e6cbbf934b08745a378932722df287a53'

/** A job's shell, or a container's command, and what the system adds to its environment. */
export interface Job {
  readonly run: string | readonly string[]
  readonly environment?: Variables
}

export interface Page {
  readonly jobs: readonly Job[]
  /** What the system sets in every job. */
  readonly environment: Variables
  readonly uid: string
  /** Attributes of the step's span, as text. */
  readonly facts: Readonly<Record<string, string>>
  /** Name of the workflow's span. */
  readonly workflow: string
}

export function snippets(page: string, language: string): string[] {
  const text = readFileSync(join(PAGES, page), 'utf8')
  const found = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
  return found.filter(([, one]) => one === language).map(([, , body]) => body!)
}

/** Parsed YAML, whose shape the assertions tell. */
// biome-ignore lint/suspicious/noExplicitAny: each system has its own
export const yaml = (page: string): any[] =>
  snippets(page, 'yaml').map((text) => Bun.YAML.parse(text))

/** `text` with a system's placeholders filled in; one that is unknown fails the test. */
function filled(text: string, placeholder: RegExp, values: Readonly<Record<string, string>>) {
  return text.replace(placeholder, (whole, name: string) => {
    const value = values[name.trim()]
    if (value === undefined) throw new Error(`what is ${whole}?`)
    return value
  })
}

const now = () => new Date().toISOString()
/** The store that would know when the run began: here it is said. */
const withoutQuery = (script: string) => script.replace(/--query \S+/, `--start ${now()}`)

function github(): Page {
  const [{ jobs, env }] = yaml('github-actions.md')
  const values = {
    'vars.OTLP_ENDPOINT': '',
    'secrets.OTLP_HEADERS': '',
    'github.token': 'token',
    'toJSON(needs)': '{"fix":{"result":"success","outputs":{}},"check":{"result":"success"}}',
  }
  const variables = (given: Variables = {}) =>
    Object.fromEntries(
      Object.entries(given)
        .map(([name, value]) => [name, filled(value, /\$\{\{(.*?)\}\}/g, values)] as const)
        .filter(([name]) => !name.startsWith('OTEL_')),
    )
  return {
    jobs: Object.values<{ env?: Variables; steps: { run?: string; env?: Variables }[] }>(
      jobs,
    ).flatMap((job) =>
      job.steps.flatMap(({ run, env: own }) =>
        run ? [{ run, environment: variables({ ...env, ...job.env, ...own }) }] : [],
      ),
    ),
    environment: {
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'octo/repo',
      GITHUB_RUN_ID: '7',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_WORKFLOW: 'agents',
      GITHUB_SHA: COMMIT,
      GITHUB_REF: 'refs/pull/42/merge',
    },
    uid: 'https://github.com/octo/repo/7/1',
    facts: { repo: 'octo/repo', 'pr.number': '42', 'commit.sha': COMMIT },
    workflow: 'agents',
  }
}

function gitlab(): Page {
  const [{ stages, ...jobs }] = yaml('gitlab.md')
  return {
    // Of the last two one runs, as here all is well.
    jobs: Object.values<{ stage: string; when?: string; script: string[] }>(jobs)
      .filter(({ when }) => when !== 'on_failure')
      .map(({ stage, script }) => ({
        run: script.join('\n'),
        environment: { CI_JOB_STAGE: stage },
      })),
    environment: {
      GITLAB_CI: 'true',
      CI_SERVER_URL: 'https://gitlab.com',
      CI_PIPELINE_ID: '9876',
      CI_PIPELINE_CREATED_AT: now(),
      CI_PROJECT_PATH: 'group/repo',
      CI_PROJECT_URL: 'https://gitlab.com/group/repo',
      CI_COMMIT_SHA: COMMIT,
      CI_MERGE_REQUEST_IID: '42',
    },
    uid: 'https://gitlab.com/9876',
    facts: { repo: 'group/repo', 'pr.number': '42', stage: 'fix' },
    workflow: 'group/repo',
  }
}

function buildkite(): Page {
  const [{ steps }] = yaml('buildkite.md')
  return {
    jobs: (steps as { command?: string | string[] }[]).flatMap(({ command }) =>
      command ? [{ run: [command].flat().join('\n').replaceAll('$$', '$') }] : [],
    ),
    environment: {
      BUILDKITE: 'true',
      BUILDKITE_BUILD_ID: '01943f5d-0000-4000-8000-000000000000',
      BUILDKITE_PIPELINE_SLUG: 'agents',
      BUILDKITE_REPO: 'git@github.com:octo/repo.git',
      BUILDKITE_COMMIT: COMMIT,
      BUILDKITE_PULL_REQUEST: '42',
      BUILDKITE_RETRY_COUNT: '1',
    },
    uid: '01943f5d-0000-4000-8000-000000000000',
    facts: { repo: 'octo/repo', 'pr.number': '42', 'step.attempt': '2' },
    workflow: 'agents',
  }
}

function jenkins(): Page {
  const [text = ''] = snippets('jenkins.md', 'groovy')
  const values = {
    'currentBuild.currentResult': 'SUCCESS',
    'currentBuild.startTimeInMillis.intdiv(1000)': String(Math.floor(Date.now() / 1000)),
  }
  return {
    // Groovy fills in what stands between double quotes only.
    jobs: [...text.matchAll(/\bsh (?:'(.*)'|"(.*)")$/gm)].map(([, plain, filling]) => ({
      run: plain ?? filled(filling!, /\$\{(.*?)\}/g, values),
    })),
    environment: {
      JENKINS_URL: 'https://ci.example/',
      BUILD_URL: 'https://ci.example/job/repo/job/PR-42/12/',
      JOB_NAME: 'repo/PR-42',
      BRANCH_NAME: 'PR-42',
      STAGE_NAME: 'fix',
      GIT_URL: 'https://git.example/octo/repo.git',
      GIT_COMMIT: COMMIT,
      CHANGE_ID: '42',
    },
    uid: 'https://ci.example/job/repo/job/PR-42/12/',
    facts: { repo: 'octo/repo', 'pr.number': '42', stage: 'fix', 'workflow.name': 'repo/PR-42' },
    workflow: 'repo',
  }
}

function circleci(): Page {
  const [{ jobs }] = yaml('circleci.md')
  type Step = string | { run: string | { command: string; when?: string } }
  return {
    jobs: Object.values<{ environment: Variables; steps: Step[] }>(jobs).flatMap((job) =>
      job.steps.flatMap((step) => {
        if (typeof step === 'string') return []
        const { run } = step
        if (typeof run === 'string')
          return [{ run: withoutQuery(run), environment: job.environment }]
        // It runs where a step before it failed.
        return run.when === 'on_fail'
          ? []
          : [{ run: withoutQuery(run.command), environment: job.environment }]
      }),
    ),
    environment: {
      CIRCLECI: 'true',
      CIRCLE_WORKFLOW_ID: 'a-b-c',
      CIRCLE_PROJECT_USERNAME: 'octo',
      CIRCLE_PROJECT_REPONAME: 'repo',
      CIRCLE_REPOSITORY_URL: 'git@github.com:octo/repo.git',
      CIRCLE_SHA1: COMMIT,
      CIRCLE_PULL_REQUEST: 'https://github.com/octo/repo/pull/42',
    },
    uid: 'a-b-c',
    facts: { repo: 'octo/repo', 'pr.number': '42', 'commit.sha': COMMIT },
    workflow: 'agents',
  }
}

function azure(): Page {
  const [{ stages }] = yaml('azure-pipelines.md')
  type Stage = { stage: string; jobs: { steps: { script: string }[] }[] }
  const values = { fix: 'Succeeded', lint: 'Succeeded' }
  return {
    jobs: (stages as Stage[]).flatMap(({ stage, jobs }) =>
      jobs.flatMap(({ steps }) =>
        steps.map(({ script }) => ({
          run: filled(script, /\$\(([\w.]+)\)/g, values),
          environment: { SYSTEM_STAGENAME: stage },
        })),
      ),
    ),
    environment: {
      TF_BUILD: 'True',
      SYSTEM_COLLECTIONURI: 'https://dev.azure.com/octo/',
      SYSTEM_PIPELINESTARTTIME: now()
        .replace('T', ' ')
        .replace(/\.\d+Z/, '+00:00'),
      SYSTEM_JOBATTEMPT: '1',
      BUILD_BUILDID: '55',
      BUILD_DEFINITIONNAME: 'agents',
      BUILD_REPOSITORY_NAME: 'octo/repo',
      BUILD_REPOSITORY_URI: 'https://github.com/octo/repo',
      BUILD_SOURCEVERSION: COMMIT,
      SYSTEM_PULLREQUEST_PULLREQUESTNUMBER: '42',
      // As Azure leaves what is not defined.
      TASK_ID: '$(task)',
    },
    uid: 'https://dev.azure.com/octo/55',
    facts: { repo: 'octo/repo', 'pr.number': '42', stage: 'Fix' },
    workflow: 'agents',
  }
}

/** The name of a pod's label, in the downward API. */
const LABEL = /^metadata\.labels\['(.+)'\]$/

function tekton(): Page {
  const labels: Variables = {
    'tekton.dev/pipelineRun': 'agents-x7k',
    'tekton.dev/pipeline': 'agents',
    'tekton.dev/pipelineTask': 'fix',
  }
  type Entry = { name: string; value?: string; valueFrom?: { fieldRef: { fieldPath: string } } }
  const variables = (entries: Entry[] = []) =>
    Object.fromEntries(
      entries
        .filter(({ name }) => !name.startsWith('OTEL_'))
        .map(({ name, value, valueFrom }) => [
          name,
          value !== undefined
            ? filled(value, /\$\((.*?)\)/g, { 'params.status': 'Completed' })
            : labels[LABEL.exec(valueFrom!.fieldRef.fieldPath)![1]!]!,
        ]),
    )
  type Task = {
    spec: { stepTemplate?: { env: Entry[] }; steps: { env?: Entry[]; script: string }[] }
  }
  return {
    jobs: (yaml('tekton.md') as Task[]).flatMap(({ spec }) =>
      spec.steps.map(({ script, env }) => ({
        run: withoutQuery(script),
        environment: variables([...(spec.stepTemplate?.env ?? []), ...(env ?? [])]),
      })),
    ),
    environment: {
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
      HOSTNAME: 'agents-x7k-fix-pod',
      // No pod here has Tekton's files: the uid is handed in, as the page says one may.
      WORKFLOW_UID: 'uid-of-the-run',
    },
    uid: 'uid-of-the-run',
    facts: { stage: 'fix', 'workflow.name': 'agents-x7k' },
    workflow: 'agents',
  }
}

function argo(): Page {
  const { spec } = yaml('argo.md').at(-1)
  const values: Record<string, string> = {
    'workflow.uid': 'f68e9f2c',
    'workflow.name': 'fix-x7k',
    'workflow.status': 'Succeeded',
    'workflow.creationTimestamp': now(),
    'workflow.failures': '"[]"',
  }
  for (const { name, value } of spec.arguments.parameters)
    values[`workflow.parameters.${name}`] = value
  const fill = (text: string) => filled(text, /\{\{(.*?)\}\}/g, values)
  type Container = { command: string[]; args: string[]; env: { name: string; value: string }[] }
  return {
    jobs: (spec.templates as { name: string; container?: Container }[]).flatMap(
      ({ name, container }) =>
        container
          ? [
              {
                run: [...container.command, ...container.args].map(fill),
                environment: {
                  ...Object.fromEntries(
                    container.env
                      .filter((entry) => !entry.name.startsWith('OTEL_'))
                      .map((entry) => [entry.name, fill(entry.value)]),
                  ),
                  ARGO_NODE_ID: `fix-x7k-${name.length}`,
                },
              },
            ]
          : [],
    ),
    environment: { ARGO_WORKFLOW_NAME: 'fix-x7k' },
    uid: 'f68e9f2c',
    facts: { repo: 'octo/repo', 'pr.number': '42', 'workflow.name': 'fix-x7k' },
    workflow: 'fix',
  }
}

export const SYSTEMS: Record<string, () => Page> = {
  'github-actions.md': github,
  'gitlab.md': gitlab,
  'buildkite.md': buildkite,
  'jenkins.md': jenkins,
  'circleci.md': circleci,
  'azure-pipelines.md': azure,
  'tekton.md': tekton,
  'argo.md': argo,
}
