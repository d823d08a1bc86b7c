// The flags by which a user says what the work is: the same for every verb that reports a span.

import { parseAttempt } from '@stepwell/model/detect-attempt'
import { parseRepository } from '@stepwell/model/detect-repository'
import type { Facts } from '@stepwell/model/span'
import { type Flag, UsageError } from './flags.ts'

interface FactFlag extends Flag {
  readonly fact: keyof Facts
}

const FLAG = {
  agent: { name: '--agent', value: 'NAME', help: 'who does the work ($AGENT)', fact: 'agent' },
  step: { name: '--step', value: 'NAME', help: 'what it does ($STEP)', fact: 'step' },
  attempt: { name: '--attempt', value: 'N', help: 'which try, from 1 ($ATTEMPT)', fact: 'attempt' },
  stage: { name: '--stage', value: 'NAME', help: 'part of the workflow ($STAGE)', fact: 'stage' },
  repo: { name: '--repo', value: 'OWNER/NAME', help: 'repository ($REPO)', fact: 'repo' },
  pr: { name: '--pr', value: 'N', help: 'pull request ($PR_NUMBER)', fact: 'prNumber' },
  commit: { name: '--commit', value: 'SHA', help: 'commit ($COMMIT_SHA)', fact: 'commitSha' },
  task: { name: '--task', value: 'ID', help: 'task it serves ($TASK_ID)', fact: 'taskId' },
  uid: {
    name: '--workflow-uid',
    value: 'UID',
    help: 'workflow run ($WORKFLOW_UID)',
    fact: 'workflowUid',
  },
  name: {
    name: '--workflow-name',
    value: 'NAME',
    help: 'its name ($WORKFLOW_NAME)',
    fact: 'workflowName',
  },
  template: {
    name: '--workflow-template',
    value: 'NAME',
    help: 'what it is a run of ($WORKFLOW_TEMPLATE)',
    fact: 'workflowTemplate',
  },
  node: { name: '--node-id', value: 'ID', help: 'Argo node ($NODE_ID)', fact: 'nodeId' },
} as const satisfies Record<string, FactFlag>

export const STEP_FACT_FLAGS: readonly FactFlag[] = Object.values(FLAG)

/** A workflow's verbs call its own things by their short names. */
export const WORKFLOW_FACT_FLAGS: readonly FactFlag[] = [
  { ...FLAG.uid, name: '--uid' },
  { ...FLAG.name, name: '--name' },
  { ...FLAG.template, name: '--template' },
  FLAG.repo,
  FLAG.pr,
  FLAG.commit,
  FLAG.task,
]

/** What is said of a killed step that has said nothing itself. */
export const KILLED_STEP_FACT_FLAGS: readonly FactFlag[] = [
  { ...FLAG.agent, help: 'of a killed step that was never announced' },
  { ...FLAG.step, help: 'the same; else its template’s name' },
]

/** A stage has no agent of its own, and its name comes first or by this flag. */
export const STAGE_FACT_FLAGS: readonly FactFlag[] = [
  FLAG.stage,
  FLAG.uid,
  FLAG.name,
  FLAG.template,
  FLAG.repo,
  FLAG.pr,
  FLAG.commit,
  FLAG.task,
]

/** A task serves no step: it is served. Its id comes first or by this flag. */
export const TASK_FACT_FLAGS: readonly FactFlag[] = [
  { ...FLAG.task, help: 'which task, in place of ID ($TASK_ID)' },
  FLAG.repo,
  FLAG.pr,
  FLAG.commit,
  FLAG.uid,
  FLAG.name,
  FLAG.template,
]

/** Throws a `UsageError` where a value cannot be what its flag says. */
export function factsOfFlags(
  definitions: readonly FactFlag[],
  flags: ReadonlyMap<string, string>,
): Facts {
  const facts: Record<string, string | number> = {}
  for (const { name, fact } of definitions) {
    const value = flags.get(name)
    if (value === undefined) continue
    if (value === '') throw new UsageError(`${name} is empty: leave it out, or name something`)
    if (fact === 'repo') Object.assign(facts, repositoryOf(name, value))
    else facts[fact] = fact === 'attempt' ? attemptOf(name, value) : value
  }
  return facts
}

function attemptOf(flag: string, value: string): number {
  const attempt = parseAttempt(value)
  if (attempt === undefined)
    throw new UsageError(`${flag} ${value} is no attempt: a whole number from 1 up`)
  return attempt
}

function repositoryOf(flag: string, value: string): Record<string, string> {
  const repository = parseRepository(value)
  if (!repository) throw new UsageError(`${flag} ${value} is no repository: write OWNER/NAME`)
  const { repo, repoUrl } = repository
  return repoUrl ? { repo, repoUrl } : { repo }
}
