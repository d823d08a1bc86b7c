// `stepwell workflow`: its two verbs.

import type { Environment } from '@stepwell/model/environment'
import { nearest, UsageError } from '../flags.ts'

export async function workflow(args: readonly string[], environment: Environment): Promise<number> {
  const [name, ...rest] = args
  if (name === 'run') return (await import('./run.ts')).workflowRun(rest, environment)
  if (name === 'finish') return (await import('./finish.ts')).workflowFinish(rest, environment)
  if (name === '--help' || name === '-h') {
    const { verbHelp } = await import('../help.ts')
    const { WORKFLOW_RUN } = await import('./run.ts')
    const { WORKFLOW_FINISH } = await import('./finish.ts')
    console.log(`${verbHelp(WORKFLOW_RUN)}\n${verbHelp(WORKFLOW_FINISH)}`)
    return 0
  }
  const near = nearest(name ?? '', ['run', 'finish'])
  throw new UsageError(
    name === undefined
      ? 'run or finish?'
      : `unknown verb workflow ${name}; ${near ? `the nearest is ${near}` : 'known are run and finish'}`,
  )
}
