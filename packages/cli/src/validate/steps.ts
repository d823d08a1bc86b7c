// Two real steps, one that succeeds and one that does not, in a workflow of their own, by the wrapper itself: what
// `exec` would do with the same environment.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ATTRIBUTE } from '@stepwell/model/attributes'
import {
  CONTEXT_VARIABLES,
  type Environment,
  FACT_VARIABLES,
  STEPWELL_CONTEXT,
} from '@stepwell/model/environment'
import { workflowSpanId, workflowTraceId } from '@stepwell/model/identity'
import { sha256 } from '../run/context.ts'
import { nameOf, type ToldStep, toldSteps } from './announced.ts'
import type { Programs, Said } from './programs.ts'
import type { Wanted } from './wanted.ts'

/** By which all of it can be found, and told from real work. */
export const AGENT = 'stepwell-validate'
const REPO = 'stepwell/validate'
const TEMPLATE = 'stepwell-validate'

/** The one that fails is cancelled: it counts as a failure, and is none that an alert should speak of. */
const STEPS = [
  { name: 'passes', ends: 'exit 0', outcome: 'success' },
  { name: 'stops', ends: 'kill -TERM $PPID; sleep 60', outcome: 'failure' },
] as const

export interface Ran {
  readonly wanted: Wanted
  /** What the wrapper had to say of the delivery, a sentence each. */
  readonly warnings: readonly string[]
  /** Why there is nothing to look for; '' where the steps went as they should. */
  readonly problem: string
}

/** This program, however it was started. */
const SELF = import.meta.path.includes('$bunfs') ? [process.execPath] : [process.execPath, Bun.main]

export async function runSteps(environment: Environment, programs: Programs): Promise<Ran> {
  const uid = crypto.randomUUID()
  const id = uid.slice(0, 8)
  const folder = mkdtempSync(join(tmpdir(), 'stepwell-validate-'))
  programs.atEnd(() => rmSync(folder, { recursive: true, force: true }))
  const own = ownEnvironment(environment, folder)
  const startedAt = Date.now()
  const mark = `validate-${id}`
  // A pull request that no other run has: the series are new ones, and must begin with their zero.
  const facts = ['--repo', REPO, '--pr', String(Number.parseInt(id, 16)), '--task', mark]
  const stepwell = (args: readonly string[]) =>
    programs.run([...SELF, ...args], { cwd: folder, environment: own })
  const workflow = (prefix: string) => [
    ...[`${prefix}uid`, uid],
    ...[`${prefix}name`, `${TEMPLATE}-${id}`],
    ...[`${prefix}template`, TEMPLATE],
  ]
  const runs = await Promise.all(
    STEPS.map(({ name, ends }) =>
      stepwell([
        ...['exec', '--agent', AGENT, '--step', name, '--announce', 'stdout'],
        ...workflow('--workflow-'),
        ...facts,
        ...['--', 'sh', '-c', `echo '${mark}: this step ${name}'; ${ends}`],
      ]),
    ),
  )
  const start = ['--status', 'Succeeded', '--start', new Date(startedAt).toISOString()]
  const finished = await stepwell(['workflow', 'finish', ...workflow('--'), ...facts, ...start])
  const steps = runs.flatMap(({ stdout }) => toldSteps(stdout))
  return {
    wanted: {
      traceId: workflowTraceId(sha256, uid),
      steps,
      workflowSpanId: workflowSpanId(sha256, uid),
      mark,
      startedAt,
      ofPods: false,
    },
    warnings: [...new Set([...runs, finished].flatMap(warningsOf))],
    problem: problemOf(runs, steps, environment),
  }
}

/** Without what would make the steps a part of other work, and with a spool of their own: nothing is sent later. */
function ownEnvironment(environment: Environment, folder: string): Environment {
  const own: Record<string, string | undefined> = {
    ...environment,
    STEPWELL_SPOOL: join(folder, 'spool'),
  }
  const others = [...Object.values(FACT_VARIABLES), ...Object.values(CONTEXT_VARIABLES)]
  for (const name of [...others, STEPWELL_CONTEXT]) delete own[name]
  return own
}

const warningsOf = ({ stderr }: Said): string[] =>
  [...stderr.matchAll(/^stepwell: (.+)$/gm)].map(([, sentence]) => sentence!)

function problemOf(
  runs: readonly Said[],
  steps: readonly ToldStep[],
  environment: Environment,
): string {
  for (const [at, { name, outcome }] of STEPS.entries()) {
    const run = runs[at]!
    const step = steps.find((one) => nameOf(one) === `${AGENT}/${name}`)
    if (!step && environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true')
      return 'OTEL_SDK_DISABLED=true: the wrapper sends nothing'
    const told = step?.attributes.get(ATTRIBUTE.outcome)
    if (told !== outcome)
      return `the step ${AGENT}/${name} ended with ${told ?? run.exitCode} in place of ${outcome}: ${run.stderr.trim() || 'it said nothing'}`
  }
  return ''
}
