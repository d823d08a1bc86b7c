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

async function withoutVerb([name, second]: readonly string[]): Promise<number> {
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
  const known = `known are ${names.join(', ')}`
  if (isGroup && second === undefined) return `${name} what? ${known}`
  const both = `${name} ${second ?? ''}`.trim()
  const near = nearest(name, names) ?? nearest(both, names)
  return `unknown verb ${isGroup ? both : name}; ${near ? `the nearest is ${near}` : known}`
}

process.exit(await main(process.argv.slice(2)))
