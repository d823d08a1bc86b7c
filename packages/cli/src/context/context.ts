// `stepwell context`: what an `exec` here would find.

import type { Environment } from '@stepwell/model/environment'
import { factsOfFlags, STEP_FACT_FLAGS } from '../fact-flags.ts'
import { parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { printWarning } from '../run/warnings.ts'
import { found } from './found.ts'
import { contextText } from './text.ts'

export const CONTEXT: Verb = {
  name: 'context',
  usage: 'stepwell context [--json | --traceparent] [FLAGS]',
  about:
    'Says what stepwell exec with these flags would find here, and from where: facts, trace, parent,\nendpoints. Nothing is sent, and no value of a header is shown.',
  flags: [
    { name: '--json', help: 'one JSON object' },
    { name: '--traceparent', help: 'the parent alone, as TRACEPARENT has it; exit code 1 if none' },
    ...STEP_FACT_FLAGS,
  ],
  examples: ['stepwell context', 'export TRACEPARENT="$(stepwell context --traceparent)"'],
}

export async function context(args: readonly string[], environment: Environment): Promise<number> {
  const { flags, rest } = parseFlags(CONTEXT, args)
  if (flags.has('--help')) return printHelp(CONTEXT)
  if (rest.length > 0) throw new UsageError(`${rest[0]} is too much: ${CONTEXT.usage}`)
  if (flags.has('--json') && flags.has('--traceparent'))
    throw new UsageError('--json and --traceparent are two: choose one')
  const all = found(factsOfFlags(STEP_FACT_FLAGS, flags), environment, process.cwd())
  if (flags.has('--json')) {
    console.log(JSON.stringify(all, undefined, 2))
    return 0
  }
  for (const sentence of all.warnings) printWarning(sentence)
  if (!flags.has('--traceparent')) {
    console.log(contextText(all))
    return 0
  }
  const { traceparent } = all.identity
  if (traceparent) console.log(traceparent)
  else console.error('stepwell: no parent here: neither TRACEPARENT nor a workflow’s uid was found')
  return traceparent ? 0 : 1
}
