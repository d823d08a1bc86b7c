// What both the list and the run's own page say of a run: what it is for, and whether somebody reported it.

import type { RunSummary } from '../model/summary.ts'
import { Fact } from './fact.tsx'

/** Repository, pull request and task, as far as they are known. */
export function PurposeFacts({ facts }: Pick<RunSummary, 'facts'>) {
  return (
    <>
      {facts.repo && (
        <Fact icon="repo" label="Repository">
          {facts.repo}
        </Fact>
      )}
      {facts.prNumber && (
        <Fact icon="pr" label="Pull request">
          #{facts.prNumber}
        </Fact>
      )}
      {facts.taskId && (
        <Fact icon="task" label="Task">
          {facts.taskId}
        </Fact>
      )}
    </>
  )
}

export function FromItsSteps() {
  return (
    <span className="tag" title="Nobody reported the workflow: it is shown from its steps">
      from its steps
    </span>
  )
}
