// The verbs, once: what runs each, and what describes it to help, completion and reference. `exec` is here from the
// start, for its start is what users wait for; every other verb is loaded when it is asked for, and the engine's not
// at all in the compiled wrapper.

import type { Environment } from '@stepwell/model/environment'
import { EXEC, exec } from './exec/exec.ts'
import { UsageError, type Verb } from './flags.ts'

/** @param args what stands behind the verb. Gives the exit code. @throws {UsageError} */
export type Run = (args: string[], environment: Environment) => Promise<number>

export interface VerbEntry {
  /** One word or two: `gate`, `workflow finish`. */
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<Run>
  /** The engine's verbs can only be described in a checkout. @throws {UsageError} */
  readonly describe: () => Promise<Verb>
}

export const VERBS: readonly VerbEntry[] = [
  {
    name: 'exec',
    summary: 'run a command as one step',
    load: async () => exec,
    describe: async () => EXEC,
  },
  {
    name: 'workflow run',
    summary: 'run a script as a workflow',
    load: async () => (await import('./workflow/run.ts')).workflowRun,
    describe: async () => (await import('./workflow/run.ts')).WORKFLOW_RUN,
  },
  {
    name: 'workflow finish',
    summary: 'report how a workflow ended, from its exit handler or last job',
    load: async () => (await import('./workflow/finish.ts')).workflowFinish,
    describe: async () => (await import('./workflow/finish.ts')).WORKFLOW_FINISH,
  },
  {
    name: 'stage run',
    summary: 'run a script as one stage of a workflow',
    load: async () => (await import('./stage/run.ts')).stageRun,
    describe: async () => (await import('./stage/run.ts')).STAGE_RUN,
  },
  {
    name: 'stage finish',
    summary: 'report how a stage ended, from its last step or exit hook',
    load: async () => (await import('./stage/finish.ts')).stageFinish,
    describe: async () => (await import('./stage/finish.ts')).STAGE_FINISH,
  },
  {
    name: 'step report',
    summary: 'report a step that ran elsewhere',
    load: async () => (await import('./step/report.ts')).stepReport,
    describe: async () => (await import('./step/report.ts')).STEP_REPORT,
  },
  {
    name: 'gate',
    summary: 'run a check as a quality gate',
    load: async () => (await import('./gate/gate.ts')).gate,
    describe: async () => (await import('./gate/gate.ts')).GATE,
  },
  {
    name: 'gate report',
    summary: 'report the verdict of a check that ran elsewhere',
    load: async () => (await import('./gate/report.ts')).gateReport,
    describe: async () => (await import('./gate/report.ts')).GATE_REPORT,
  },
  {
    name: 'task report',
    summary: 'report that a task was done, cancelled or reopened',
    load: async () => (await import('./task/report.ts')).taskReport,
    describe: async () => (await import('./task/report.ts')).TASK_REPORT,
  },
  {
    name: 'task sync',
    summary: 'report what changed in Task Master’s tasks.json',
    load: async () => (await import('./task/sync.ts')).taskSync,
    describe: async () => (await import('./task/sync.ts')).TASK_SYNC,
  },
  {
    name: 'context',
    summary: 'say what was found here, and from where',
    load: async () => (await import('./context/context.ts')).context,
    describe: async () => (await import('./context/context.ts')).CONTEXT,
  },
  {
    name: 'doctor',
    summary: 'check the whole path of telemetry, and say what to do',
    load: async () => (await import('./doctor/doctor.ts')).doctor,
    describe: async () => (await import('./doctor/doctor.ts')).DOCTOR,
  },
  {
    name: 'validate traces',
    summary: 'run two steps, and find their trace in Jaeger or Tempo',
    load: async () => (await import('./validate/validate.ts')).validateTraces,
    describe: async () => (await import('./validate/verbs.ts')).VALIDATE_TRACES,
  },
  {
    name: 'validate metrics',
    summary: 'run two steps, and find their series in Prometheus',
    load: async () => (await import('./validate/validate.ts')).validateMetrics,
    describe: async () => (await import('./validate/verbs.ts')).VALIDATE_METRICS,
  },
  {
    name: 'validate logs',
    summary: 'run two steps, and find their lines in Loki',
    load: async () => (await import('./validate/validate.ts')).validateLogs,
    describe: async () => (await import('./validate/verbs.ts')).VALIDATE_LOGS,
  },
  {
    name: 'validate all',
    summary: 'run two steps, and find all that they leave',
    load: async () => (await import('./validate/validate.ts')).validateAll,
    describe: async () => (await import('./validate/verbs.ts')).VALIDATE_ALL,
  },
  {
    name: 'flush',
    summary: 'send the telemetry that could not be delivered',
    load: async () => (await import('./flush/flush.ts')).flush,
    describe: async () => (await import('./flush/flush.ts')).FLUSH,
  },
  {
    name: 'up',
    summary: 'start the engine and the page',
    load: async () => (await import('./up/up.ts').catch(onlyInCheckout)).up,
    describe: async () => (await import('./up/describe.ts').catch(onlyInCheckout)).describeUp(),
  },
  {
    name: 'rebuild',
    summary: 'build the index anew from the journal',
    load: async () => (await import('./up/rebuild.ts').catch(onlyInCheckout)).rebuild,
    describe: async () => (await import('./up/rebuild.ts').catch(onlyInCheckout)).REBUILD,
  },
  {
    name: 'sql',
    summary: 'ask the engine in SQL',
    load: async () => (await import('./sql/sql.ts')).sql,
    describe: async () => (await import('./sql/sql.ts')).SQL,
  },
  {
    name: 'rules check',
    summary: 'check Prometheus rule files',
    load: async () => (await import('./rules/check.ts').catch(onlyInCheckout)).rulesCheck,
    describe: async () => (await import('./rules/check.ts').catch(onlyInCheckout)).RULES_CHECK,
  },
  {
    name: 'rules test',
    summary: 'run unit tests of Prometheus rules',
    load: async () => (await import('./rules/test.ts').catch(onlyInCheckout)).rulesTest,
    describe: async () => (await import('./rules/test.ts').catch(onlyInCheckout)).RULES_TEST,
  },
  {
    name: 'demo',
    summary: 'run the demonstration workflow',
    load: async () => (await import('./demo/demo.ts').catch(onlyInCheckout)).demo,
    describe: async () => (await import('./demo/demo.ts').catch(onlyInCheckout)).DEMO,
  },
  {
    name: 'completion',
    summary: 'print a script that completes stepwell in bash, zsh or fish',
    load: async () => (await import('./completion/completion.ts')).completion,
    describe: async () => (await import('./completion/completion.ts')).COMPLETION,
  },
]

/** The verb that `args` begin with, and what stands behind it. */
export function findVerb(args: readonly string[]): { verb: VerbEntry; rest: string[] } | undefined {
  // The longest first: `gate report` before `gate`.
  for (const words of [2, 1]) {
    const name = args.slice(0, words).join(' ')
    for (const verb of VERBS)
      if (args.length >= words && verb.name === name) return { verb, rest: args.slice(words) }
  }
  return undefined
}

/** The verbs of two words that begin with `first`. */
export const verbsOf = (first: string): VerbEntry[] =>
  VERBS.filter(({ name }) => name.startsWith(`${first} `))

/** The compiled wrapper holds nothing of the engine; on the sources, a broken import is told as it is. */
function onlyInCheckout(error: unknown): never {
  if (!import.meta.path.includes('$bunfs')) throw error
  throw new UsageError('this verb runs from a checkout: ./stepwell there, or npm start')
}
