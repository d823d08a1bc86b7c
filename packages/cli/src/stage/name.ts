// The name of a stage, as its two verbs take it: first, or by --stage, or from the environment.

import type { Facts } from '@stepwell/model/span'
import { factsOfFlags, STAGE_FACT_FLAGS } from '../fact-flags.ts'
import { UsageError, type Verb } from '../flags.ts'

/** The name, where `args` begin with one, and the rest. */
export function takeName(args: readonly string[]): {
  readonly name: string | undefined
  readonly others: readonly string[]
} {
  const [first, ...others] = args
  if (first === undefined || first.startsWith('-')) return { name: undefined, others: args }
  return { name: first, others }
}

/** Facts by flag, and the name among them. */
export function stageFacts(name: string | undefined, flags: ReadonlyMap<string, string>): Facts {
  const given = factsOfFlags(STAGE_FACT_FLAGS, flags)
  if (name === '') throw new UsageError('the stage’s name is empty')
  if (name !== undefined && given.stage !== undefined && name !== given.stage)
    throw new UsageError(`the stage is named twice: ${name}, and --stage ${given.stage}`)
  return name === undefined ? given : { ...given, stage: name }
}

export function requireStage({ stage }: Facts, { usage }: Verb): void {
  if (stage === undefined) throw new UsageError(`the stage’s name comes first: ${usage}`)
}
