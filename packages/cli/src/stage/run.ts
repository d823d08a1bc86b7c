// `stepwell stage run NAME -- COMMAND`: a script as one stage of a workflow. Its steps find it by the variables and
// the trace context that it hands down.

import type { Environment } from '@stepwell/model/environment'
import { STAGE_FACT_FLAGS } from '../fact-flags.ts'
import { parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { contextOf } from '../run/context.ts'
import { run } from '../run/run.ts'
import { requireStage, stageFacts, takeName } from './name.ts'

export const STAGE_RUN: Verb = {
  name: 'stage run',
  usage: 'stepwell stage run NAME [FLAGS] -- COMMAND…',
  about:
    'Runs COMMAND as the stage NAME: every stepwell exec and gate below it hangs under it. Output is\nnot touched, the exit code is the command’s own. The workflow is found as a step finds it; outside\nof any, the stage is a trace of its own.',
  flags: STAGE_FACT_FLAGS,
  examples: ['stepwell stage run test -- ./test.sh'],
}

export async function stageRun(args: readonly string[], environment: Environment): Promise<number> {
  const { name, others } = takeName(args)
  const { flags, rest } = parseFlags(STAGE_RUN, others)
  if (flags.has('--help')) return printHelp(STAGE_RUN)
  if (rest.length === 0) throw new UsageError(`no command: ${STAGE_RUN.usage}`)
  const warnings: string[] = []
  const given = stageFacts(name, flags)
  const context = contextOf('stage', given, environment, (sentence) => warnings.push(sentence))
  requireStage(context.facts, STAGE_RUN)
  return run(
    { kind: 'stage', context, command: rest, capture: false, announce: 'off', warnings },
    environment,
  )
}
