import { describe, expect, test } from 'bun:test'
import { environmentFacts, handedDownFacts, mergeFacts, parseAttempt } from './detect.ts'
import { detectSystem } from './detect-system.ts'
import type { Environment } from './environment.ts'
import type { Facts } from './span.ts'

// The variables are those that each system documents for its jobs.
const JOBS: Record<string, { environment: Environment; facts: Facts }> = {
  Argo: {
    environment: { ARGO_NODE_ID: 'wf-x7k2p-1234567890', ARGO_WORKFLOW_NAME: 'wf-x7k2p' },
    facts: {
      nodeId: 'wf-x7k2p-1234567890',
      workflowName: 'wf-x7k2p',
      workflowUid: 'agents/wf-x7k2p',
    },
  },
  'GitHub Actions': {
    environment: {
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'octo/repo',
      GITHUB_RUN_ID: '1658821493',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_WORKFLOW: 'CI',
      GITHUB_JOB: 'build',
      GITHUB_SHA: 'ffac537e6cbbf934b08745a378932722df287a53',
      GITHUB_REF: 'refs/pull/42/merge',
    },
    facts: {
      workflowUid: 'https://github.com/octo/repo/1658821493/2',
      workflowName: 'CI',
      workflowTemplate: 'CI',
      repo: 'octo/repo',
      repoUrl: 'https://github.com/octo/repo',
      commitSha: 'ffac537e6cbbf934b08745a378932722df287a53',
      prNumber: '42',
    },
  },
  GitLab: {
    environment: {
      GITLAB_CI: 'true',
      CI_SERVER_URL: 'https://gitlab.com',
      CI_PIPELINE_ID: '9876',
      CI_PIPELINE_NAME: 'Pipeline for feature/x',
      CI_JOB_ID: '1',
      CI_JOB_STAGE: 'test',
      CI_PROJECT_PATH: 'group/sub/repo',
      CI_PROJECT_URL: 'https://gitlab.com/group/sub/repo',
      CI_COMMIT_SHA: 'abcdef0',
      CI_MERGE_REQUEST_IID: '7',
    },
    facts: {
      workflowUid: 'https://gitlab.com/9876',
      workflowName: 'Pipeline for feature/x',
      workflowTemplate: 'group/sub/repo',
      stage: 'test',
      repo: 'group/sub/repo',
      repoUrl: 'https://gitlab.com/group/sub/repo',
      commitSha: 'abcdef0',
      prNumber: '7',
    },
  },
  Buildkite: {
    environment: {
      BUILDKITE: 'true',
      BUILDKITE_BUILD_ID: '01943f5d-0000-4000-8000-000000000000',
      BUILDKITE_JOB_ID: 'job',
      BUILDKITE_PIPELINE_SLUG: 'deploy',
      BUILDKITE_REPO: 'git@github.com:octo/repo.git',
      BUILDKITE_COMMIT: 'HEAD',
      BUILDKITE_PULL_REQUEST: 'false',
      BUILDKITE_RETRY_COUNT: '1',
    },
    facts: {
      workflowUid: '01943f5d-0000-4000-8000-000000000000',
      workflowName: 'deploy',
      workflowTemplate: 'deploy',
      repo: 'octo/repo',
      repoUrl: 'https://github.com/octo/repo',
      attempt: 2,
    },
  },
  Jenkins: {
    environment: {
      JENKINS_URL: 'https://ci.example/',
      BUILD_URL: 'https://ci.example/job/repo/job/PR-3/12/',
      JOB_NAME: 'repo/PR-3',
      STAGE_NAME: 'Test',
      GIT_URL: 'https://user:token@git.example/octo/repo.git',
      GIT_COMMIT: 'abc',
      CHANGE_ID: '3',
    },
    facts: {
      workflowUid: 'https://ci.example/job/repo/job/PR-3/12/',
      workflowName: 'repo/PR-3',
      workflowTemplate: 'repo/PR-3',
      stage: 'Test',
      repo: 'octo/repo',
      repoUrl: 'https://git.example/octo/repo',
      commitSha: 'abc',
      prNumber: '3',
    },
  },
  CircleCI: {
    environment: {
      CIRCLECI: 'true',
      CIRCLE_WORKFLOW_ID: 'a-b-c',
      CIRCLE_WORKFLOW_JOB_ID: 'job',
      CIRCLE_PROJECT_USERNAME: 'octo',
      CIRCLE_PROJECT_REPONAME: 'repo',
      CIRCLE_REPOSITORY_URL: 'git@github.com:octo/repo.git',
      CIRCLE_SHA1: 'abc',
      CIRCLE_PULL_REQUEST: 'https://github.com/octo/repo/pull/11',
    },
    facts: {
      workflowUid: 'a-b-c',
      repo: 'octo/repo',
      repoUrl: 'https://github.com/octo/repo',
      commitSha: 'abc',
      prNumber: '11',
    },
  },
  'Azure Pipelines': {
    environment: {
      TF_BUILD: 'True',
      SYSTEM_COLLECTIONURI: 'https://dev.azure.com/octo/',
      BUILD_BUILDID: '55',
      BUILD_DEFINITIONNAME: 'nightly',
      BUILD_REPOSITORY_NAME: 'repo',
      BUILD_REPOSITORY_URI: 'https://octo@dev.azure.com/octo/project/_git/repo',
      BUILD_SOURCEVERSION: 'abc',
      SYSTEM_JOBATTEMPT: '3',
      SYSTEM_STAGENAME: 'Quality',
      SYSTEM_PULLREQUEST_PULLREQUESTID: '8',
    },
    facts: {
      workflowUid: 'https://dev.azure.com/octo/55',
      workflowName: 'nightly',
      workflowTemplate: 'nightly',
      repo: 'repo',
      repoUrl: 'https://dev.azure.com/octo/project/_git/repo',
      commitSha: 'abc',
      prNumber: '8',
      attempt: 3,
      stage: 'Quality',
    },
  },
}

describe('what a CI system says', () => {
  for (const [system, { environment, facts }] of Object.entries(JOBS))
    test(system, () => {
      const detected = detectSystem(environment, () => 'agents')
      expect(detected).toEqual({ system, facts } as never)
    })

  test('the commit of a merge request or a pull request is the pushed one, not the merge', () => {
    const { GitLab, 'Azure Pipelines': azure } = JOBS
    const gitlab = { ...GitLab!.environment, CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: 'pushed' }
    expect(detectSystem(gitlab)?.facts.commitSha).toBe('pushed')
    const pull = { ...azure!.environment, SYSTEM_PULLREQUEST_SOURCECOMMITID: 'pushed' }
    expect(detectSystem(pull)?.facts.commitSha).toBe('pushed')
  })

  test('GitHub: a pull request that waits in a merge queue', () => {
    const { environment } = JOBS['GitHub Actions']!
    const numberOf = (GITHUB_REF: string) =>
      detectSystem({ ...environment, GITHUB_REF })?.facts.prNumber
    expect(numberOf('refs/heads/gh-readonly-queue/main/pr-104-ffac537e')).toBe('104')
    expect(numberOf('refs/heads/pr-104-x')).toBeUndefined()
  })

  test('Azure: the stage of a pipeline without stages is none', () => {
    const { environment } = JOBS['Azure Pipelines']!
    expect(
      detectSystem({ ...environment, SYSTEM_STAGENAME: '__default' })?.facts.stage,
    ).toBeUndefined()
  })

  test('Jenkins: a branch’s job is a run of its project; without an address there is no uid', () => {
    const { environment } = JOBS.Jenkins!
    const templateOf = (JOB_NAME: string, BRANCH_NAME: string) =>
      detectSystem({ ...environment, JOB_NAME, BRANCH_NAME })?.facts.workflowTemplate
    expect(templateOf('team/repo/PR-3', 'PR-3')).toBe('team/repo')
    expect(templateOf('team/repo/feature%2Fx', 'feature/x')).toBe('team/repo')
    expect(templateOf('team/nightly', 'main')).toBe('team/nightly')
    const unaddressed = { BUILD_TAG: 'jenkins-nightly-12', JOB_NAME: 'nightly' }
    expect(detectSystem(unaddressed)).toEqual({
      system: 'Jenkins',
      facts: { workflowName: 'nightly', workflowTemplate: 'nightly' },
    })
  })

  test('Tekton: a TaskRun’s pod, with the run that its labels were asked for, and its retries', () => {
    const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', HOSTNAME: 'release-x7k-fix-pod' }
    const files = (path: string) => (path.startsWith('/tekton/') ? 'program' : 'ci\n')
    expect(detectSystem(pod, files)).toEqual({ system: 'Tekton', facts: {} })
    const told = { ...pod, HOSTNAME: `${pod.HOSTNAME}-retry1`, WORKFLOW_NAME: 'release-x7k' }
    expect(detectSystem(told, files)?.facts).toEqual({
      workflowUid: 'ci/release-x7k',
      attempt: 2,
    })
    expect(detectSystem({ ...told, WORKFLOW_UID: 'u' }, files)?.facts.workflowUid).toBeUndefined()
    expect(detectSystem(told, () => undefined)).toBeUndefined()
    expect(detectSystem({ ...pod, HOSTNAME: 'web-1' }, files)).toBeUndefined()
  })

  test('Argo from 4.1 says the namespace, where no service account is mounted', () => {
    const environment = { ...JOBS.Argo!.environment, TRACESTATE: 'a=b,workflow=ns/wf-x7k2p' }
    expect(detectSystem(environment)?.facts.workflowUid).toBe('ns/wf-x7k2p')
  })

  test('nothing where none runs, and CI=true alone is none', () => {
    expect(detectSystem({ CI: 'true', PATH: '/bin' })).toBeUndefined()
  })

  test('half a uid is none: it would join strangers', () => {
    const { GITHUB_RUN_ID, ...rest } = JOBS['GitHub Actions']!.environment
    expect(detectSystem(rest)?.facts.workflowUid).toBeUndefined()
    expect(detectSystem(JOBS.Argo!.environment)?.facts.workflowUid).toBeUndefined()
  })

  test('Argo before 4.1: the name is that of the node id; a uid that was handed in is not asked for', () => {
    const old = detectSystem({ ARGO_NODE_ID: 'wf-x7k2p-1234567890' }, () => 'ns')
    expect(old?.facts.workflowName).toBe('wf-x7k2p')
    const asked = () => {
      throw new Error('asked for the namespace')
    }
    expect(
      detectSystem({ ARGO_NODE_ID: 'wf-1', WORKFLOW_UID: 'given' }, asked)?.facts.workflowUid,
    ).toBeUndefined()
  })
})

test('the seed’s variables, with what cannot be used named and left out', () => {
  const warnings: string[] = []
  const facts = environmentFacts(
    {
      AGENT: 'a',
      STEP: '',
      ATTEMPT: 'two',
      REPO: 'https://x:y@git.example/o/r.git',
      NODE_ID: '{{workflow.status.nodes.self.id}}',
      TASK_ID: '4',
      PR_NUMBER: '$(System.PullRequest.PullRequestNumber)',
    },
    (sentence) => warnings.push(sentence),
  )
  expect(facts).toEqual({
    agent: 'a',
    repo: 'o/r',
    repoUrl: 'https://git.example/o/r',
    taskId: '4',
  })
  expect(warnings.map((warning) => warning.split('=')[0])).toEqual([
    'ATTEMPT',
    'PR_NUMBER',
    'NODE_ID',
  ])
})

test('what a step handed down is read back', () => {
  const OTEL_RESOURCE_ATTRIBUTES = 'agent=a%20b,repo=o%2Fr,step.name=s,workflow.uid=u,task.id=t'
  expect(handedDownFacts({ OTEL_RESOURCE_ATTRIBUTES })).toEqual({
    agent: 'a b',
    repo: 'o/r',
    step: 's',
    workflowUid: 'u',
    taskId: 't',
  })
  expect(handedDownFacts({ OTEL_RESOURCE_ATTRIBUTES: 'agent=%zz' })).toEqual({})
})

test('the first layer that knows a fact wins; a repository’s address goes with its name', () => {
  const git = { source: 'git', facts: { repo: 'o/r', repoUrl: 'https://h/o/r', commitSha: 'c' } }
  expect(
    mergeFacts([
      { source: 'flags', facts: { agent: 'flag', step: undefined } },
      { source: 'environment', facts: { agent: 'env', step: 's', repo: 'my/fork' } },
      git,
    ]),
  ).toEqual({ agent: 'flag', step: 's', repo: 'my/fork', commitSha: 'c' })
  expect(mergeFacts([{ source: 'flags', facts: {} }, git])).toEqual(git.facts)
})

test('attempts are whole numbers from 1 up', () => {
  expect(['1', '12'].map(parseAttempt)).toEqual([1, 12])
  expect(['0', '-1', '1.5', '', 'x', '1e3', '99999999999999999'].map(parseAttempt)).toEqual(
    Array(7).fill(undefined),
  )
})
