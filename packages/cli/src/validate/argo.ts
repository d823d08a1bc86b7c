// A workflow that is submitted by the `argo` command, and what its steps said of themselves.

import { ATTRIBUTE } from '@stepwell/model/attributes'
import type { Environment } from '@stepwell/model/environment'
import { workflowSpanId } from '@stepwell/model/identity'
import { sha256 } from '../run/context.ts'
import { nameOf, type ToldStep, toldSteps } from './announced.ts'
import { found, missing, type See } from './finding.ts'
import type { Programs, Said } from './programs.ts'
import { limitFromNow, secondsSince } from './search.ts'
import type { Wanted } from './wanted.ts'

export interface Submission {
  /** `workflowtemplate/NAME`, or whatever `argo submit --from` takes. */
  readonly from: string
  /** `NAME=VALUE`. */
  readonly parameters: readonly string[]
  /** Milliseconds until it must have ended. */
  readonly milliseconds: number
}

interface WorkflowStatus {
  readonly phase?: string
  readonly message?: string
  readonly nodes?: Readonly<
    Record<
      string,
      { outputs?: { parameters?: readonly { name?: string; value?: string }[] } } | null
    >
  >
}

/** Undefined where there is nothing to look for, and why was seen. */
export async function submitWorkflow(
  submission: Submission,
  environment: Environment,
  programs: Programs,
  see: See,
): Promise<Wanted | undefined> {
  const startedAt = Date.now()
  const program = Bun.which('argo', { PATH: environment.PATH ?? '' })
  if (!program) {
    see([missing('workflow submit', 'argo is not on PATH', INSTALL)])
    return undefined
  }
  const argo: Argo = (args, milliseconds = ANSWER_MILLISECONDS) =>
    programs.run([program, ...args], { environment, milliseconds })
  const name = await submit(argo, submission, see)
  const status = name && (await ended(argo, name, submission, see))
  if (!name || !status) return undefined
  const logs = await argo(['logs', name, '--no-color'])
  const [, undelivered] = UNDELIVERED.exec(logs.stdout) ?? []
  if (undelivered)
    see([missing('workflow sent', undelivered, 'see OTEL_EXPORTER_OTLP_ENDPOINT in its templates')])
  const steps = toldSteps(logs.stdout)
  const traceIds = [...new Set(steps.map(({ traceId }) => traceId))]
  const traceId = traceIds[0] ?? outputTraceId(status)
  if (!traceId) {
    const what =
      logs.exitCode === 0
        ? `no line of argo logs ${name} has a trace_id, and no output parameter`
        : `argo logs ${name} ended with ${logs.exitCode}: ${lastLine(logs)}`
    const reason =
      'its templates run no stepwell exec, or without --announce stdout and the output parameter trace_id'
    see([missing('workflow trace', what, reason)])
    return undefined
  }
  const by =
    steps.length > 0 ? `told by ${steps.map(nameOf).join(', ')}` : 'by its output parameter'
  see([
    traceIds.length > 1
      ? missing(
          'workflow trace',
          `its steps are in ${traceIds.length} traces: ${traceIds.join(', ')}`,
          'WORKFLOW_UID must be {{workflow.uid}} in every template',
        )
      : found('workflow trace', `${traceId}, ${by}`),
  ])
  const ofTrace = steps.filter((step) => step.traceId === traceId)
  const workflow = workflowOf(ofTrace)
  return {
    traceId,
    steps: ofTrace,
    workflowSpanId: workflow,
    mark: undefined,
    startedAt,
    ofPods: true,
  }
}

const INSTALL = 'install the argo command, of the version of its server'

/** What the wrapper says in a pod's log. */
const UNDELIVERED = /^.*stepwell: (telemetry was (?:not delivered|refused)[^;\n]*)/m

type Argo = (args: readonly string[], milliseconds?: number) => Promise<Said>

/** For what argo should know at once. */
const ANSWER_MILLISECONDS = 30_000

const lastLine = ({ stdout, stderr }: Said) =>
  `${stdout}\n${stderr}`.trim().split('\n').at(-1) || 'it said nothing'

async function submit(
  argo: Argo,
  { from, parameters }: Submission,
  see: See,
): Promise<string | undefined> {
  const command = ['submit', '--from', from]
  for (const parameter of parameters) command.push('-p', parameter)
  command.push('-o', 'name')
  let said: Said
  try {
    said = await argo(command)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    see([missing('workflow submit', `argo cannot be started: ${code ?? error}`, INSTALL)])
    return undefined
  }
  const name = said.stdout.trim().split('\n').at(-1)?.split('/').at(-1)
  if (said.exitCode === 0 && name) {
    see([found('workflow submit', `${name}, from ${from}`)])
    return name
  }
  see([
    missing(
      'workflow submit',
      `argo submit ended with ${said.exitCode}: ${lastLine(said)}`,
      'see whether the template is there, and in which namespace (ARGO_NAMESPACE), and what parameters it has',
    ),
  ])
  return undefined
}

async function ended(
  argo: Argo,
  name: string,
  { milliseconds }: Submission,
  see: See,
): Promise<WorkflowStatus | undefined> {
  const limit = limitFromNow(milliseconds)
  // It waits for ever where no controller is.
  await argo(['wait', name], milliseconds)
  const status = statusIn(await argo(['get', name, '-o', 'json']))
  const { phase = '', message = '' } = status ?? {}
  const seconds = secondsSince(limit)
  if (/^(Succeeded|Failed|Error)$/.test(phase)) {
    // Whether its work went well is not what is asked here.
    see([found('workflow end', message ? `${phase}: ${message}` : phase, seconds)])
    return status
  }
  const reason = phase
    ? `it is ${phase}: give a longer --limit`
    : 'no controller took it up: see whether the workflow-controller runs'
  const after = `${Math.round(milliseconds / 1000)} s`
  see([missing('workflow end', `${name} has not ended after ${after}`, reason, seconds)])
  return undefined
}

function statusIn({ stdout }: Said): WorkflowStatus | undefined {
  try {
    return (JSON.parse(stdout) as { status?: WorkflowStatus }).status
  } catch {
    return undefined
  }
}

function outputTraceId({ nodes }: WorkflowStatus): string | undefined {
  for (const node of Object.values(nodes ?? {}))
    for (const { name, value } of node?.outputs?.parameters ?? [])
      if (name === 'trace_id' && value && /^[0-9a-f]{32}$/.test(value)) return value
  return undefined
}

/** The workflow's own span, by the uid that its steps tell. */
function workflowOf(steps: readonly ToldStep[]): string | undefined {
  const uid = steps[0]?.attributes.get(ATTRIBUTE.workflowUid)
  return uid && workflowSpanId(sha256, uid)
}
