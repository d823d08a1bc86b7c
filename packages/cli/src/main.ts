// The command line's entry: one table of verbs. `exec` is here from the start, for its start is what users wait for;
// every other verb is loaded when it is asked for, and the engine's not at all in the compiled wrapper.

import type { Environment } from '@stepwell/model/environment'
import { exec } from './exec/exec.ts'
import { nearest, UsageError } from './flags.ts'

type Run = (args: string[], environment: Environment) => Promise<number>

interface VerbEntry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<Run>
}

const VERBS: readonly VerbEntry[] = [
  { name: 'exec', summary: 'run a command as one step', load: async () => exec },
  {
    name: 'workflow',
    summary: 'run a script as a workflow, or report how one ended',
    load: async () => (await import('./workflow/workflow.ts')).workflow,
  },
  {
    name: 'gate',
    summary: 'run a check as a quality gate',
    load: async () => (await import('./gate/gate.ts')).gate,
  },
  {
    name: 'flush',
    summary: 'send the telemetry that could not be delivered',
    load: async () => (await import('./flush/flush.ts')).flush,
  },
  {
    name: 'up',
    summary: 'start the engine and the page',
    load: async () => (await import('./up/up.ts').catch(onlyInCheckout)).up,
  },
  {
    name: 'demo',
    summary: 'run the demonstration workflow',
    load: async () => (await import('./demo/demo.ts').catch(onlyInCheckout)).demo,
  },
]

/** Wrong flags: nothing was run. */
const USAGE_EXIT_CODE = 125

async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args
  const environment = process.env
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const { overview } = await import('./help.ts')
    console.log(overview(VERBS))
    return name === undefined ? USAGE_EXIT_CODE : 0
  }
  if (name === '--version' || name === 'version') {
    const { VERSION } = await import('./version.ts')
    console.log(`stepwell ${VERSION}`)
    return 0
  }
  const verb = verbNamed(name)
  try {
    if (!verb) throw new UsageError(unknownVerb(name))
    const run = await verb.load()
    return await run(rest, environment)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const of = verb ? `stepwell ${verb.name}` : 'stepwell'
    console.error(`${of}: ${error.message}\n  ${of} --help says what there is.`)
    return USAGE_EXIT_CODE
  }
}

function verbNamed(name: string): VerbEntry | undefined {
  for (const verb of VERBS) if (verb.name === name) return verb
  return undefined
}

/** The compiled wrapper holds nothing of the engine; on the sources, a broken import is told as it is. */
function onlyInCheckout(error: unknown): never {
  if (!import.meta.path.includes('$bunfs')) throw error
  throw new UsageError('this verb runs from a checkout: ./stepwell there, or npm start')
}

function unknownVerb(name: string): string {
  const names = VERBS.map((verb) => verb.name)
  const near = nearest(name, names)
  return `unknown verb ${name}; ${near ? `the nearest is ${near}` : `known are ${names.join(', ')}`}`
}

process.exit(await main(process.argv.slice(2)))
