// The spans of ours, defined once for the wrapper and the library: names, kinds, attributes, status.

import { ATTRIBUTE, type Attributes, type StepwellKind, TWIN } from './attributes.ts'
import {
  type ErrorType,
  type Outcome,
  outcomeOf,
  type Result,
  resultOf,
  type TaskResult,
} from './outcome.ts'

/** What is known of a workflow run, of a stage, a step or a gate in it, before it ends. */
export interface Facts {
  readonly agent?: string | undefined
  readonly step?: string | undefined
  readonly attempt?: number | undefined
  readonly stage?: string | undefined
  readonly gate?: string | undefined
  readonly repo?: string | undefined
  /** The repository's address, without credentials. */
  readonly repoUrl?: string | undefined
  readonly prNumber?: string | undefined
  readonly commitSha?: string | undefined
  readonly taskId?: string | undefined
  readonly workflowUid?: string | undefined
  readonly workflowName?: string | undefined
  /** What the workflow is a run of. */
  readonly workflowTemplate?: string | undefined
  readonly nodeId?: string | undefined
}

/** Facts as they are told. */
export interface ToldFacts extends Facts {
  /** The command and its arguments, where they are recorded: without secrets. */
  readonly commandArguments?: readonly string[] | undefined
  /** A user's, under names that are not ours. */
  readonly ownAttributes?: Attributes | undefined
}

/** What a step used, of its whole process tree. */
export interface Used {
  /** Seconds of processor time, of the whole process tree. */
  readonly cpuTime?: number | undefined
  /** Bytes of memory at the highest: anonymous and shared of the whole tree, or the largest process if that is more. */
  readonly memoryPeak?: number | undefined
  /** Bytes read from storage, as the kernel counts them. */
  readonly ioRead?: number | undefined
  /** Bytes written to storage, as the kernel counts them. */
  readonly ioWritten?: number | undefined
  /** Bytes of the files that were created in the working and temporary folder and left there. */
  readonly storageWritten?: number | undefined
}

/** How it ended. `errorType` alone decides the outcome, unless `skipped`, or `result` says it in another's words. */
export interface End {
  readonly result?: Result | undefined
  readonly errorType?: ErrorType | undefined
  readonly skipped?: boolean | undefined
  readonly exitCode?: number | undefined
  readonly pid?: number | undefined
  readonly executable?: string | undefined
  readonly used?: Used | undefined
  readonly gate?:
    | {
        readonly name?: string | undefined
        readonly score?: number | undefined
        readonly threshold?: number | undefined
        /** The model that judged, where one did. */
        readonly judge?: string | undefined
      }
    | undefined
  /** A task's own end: only this counts then. */
  readonly task?: { readonly result: TaskResult; readonly tag?: string | undefined } | undefined
}

/** Defaults of the seed's wrapper, for a step that nobody named. */
export const DEFAULT_AGENT = 'unknown'
export const DEFAULT_STEP = 'execute'

/** OTLP span kinds: a workflow is SERVER, as `cicd.pipeline.run` asks; all else INTERNAL. */
export const OTLP_KIND = { internal: 1, server: 2 } as const

export const otlpKind = (kind: StepwellKind): number =>
  kind === 'workflow' ? OTLP_KIND.server : OTLP_KIND.internal

/** `{agent}/{step}`, `stage {stage}`, `gate {gate}`, `{template or name}`. */
export function spanName(kind: StepwellKind, facts: Facts): string {
  switch (kind) {
    case 'workflow':
      return facts.workflowTemplate ?? facts.workflowName ?? 'workflow'
    case 'stage':
      return `stage ${facts.stage ?? ''}`.trim()
    case 'step':
      return `${facts.agent ?? DEFAULT_AGENT}/${facts.step ?? DEFAULT_STEP}`
    case 'gate':
      return `gate ${facts.gate ?? ''}`.trim()
    case 'task':
      return `task ${facts.taskId ?? ''}`.trim()
  }
}

/** Attributes known at the start: each under our name and, where there is one, under its twin's. */
export function startAttributes(kind: StepwellKind, facts: ToldFacts): Attributes {
  const attributes: Attributes = { ...facts.ownAttributes, [ATTRIBUTE.kind]: kind }
  const set = (value: string | number | undefined, ...names: string[]) => {
    if (value === undefined || value === '') return
    for (const name of names) attributes[name] = value
  }
  const hasAgent = kind === 'step' || kind === 'gate'
  if (kind === 'step') set(facts.agent ?? DEFAULT_AGENT, ATTRIBUTE.agent, TWIN.agentName)
  else if (hasAgent) set(facts.agent, ATTRIBUTE.agent, TWIN.agentName)
  set(facts.repo, ATTRIBUTE.repo)
  set(facts.repo?.split('/').at(-1), TWIN.repositoryName)
  set(facts.repoUrl, TWIN.repositoryUrl)
  set(facts.prNumber, ATTRIBUTE.prNumber, TWIN.changeId)
  set(facts.commitSha, ATTRIBUTE.commitSha, TWIN.revision)
  set(facts.taskId, ATTRIBUTE.taskId)
  set(facts.workflowName, ATTRIBUTE.workflowName)
  set(facts.workflowTemplate, ATTRIBUTE.workflowTemplate)
  set(facts.workflowTemplate ?? facts.workflowName, TWIN.pipelineName)
  set(facts.workflowUid, ATTRIBUTE.workflowUid, TWIN.pipelineRunId)
  if (kind !== 'workflow') set(facts.stage, ATTRIBUTE.stage)
  if (kind === 'stage') set(facts.stage, TWIN.taskName)
  if (kind === 'step') {
    set(facts.step ?? DEFAULT_STEP, ATTRIBUTE.stepName, TWIN.taskName)
    set(facts.attempt ?? 1, ATTRIBUTE.stepAttempt)
  }
  if (kind === 'gate') {
    set(facts.gate, ATTRIBUTE.gate, TWIN.taskName)
    set(facts.step, ATTRIBUTE.stepName)
  }
  if (hasAgent) set(facts.nodeId, ATTRIBUTE.nodeId, TWIN.taskRunId)
  if (facts.commandArguments) attributes[ATTRIBUTE.commandArgs] = [...facts.commandArguments]
  return attributes
}

/** What people look for lines of output by, beside their trace. */
const OF_LINES = [
  ATTRIBUTE.agent,
  ATTRIBUTE.repo,
  ATTRIBUTE.prNumber,
  ATTRIBUTE.taskId,
  ATTRIBUTE.workflowName,
  ATTRIBUTE.workflowUid,
  ATTRIBUTE.stage,
  ATTRIBUTE.stepName,
  ATTRIBUTE.stepAttempt,
  ATTRIBUTE.gate,
]

/** Attributes of the scope of the lines that the work prints: said once a batch, and known of each line. */
export function lineAttributes(kind: StepwellKind, facts: Facts): Attributes {
  const known = startAttributes(kind, facts)
  const attributes: Attributes = {}
  for (const name of OF_LINES) if (known[name] !== undefined) attributes[name] = known[name]
  return attributes
}

/** Attributes that the end adds. */
export function endAttributes(kind: StepwellKind, end: End): Attributes {
  const result = resultOfEnd(end)
  const outcome = outcomeOf(result)
  const attributes: Attributes = {}
  const set = (value: string | number | undefined, ...names: string[]) => {
    if (value === undefined) return
    for (const name of names) attributes[name] = value
  }
  if (kind === 'task') {
    set(end.task?.result, ATTRIBUTE.taskResult)
    set(end.task?.tag, ATTRIBUTE.taskTag)
    return attributes
  }
  set(outcome, ATTRIBUTE.outcome)
  set(result, kind === 'workflow' ? TWIN.pipelineResult : TWIN.taskRunResult)
  set(end.errorType, ATTRIBUTE.errorType)
  set(end.exitCode, ATTRIBUTE.exitCode, TWIN.exitCode)
  set(end.pid, TWIN.pid)
  set(end.executable, TWIN.executable)
  if (kind === 'gate' && outcome) {
    const verdict = outcome === 'success' ? 'pass' : 'fail'
    const { name, score, threshold, judge } = end.gate ?? {}
    set(verdict, ATTRIBUTE.gateResult)
    set(score, ATTRIBUTE.gateScore)
    set(threshold, ATTRIBUTE.gateThreshold)
    set(judge, ATTRIBUTE.gateJudge)
    // The conventions' evaluation is a model's judgement, not any check.
    if (judge !== undefined) {
      set(name, TWIN.evaluationName)
      set(verdict, TWIN.evaluationLabel)
      set(score, TWIN.evaluationScore)
    }
  }
  set(end.used?.cpuTime, ATTRIBUTE.cpuTime)
  set(end.used?.memoryPeak, ATTRIBUTE.memoryPeak)
  set(end.used?.ioRead, ATTRIBUTE.ioRead)
  set(end.used?.ioWritten, ATTRIBUTE.ioWritten)
  set(end.used?.storageWritten, ATTRIBUTE.storageWritten)
  return attributes
}

/** The result of an end: `skip`, or what its error class says. */
export function resultOfEnd(end: End): Result {
  return end.skipped ? 'skip' : (end.result ?? resultOf(end.errorType))
}

/** The span's status: OK, or ERROR with a sentence that names no path and no message of the command. */
export function endStatus(end: End): { code: 'ok' | 'error' | 'unset'; message: string } {
  const outcome: Outcome | undefined = outcomeOf(resultOfEnd(end))
  if (outcome === undefined || end.task) return { code: 'unset', message: '' }
  if (outcome === 'success') return { code: 'ok', message: '' }
  return {
    code: 'error',
    message: end.exitCode ? `exit code: ${end.exitCode}` : (end.errorType ?? ''),
  }
}
