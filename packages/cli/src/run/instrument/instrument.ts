// `exec --instrument`: switches on the telemetry of the agents that it knows, for that command alone. Loaded with the
// flag only: it is on the way to the command's start.

import { exportSettings, otlpVariables } from '@stepwell/otlp/export/settings'
import { programOf } from '../work.ts'
import { claude } from './claude.ts'
import { codex } from './codex.ts'
import { gemini, qwen } from './gemini.ts'
import type { Instrument, Invocation } from './invocation.ts'
import { opencode } from './opencode.ts'

/** By the name of the program, and of the package that it comes in. */
const AGENTS: readonly {
  readonly program: string
  readonly packageName: string
  readonly instrument: Instrument
}[] = [
  { program: 'claude', packageName: '@anthropic-ai/claude-code', instrument: claude },
  { program: 'codex', packageName: '@openai/codex', instrument: codex },
  { program: 'gemini', packageName: '@google/gemini-cli', instrument: gemini },
  { program: 'qwen', packageName: '@qwen-code/qwen-code', instrument: qwen },
  { program: 'opencode', packageName: 'opencode-ai', instrument: opencode },
]

/** Package runners, and the words that may stand between them and the package. */
const RUNNERS = /^(npx|bunx|pnpm|pnpx|yarn)$/
const BETWEEN = /^(dlx|-y|--yes|-q|--quiet|--bun)$/

/** The same invocation, with one warning, where the command is no agent that is known. */
export function instrument(invocation: Invocation, warn: (sentence: string) => void): Invocation {
  const { command, environment } = invocation
  const found = findAgent(command)
  if (!found) {
    const known = AGENTS.map(({ program }) => program).join(', ')
    warn(`--instrument changes nothing: ${programOf(command[0]!)} is none of ${known}`)
    return invocation
  }
  // Our own telemetry goes by these settings too: what is wrong with them is said there.
  const settings = exportSettings(otlpVariables(environment), undefined, () => {})
  return found.instrument({ ...invocation, argumentsAt: found.argumentsAt, settings }, warn)
}

function findAgent(
  command: readonly string[],
): { instrument: Instrument; argumentsAt: number } | undefined {
  let at = 0
  if (RUNNERS.test(programOf(command[0]!))) {
    at = 1
    while (BETWEEN.test(command[at] ?? '')) at++
  }
  const word = command[at] ?? ''
  for (const { program, packageName, instrument } of AGENTS) {
    // A version may follow a package's name.
    const isPackage = at > 0 && (word === packageName || word.startsWith(`${packageName}@`))
    if (isPackage || programOf(word) === program) return { instrument, argumentsAt: at + 1 }
  }
  return undefined
}
