// Lines that are alike but for numbers, ids and quoted text: /patterns.

import type { Engine } from '../engine.ts'
import type { Asked, Route } from '../http/router.ts'
import { success } from './answers.ts'
import { nowOf, requireLogQuery } from './labels.ts'
import { readRange, readStep } from './parameters.ts'
import { readEntries } from './read.ts'

/** Lines, newest first. */
const MAX_LINES = 100_000
const MAX_PATTERNS = 10_000
const ANSWERED = 300
const MAX_CHARACTERS = 1000

export const patternRoutes = (engine: Engine): Route[] => [
  {
    methods: ['GET', 'POST'],
    path: '/loki/api/v1/patterns',
    answer: async (asked) => success(await readPatterns(engine, asked)),
  },
]

async function readPatterns(engine: Engine, { parameters, request }: Asked) {
  const query = requireLogQuery(parameters.get('query') ?? '')
  const range = readRange(parameters, nowOf(engine))
  const step = BigInt(readStep(parameters, range)) * 1_000_000n
  const patterns = new Map<string, Map<number, number>>()
  let lines = 0
  const scan = { ...range, direction: 'backward', signal: request.signal } as const
  await readEntries(engine, query, scan, ({ time, line }) => {
    const pattern = patternOf(line)
    const known = patterns.get(pattern)
    if (known || patterns.size < MAX_PATTERNS) {
      const samples = known ?? new Map<number, number>()
      patterns.set(pattern, samples)
      const at = Number((time - (time % step)) / 1_000_000_000n)
      samples.set(at, (samples.get(at) ?? 0) + 1)
    }
    return ++lines < MAX_LINES
  })
  return [...patterns]
    .map(([pattern, samples]) => ({ pattern, samples: [...samples].sort(([a], [b]) => a - b) }))
    .sort((a, b) => total(b.samples) - total(a.samples))
    .slice(0, ANSWERED)
}

const total = (samples: readonly (readonly [number, number])[]) =>
  samples.reduce((sum, [, count]) => sum + count, 0)

/** What differs from line to line: quoted text, and words with a digit. */
const VARIABLE = /"[^"]*"|[^\s"=:,;()[\]{}<>/]*\d[^\s"=,;()[\]{}<>/]*/g

export const patternOf = (line: string): string =>
  line
    .slice(0, MAX_CHARACTERS)
    .replace(VARIABLE, '<_>')
    .replace(/<_>(?:[:.]?<_>)+/g, '<_>')
