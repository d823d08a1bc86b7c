// `stepwell exec -- COMMAND`: one step of a workflow, as if we were not there.

import type { Environment } from '@stepwell/model/environment'
import { factsOfFlags, STEP_FACT_FLAGS } from '../fact-flags.ts'
import { type Flag, parseFlags, UsageError, type Verb } from '../flags.ts'
import { contextOf } from '../run/context.ts'
import { RUN_FLAGS, runOptions } from '../run/flags.ts'
import { run } from '../run/run.ts'

const INSTRUMENT: Flag = {
  name: '--instrument',
  help: 'switches on the telemetry of claude, codex, gemini, qwen or opencode',
}

export const EXEC: Verb = {
  name: 'exec',
  usage: 'stepwell exec [FLAGS] -- COMMAND…',
  about:
    "Runs COMMAND as one step and reports it: its span, its lines of output, what it used.\nExit code, output and signals are the command's own; 124 timeout, 125 wrong flags, 126 not\nexecutable, 127 not found.",
  flags: [...STEP_FACT_FLAGS, ...RUN_FLAGS, INSTRUMENT],
  examples: ['stepwell exec --agent claude --step fix --timeout 30m -- claude -p "fix the tests"'],
}

export async function exec(args: readonly string[], environment: Environment): Promise<number> {
  const parsed = parseFlags(EXEC, args)
  const { flags, rest } = parsed
  if (flags.has('--help')) return (await import('../help.ts')).printHelp(EXEC)
  if (rest.length === 0) throw new UsageError(`no command: ${EXEC.usage}`)
  const given = factsOfFlags(STEP_FACT_FLAGS, flags)
  const options = { ...runOptions(parsed), instrument: flags.has('--instrument') }
  // From here on nothing is the user's mistake, and a claim may be made.
  const warnings: string[] = []
  const context = contextOf('step', given, environment, (sentence) => warnings.push(sentence))
  return run(
    { kind: 'step', context, command: rest, capture: true, ...options, warnings },
    environment,
  )
}
