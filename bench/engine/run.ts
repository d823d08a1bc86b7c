// The engine beside what else people store spans in: ingest, latency, questions, memory, disk, start.
// `bun bench/engine/run.ts [--rounds N] [--seconds N] [--millions 1,3,10] [--parts ingest,life] [--only NAME,…]`;
// README.md says what each means and how peers are found.

import { parseArgs } from 'node:util'
import { CONTENDERS, type Contender } from './contenders.ts'
import { type Ingest, type Life, measureIngest, measureLife } from './measure.ts'
import { stopAll } from './server.ts'
import { ingestTable, lifeTables } from './tables.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    millions: { type: 'string', default: '1' },
    parts: { type: 'string', default: 'ingest,life' },
    only: { type: 'string', default: '' },
  },
})
const listOf = (text: string): string[] => text.split(',').filter((item) => item !== '')
const only = listOf(values.only)
const parts = listOf(values.parts)
const millions = listOf(values.millions).map(Number)

const isAsked = ({ name }: Contender) =>
  only.length === 0 || only.some((part) => name.toLowerCase().includes(part.toLowerCase()))
const isThere = ({ program }: Contender) => program === undefined || Bun.which(program) !== null

const asked = CONTENDERS.filter(isAsked)
const present = asked.filter(isThere)
const say = (text: string) => console.error(text)
for (const { name, program } of asked.filter((one) => !isThere(one))) {
  say(`${name} is left out: no ${program} on PATH`)
}

/** One that fails is said to, and costs the others nothing. */
async function attempt<T>({ name }: Contender, measure: () => Promise<T>): Promise<T | undefined> {
  try {
    return await measure()
  } catch (error) {
    say(`${name} broke off: ${(error as Error).message}`)
    await stopAll()
    return undefined
  }
}

if (parts.includes('ingest')) {
  const rounds = Number(values.rounds)
  const results = new Map<string, Ingest[]>(present.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < present.length; turn++) {
      // Each is first, second, … as often as the others.
      const contender = present[(turn + round) % present.length]!
      say(`ingest, round ${round + 1} of ${rounds}: ${contender.name}`)
      const measured = await attempt(contender, () =>
        measureIngest(contender, Number(values.seconds)),
      )
      results.get(contender.name)!.push(...(measured ?? []))
    }
  }
  console.log(ingestTable(present, results))
}

if (parts.includes('life')) {
  const lives = new Map<string, Life>()
  for (const contender of present) {
    const within = millions.filter((million) => million <= contender.most)
    if (within.length === 0) continue
    say(`${within.join(', ')} million spans: ${contender.name}`)
    const life = await attempt(contender, () => measureLife(contender, within))
    if (life) lives.set(contender.name, life)
  }
  console.log(lifeTables(present, lives, millions))
}

const absent = asked.filter((one) => !isThere(one)).map(({ name }) => name)
console.log(`\nAbsent: ${absent.join('; ') || 'none'}.`)
process.exit(0)
