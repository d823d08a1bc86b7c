// The command line's entry.

import { nearest, UsageError } from './flags.ts'
import { findVerb, VERBS, verbsOf } from './verbs.ts'

/** Wrong flags: nothing was run. */
const USAGE_EXIT_CODE = 125

async function main(args: string[]): Promise<number> {
  const found = findVerb(args)
  const of = found ? `stepwell ${found.verb.name}` : 'stepwell'
  try {
    if (!found) return await withoutVerb(args)
    const run = await found.verb.load()
    return await run(found.rest, process.env)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`${of}: ${error.message}\n  ${of} --help says what there is.`)
    return USAGE_EXIT_CODE
  }
}

async function withoutVerb([name, ...rest]: readonly string[]): Promise<number> {
  const [second] = rest
  if (name === 'help' && second !== undefined) {
    const asked = findVerb(rest)
    if (!asked) return withoutVerb([second, '--help'])
    const { printHelp } = await import('./help.ts')
    return printHelp(await asked.verb.describe())
  }
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
  const below = verbsOf(name)
  if (below.length > 0 && (second === '--help' || second === '-h')) {
    const { overview } = await import('./help.ts')
    console.log(overview(below))
    return 0
  }
  throw new UsageError(unknownVerb(name, second, below.length > 0))
}

function unknownVerb(name: string, second: string | undefined, isGroup: boolean): string {
  const names = (isGroup ? verbsOf(name) : VERBS).map((verb) => verb.name)
  const known = `${names.length > 1 ? 'known are' : 'there is'} ${names.join(', ')}`
  if (isGroup && second === undefined) return `${name} what? ${known}`
  const both = `${name} ${second ?? ''}`.trim()
  const near = nearest(name, names) ?? nearest(both, names)
  const what = `unknown verb ${isGroup ? both : name}`
  if (near) return `${what}; the nearest is ${near}`
  // All of them would be a wall of words; the help, which is named below, has a line for each.
  return isGroup ? `${what}; ${known}` : what
}

process.exit(await main(process.argv.slice(2)))
