// Mutated and endless queries: a PromqlError or a tree, nothing else. `STEPWELL_SEED` repeats a run.

import { expect, test } from 'bun:test'
import { PromqlError } from '../error.ts'
import { format } from '../format/format.ts'
import { parse } from './parse.ts'

const SEED = Number(process.env.STEPWELL_SEED ?? Math.floor(Math.random() * 2 ** 31))
const ROUNDS = Number(process.env.STEPWELL_FUZZ_ROUNDS ?? 3000)

const QUERIES = [
  'sum by (job, le) (rate(http_requests_total{job=~"a.*|b", code!="500"}[5m] offset 1h))',
  'histogram_quantile(0.9, sum without (x) (rate(d_bucket[5m:30s]))) > bool 2 or vector(1)',
  'topk(3, a / on(x) group_left(y) b) unless -c ^ 2 * {"a.b", d="e"}',
  'label_replace(up @ 1609746000, "a", "$1", "b", "(.*)") and absent_over_time(x[1h30m] @ end())',
  'count_values("v", x) + avg_over_time(y[5m])[10m:] - 0x1F * 1e-3 / Inf % NaN # why',
]

const PIECES = [
  ...[
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ',',
    '"',
    "'",
    '`',
    '\\',
    '#',
    '\n',
    '\0',
    '🦉',
    '\ud800',
    '@',
    ':',
    '^',
    '-',
  ],
  ...[
    '=~',
    '!=',
    '>=',
    ' or ',
    ' by ',
    'offset',
    'bool',
    '[5m]',
    '[5m:1m]',
    '99999999999',
    '1e308',
    '0x',
    '1y',
  ],
  ...['constructor', '__proto__', '(?:', '{1000}', '.*', 'start()', 'sum', 'rate(', 'group_left'],
]

function randomOf(seed: number) {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
}

function mutated(random: (below: number) => number): string {
  const any = <T>(list: readonly T[]): T => list[random(list.length)]!
  let text = any(QUERIES)
  for (let i = random(6); i > 0; i--) {
    const at = random(text.length + 1)
    const piece = random(2) ? any(PIECES) : any(QUERIES).slice(random(40), 40 + random(40))
    text = text.slice(0, at) + piece + text.slice(at + random(12))
  }
  return text
}

function attempt(query: string): 'parsed' | 'refused' {
  try {
    format(parse(query))
    return 'parsed'
  } catch (error) {
    if (error instanceof PromqlError && error.message) return 'refused'
    throw new Error(`seed ${SEED}: ${JSON.stringify(query.slice(0, 1000))}`, { cause: error })
  }
}

test(`mutated queries are refused in words or parsed (seed ${SEED})`, () => {
  const random = randomOf(SEED)
  const outcomes = { parsed: 0, refused: 0 }
  for (let round = 0; round < ROUNDS; round++) outcomes[attempt(mutated(random))]++
  expect(outcomes.parsed).toBeGreaterThan(ROUNDS / 100)
  expect(outcomes.refused).toBeGreaterThan(ROUNDS / 10)
}, 60_000)

const N = 15_000

test.each<[string, string]>([
  ['parentheses', `${'('.repeat(N)}1${')'.repeat(N)}`],
  ['calls', `${'abs('.repeat(N / 2)}x`],
  ['additions', `1${'+1'.repeat(N)}`],
  ['powers', `1${'^1'.repeat(N)}`],
  ['signs', `${'-'.repeat(N)}1`],
  ['matchers', `{a="b"${',a="b"'.repeat(N / 3)}}`],
  ['subqueries', `x${'[5m:1m]'.repeat(N / 4)}`],
  ['times', `x${' @ 1'.repeat(N / 4)}`],
  ['labels', `sum by (${'a,'.repeat(N)}a)(x)`],
  ['braces', '{'.repeat(N)],
  ['quotes', '"'.repeat(N)],
  ['digits', '9'.repeat(N)],
  ['a duration', `x[${'9'.repeat(1000)}h]`],
  ['units', `x[${'1h'.repeat(N / 2)}]`],
  ['a pattern', `x{a=~"${'(a*)*'.repeat(N / 10)}b"}`],
  ['nested groups of a pattern', `x{a=~"${'('.repeat(N / 3)}a${')'.repeat(N / 3)}"}`],
  ['repetitions of a pattern', 'x{a=~"((a{100}){100}){100}"}'],
])('very many: %s', (_, query) => {
  expect(attempt(query)).toBeOneOf(['parsed', 'refused'])
})
