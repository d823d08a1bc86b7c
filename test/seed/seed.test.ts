// Every name of the original design lives here, or what replaced it does; and none of its code blocks has a word that
// is neither.

import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/engine.ts'
import type { Block } from './block.ts'
import { BLOCKS } from './names/index.ts'
import { isThere, occurrences, type Place, wholeName } from './place.ts'
import { read } from './sources.ts'
import { WORDS } from './words.ts'

setDefaultTimeout(60_000)

const TEXT = join(root, '../shared/seed/observability-design.md')

/** Those of the names that are not there. */
async function missing(place: Place, names: readonly string[]): Promise<string[]> {
  const source = await read(place.in)
  if (source === undefined) return [`there is no ${place.in}`]
  const path = place.at ?? place.keysOf ?? place.within ?? ''
  return names
    .filter((name) => !isThere(source, name, place))
    .map((name) => `${place.in}: ${path}: ${name}`)
}

describe.each(BLOCKS.map((block) => [block.heading, block] as const))('%s', (_, block) => {
  test('has every name', async () => {
    const lacking = block.kept.map((kept) => missing(kept, kept.names))
    const replaced = block.replaced.map((place) => missing(place, [place.here]))
    expect([...new Set((await Promise.all([...lacking, ...replaced])).flat())]).toEqual([])
  })
})

test('docs/seed.md says what became of each part', () => {
  const page = readFileSync(join(root, 'docs/seed.md'), 'utf8')
  expect(BLOCKS.map(({ heading }) => heading).filter((heading) => !page.includes(heading))).toEqual(
    [],
  )
})

const text = existsSync(TEXT) ? readFileSync(TEXT, 'utf8') : undefined

describe.skipIf(!text)('the text of the original design (needs ../shared/seed)', () => {
  const code = codeBlocks(text ?? '')

  test('has no code that is not here', () => {
    expect([...code.keys()].sort()).toEqual(BLOCKS.map(({ heading }) => heading).sort())
  })

  test.each(BLOCKS.map((block) => [block.heading, block] as const))(
    '%s has no other name',
    (_, block) => {
      const written = code.get(block.heading)
      expect(written).toBeDefined()
      const unknown = namesOf(block).filter((name) => occurrences(written!, name) === 0)
      expect(unknown, 'names that are not in the text').toEqual([])
      expect(leftOver(withoutComments(written!), block), 'words that are no names yet').toEqual([])
    },
  )
})

const namesOf = ({ kept, replaced }: Block): string[] => [
  ...kept.flatMap(({ names }) => names),
  ...replaced.map(({ seed }) => seed),
]

/** Code by the heading above it. */
function codeBlocks(markdown: string): Map<string, string> {
  const found = new Map<string, string>()
  let heading = ''
  for (const [, title, code] of markdown.matchAll(/^#+ (.+)$|^```\w+\n([\s\S]*?)^```/gm)) {
    if (title) heading = title
    else found.set(heading, `${found.get(heading) ?? ''}${code}`)
  }
  return found
}

const withoutComments = (code: string) => code.replaceAll(/(?<=^|\s)(?:#|\/\/)[ !].*$/gm, '')

/** Words that are in no name of the block and in none of the words that name nothing. */
function leftOver(code: string, block: Block): string[] {
  const others = [...block.others.split(/\s+/), ...WORDS].filter(Boolean)
  const longestFirst = [...namesOf(block), ...others].sort((a, b) => b.length - a.length)
  let rest = code
  for (const name of longestFirst) rest = rest.replaceAll(wholeName(name), ' ')
  return rest.match(/[\w.-]*\w[\w.-]*/g) ?? []
}
