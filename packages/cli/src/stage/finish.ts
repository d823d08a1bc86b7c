// `stepwell stage finish NAME`: reports a stage that was not run by `stage run`, from its last step or exit hook.

import { type Environment, isDisabled } from '@stepwell/model/environment'
import { STAGE_FACT_FLAGS } from '../fact-flags.ts'
import { parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { backendOf, QUERY_FLAG, WAIT_FLAG, waitOf } from '../query/backend.ts'
import { seenStart } from '../query/first-span.ts'
import { completeFacts, reportEnded } from '../report-verb.ts'
import { contextOf } from '../run/context.ts'
import { printWarning } from '../run/warnings.ts'
import { requireStatus, STATUS_FLAG } from '../status.ts'
import { END_TIME_FLAG, later, nowNano, timeFlag } from '../times.ts'
import { requireStage, stageFacts, takeName } from './name.ts'

export const STAGE_FINISH: Verb = {
  name: 'stage finish',
  usage: 'stepwell stage finish NAME --status STATUS --start TIME [FLAGS]',
  about:
    'Reports how the stage NAME ended that was not started by stepwell stage run. The workflow is\nfound as its steps find it.',
  flags: [
    STATUS_FLAG,
    { name: '--start', value: 'TIME', help: 'RFC 3339, or Unix seconds; else as its first step' },
    END_TIME_FLAG,
    QUERY_FLAG,
    WAIT_FLAG,
    ...STAGE_FACT_FLAGS,
  ],
  examples: ['stepwell stage finish test --status "$CI_JOB_STATUS" --start "$CI_JOB_STARTED_AT"'],
}

export async function stageFinish(
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  const { name, others } = takeName(args)
  const { flags, rest } = parseFlags(STAGE_FINISH, others)
  if (flags.has('--help')) return printHelp(STAGE_FINISH)
  if (rest.length > 0) throw new UsageError(`${rest[0]} is too much: ${STAGE_FINISH.usage}`)
  const end = requireStatus(flags)
  const told = timeFlag(flags, '--start')
  const endTimeUnixNano = timeFlag(flags, '--end') ?? nowNano()
  const backend = backendOf(flags, environment)
  const waitMilliseconds = waitOf(flags)
  const context = contextOf('stage', stageFacts(name, flags), environment, printWarning)
  requireStage(context.facts, STAGE_FINISH)
  if (!context.facts.workflowUid)
    throw new UsageError(
      'no uid of the workflow: name it by --workflow-uid, or set WORKFLOW_UID; no CI system was found',
    )
  if (told === undefined && !backend)
    throw new UsageError(
      '--start is missing: when did the stage start? Or --query a store that knows its first step',
    )
  if (isDisabled(environment)) return 0
  const startTimeUnixNano = told ?? (await seenStart(backend!, 'stage', context, waitMilliseconds))
  if (startTimeUnixNano === undefined) return 0
  await reportEnded(
    [
      {
        kind: 'stage',
        facts: completeFacts(context, environment),
        identity: context.identity,
        startTimeUnixNano,
        endTimeUnixNano: later(startTimeUnixNano, endTimeUnixNano),
        end,
      },
    ],
    environment,
  )
  return 0
}
