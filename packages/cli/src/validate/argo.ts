// A workflow that is submitted by the `argo` command, and what its steps said of themselves.

import { ATTRIBUTE } from '@stepwell/model/attributes'
import type { Environment } from '@stepwell/model/environment'
import { workflowSpanId } from '@stepwell/model/identity'
import { sha256 } from '../run/context.ts'
import { nameOf, type ToldStep, toldSteps } from './announced.ts'
import { type Finding, found, missing } from './finding.ts'
import type { Programs, Said } from './programs.ts'
import { limitFromNow, secondsSince } from './search.ts'
import type { Wanted } from './wanted.ts'

export interface Submitted {
  readonly findings: readonly Finding[]
  /** Undefined where there is nothing to look for. */
  readonly wanted: Wanted | undefined
}

interface WorkflowStatus {
  readonly phase?: string
  readonly message?: string
  readonly nodes?: Readonly<
    Record<string, { outputs?: { parameters?: readonly { name?: string; value?: string }[] } }>
  >
}

/**
 * @param from `workflowtemplate/NAME`, or as `argo submit --from` takes it
 * @param milliseconds until it must have ended
 */
export async function submitWorkflow(
  from: string,
  parameters: readonly string[],
  milliseconds: number,
  environment: Environment,
  programs: Programs,
): Promise<Submitted> {
  const startedAt = Date.now()
  const limit = limitFromNow(milliseconds)
  const argo = Bun.which('argo', { PATH: environment.PATH ?? '' })
  if (!argo)
    return failed(
      'workflow submit',
      'argo is not on PATH',
      'install the argo command, of the version of its server',
    )
  const run = (args: readonly string[], milliseconds = ANSWER_MILLISECONDS) =>
    programs.run([argo, ...args], { environment, milliseconds })
  const submit = await run([
    ...['submit', '--from', from],
    ...parameters.flatMap((parameter) => ['-p', parameter]),
    ...['-o', 'name'],
  ])
  const name = submit.stdout.trim().split('\n').at(-1)?.trim().split('/').at(-1) ?? ''
  if (submit.exitCode !== 0 || name === '')
    return failed(
      'workflow submit',
      `argo submit ended with ${submit.exitCode}: ${lastLine(submit)}`,
      'see whether the template is there, and its parameters are right (ARGO_NAMESPACE, ARGO_SERVER)',
    )
  const findings = [found('workflow submit', `${name}, from ${from}`)]
  // It waits for ever where no controller is.
  const waited = await run(['wait', name], milliseconds)
  const status = await statusOf(run, name)
  const phase = status?.phase ?? ''
  const seconds = secondsSince(limit)
  if (waited.exitCode === undefined || !/^(Succeeded|Failed|Error)$/.test(phase)) {
    const why =
      phase === ''
        ? 'no controller took it up: see whether workflow-controller runs'
        : `it is ${phase}: give a longer --limit`
    const after = `${Math.round(seconds)} s`
    return {
      findings: [
        ...findings,
        missing('workflow end', `${name} has not ended after ${after}`, why, seconds),
      ],
      wanted: undefined,
    }
  }
  // Whether its work went well is not what is asked here.
  findings.push(
    found('workflow end', `${phase}${status?.message ? `: ${status.message}` : ''}`, seconds),
  )
  const logs = await run(['logs', name, '--no-color'])
  const steps = toldSteps(logs.stdout)
  const traceIds = [...new Set(steps.map(({ traceId }) => traceId))]
  const output = outputTraceId(status)
  const traceId = traceIds[0] ?? output
  if (!traceId)
    return {
      findings: [
        ...findings,
        missing(
          'workflow trace',
          logs.exitCode === 0
            ? `no line of argo logs ${name} has a trace_id, and no output parameter`
            : `argo logs ended with ${logs.exitCode}: ${lastLine(logs)}`,
          'its templates run no stepwell exec, or not with --announce stdout and the parameter trace_id',
        ),
      ],
      wanted: undefined,
    }
  if (traceIds.length > 1)
    findings.push(
      missing(
        'workflow trace',
        `its steps are in ${traceIds.length} traces: ${traceIds.join(', ')}`,
        'WORKFLOW_UID must be {{workflow.uid}} in every template',
      ),
    )
  else
    findings.push(
      found(
        'workflow trace',
        `${traceId}, ${steps.length > 0 ? `told by ${steps.map(nameOf).join(', ')}` : 'by its output parameter'}`,
      ),
    )
  const wanted = {
    traceId,
    steps: steps.filter((step) => step.traceId === traceId),
    workflowSpanId: spanIdOf(steps),
    mark: undefined,
    startedAt,
    ofPods: true,
  }
  return { findings, wanted }
}

/** For what argo should know at once. */
const ANSWER_MILLISECONDS = 30_000

const failed = (name: string, message: string, reason: string): Submitted => ({
  findings: [missing(name, message, reason)],
  wanted: undefined,
})

const lastLine = ({ stdout, stderr }: Said) =>
  `${stdout}\n${stderr}`.trim().split('\n').at(-1) || 'it said nothing'

async function statusOf(
  run: (args: readonly string[]) => Promise<Said>,
  name: string,
): Promise<WorkflowStatus | undefined> {
  const { stdout } = await run(['get', name, '-o', 'json'])
  try {
    return (JSON.parse(stdout) as { status?: WorkflowStatus }).status
  } catch {
    return undefined
  }
}

function outputTraceId(status: WorkflowStatus | undefined): string | undefined {
  for (const { outputs } of Object.values(status?.nodes ?? {}))
    for (const { name, value } of outputs?.parameters ?? [])
      if (name === 'trace_id' && value && /^[0-9a-f]{32}$/.test(value)) return value
  return undefined
}

/** Of the workflow, whose uid its steps tell. */
function spanIdOf(steps: readonly ToldStep[]): string | undefined {
  const uid = steps[0]?.attributes.get(ATTRIBUTE.workflowUid)
  return uid && workflowSpanId(sha256, uid)
}
