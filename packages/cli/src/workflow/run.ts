// `stepwell workflow run -- COMMAND`: a script as a workflow. Its steps find it by the variables that it hands down.

import { environmentFacts } from '@stepwell/model/detect'
import { type Environment, FACT_VARIABLES, STEPWELL_CONTEXT } from '@stepwell/model/environment'
import { factsOfFlags, WORKFLOW_FACT_FLAGS } from '../fact-flags.ts'
import { parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { contextOf } from '../run/context.ts'
import { run } from '../run/run.ts'

export const WORKFLOW_RUN: Verb = {
  name: 'workflow run',
  usage: 'stepwell workflow run [FLAGS] -- COMMAND…',
  about:
    'Runs COMMAND as one run of a workflow: every stepwell exec and gate below it joins its trace.\nOutput is not touched, the exit code is the command’s own. A new uid is made unless one is given.',
  flags: WORKFLOW_FACT_FLAGS,
  examples: ['stepwell workflow run --template nightly -- ./nightly.sh'],
}

export async function workflowRun(
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  const { flags, rest } = parseFlags(WORKFLOW_RUN, args)
  if (flags.has('--help')) return printHelp(WORKFLOW_RUN)
  if (rest.length === 0) throw new UsageError(`no command: ${WORKFLOW_RUN.usage}`)
  const surrounding = withoutSurroundingWorkflow(environment)
  const given = factsOfFlags(WORKFLOW_FACT_FLAGS, flags)
  const workflowUid =
    given.workflowUid ?? environmentFacts(surrounding).workflowUid ?? crypto.randomUUID()
  const warnings: string[] = []
  const context = contextOf('workflow', { ...given, workflowUid }, surrounding, (sentence) =>
    warnings.push(sentence),
  )
  return run(
    { kind: 'workflow', context, command: rest, capture: false, announce: 'off', warnings },
    surrounding,
  )
}

/** Inside a step or a stage these variables are of the workflow around it: another run is another workflow. */
function withoutSurroundingWorkflow(environment: Environment): Environment {
  if (!environment[STEPWELL_CONTEXT]) return environment
  const { workflowUid, workflowName, workflowTemplate, stage } = FACT_VARIABLES
  return {
    ...environment,
    [workflowUid]: undefined,
    [workflowName]: undefined,
    [workflowTemplate]: undefined,
    [stage]: undefined,
  }
}
