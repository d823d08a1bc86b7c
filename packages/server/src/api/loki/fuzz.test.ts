// Queries that nobody would write, on lines that nobody would log: refused or answered, never a crash and never a
// search without end. `STEPWELL_SEED` repeats a run, `STEPWELL_FUZZ_ROUNDS` lengthens it.

import { expect, test } from 'bun:test'
import { LokiError } from './answers.ts'
import type { Entry } from './entry.ts'
import { parseLogql } from './logql/parse.ts'
import { compilePipeline } from './logql/pipeline.ts'
import { prettyLogql } from './logql/pretty.ts'
import { RangeCounter } from './range-counter.ts'
import { RangeValues } from './range-values.ts'

const SEED = Number(process.env.STEPWELL_SEED ?? Math.floor(Math.random() * 2 ** 31))
const ROUNDS = Number(process.env.STEPWELL_FUZZ_ROUNDS ?? 3000)

const QUERIES = [
  '{a="b", c=~"d.*|e", f!="g"} |= "x" != `y` |~ "z+" !~ "(q|r){2,5}" |> "<_> a <_>" or "b"',
  '{a="b"} | json | logfmt --strict x="y", z | pattern `<a> - <_> "<b>"` | regexp "(?P<n>\\\\d+)"',
  '{a="b"} | json c="d[0].e", f | unpack | decolorize | drop a, b="c" | keep d, e=~"f"',
  '{a="b"} | size > 5.5MB and took <= 1h30m or (n != 3, s =~ "x") | addr = ip("10.0.0.0/8") # why',
  '{a="b"} |= ip("::1") | line_format "{{ if gt (int .n) 2 }}{{ .x | trunc 3 }}{{ end }}" | label_format q=r, s="{{.t}}"',
  'sum by (a, b) (rate({a="b"} |= "x" [5m] offset 1h)) / on(a) group_left(c) vector(2) > bool 3 or -1 ^ 2',
  'quantile_over_time(0.9, {a="b"} | logfmt | unwrap duration(took) | __error__="" [10m]) by (q)',
  'topk(3, label_replace(count_over_time({a="b"}[1m]), "x", "$1", "y", "(.*)")) without (z)',
  'absent_over_time({a="b"} | unwrap x [1m]) unless sort_desc(avg(bytes_rate({a="b"}[1s])))',
]

const PIECES = [
  ...[
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    '|',
    ',',
    '"',
    '`',
    '\\',
    '{{',
    '}}',
    '<_>',
    '#',
    '\n',
    '\0',
    '🦉',
    '\ud800',
  ],
  ...[
    '|=',
    '!~',
    '=~',
    '>=',
    ' or ',
    ' and ',
    'offset',
    'unwrap',
    'by',
    'sum',
    '[5m]',
    '999999999999999',
    '1e308',
    '-',
  ],
  ...[
    'constructor',
    '__proto__',
    '(?:',
    '{1000}',
    '.*',
    '$1',
    'ip(',
    '{a="b"}',
    'range',
    'printf "%*d"',
    '$__x',
  ],
]

const LINES = [
  '',
  'plain text of 10.1.2.3 and ::1',
  '{"a":{"b":[1,{"c":"d"}]},"__proto__":{"x":1},"constructor":"c","took":"5s","n":1e400}',
  '{"broken":',
  'took=1m30s size=5KB q="a \\" b" n=3 = == "x" k',
  '\u001b[31mred\u001b[0m \ud800 \0 ünïcode',
  'x'.repeat(100_000),
  '"='.repeat(50_000),
  '{"a":'.repeat(20_000),
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
  let text = random(10) === 0 ? '' : any(QUERIES)
  for (let i = random(6) + (text ? 0 : 5); i > 0; i--) {
    const at = random(text.length + 1)
    const length = random(12)
    const what = random(4)
    if (what === 0) text = text.slice(0, at) + text.slice(at + length)
    else if (what === 1) text = text.slice(0, at) + any(PIECES) + text.slice(at)
    else if (what === 2) text = text.slice(0, at) + any(PIECES) + text.slice(at + length)
    else {
      const other = any(QUERIES)
      const from = random(other.length)
      text = text.slice(0, at) + other.slice(from, from + random(40)) + text.slice(at)
    }
  }
  return text
}

/** Refused in words, or run; anything else fails. */
function attempt(query: string, lines: readonly string[]) {
  try {
    const parsed = parseLogql(query)
    prettyLogql(query)
    for (const line of lines) run(parsed, line)
    return 'ran'
  } catch (error) {
    if (error instanceof LokiError && error.message) return 'refused'
    throw new Error(`seed ${SEED}: ${JSON.stringify(query.slice(0, 1000))}`, { cause: error })
  }
}

function run(parsed: ReturnType<typeof parseLogql>, line: string) {
  const entry: Entry = { time: 5_000_000_000n, line, labels: { a: 'b' }, metadata: { n: '3' } }
  if (parsed.kind === 'log') {
    compilePipeline(parsed.query)(entry)
    return
  }
  const grid = { start: 5000, end: 8000, step: 1000 }
  for (const aggregation of parsed.query.ranges) {
    const found =
      aggregation.unwrap && aggregation.operator !== 'absent_over_time'
        ? new RangeValues(aggregation, grid)
        : new RangeCounter(aggregation, grid)
    const kept = compilePipeline(aggregation.query)(entry)
    if (kept) found.add(kept)
    found.series('x')
  }
}

test(`mutated queries are refused in words or run (seed ${SEED})`, () => {
  const random = randomOf(SEED)
  const outcomes = { ran: 0, refused: 0 }
  for (let round = 0; round < ROUNDS; round++)
    outcomes[attempt(mutated(random), [LINES[random(LINES.length)]!])]++
  // Else nothing of what runs queries was tried.
  expect(outcomes.ran).toBeGreaterThan(ROUNDS / 100)
  expect(outcomes.refused).toBeGreaterThan(ROUNDS / 10)
}, 60_000)

test.each(QUERIES)('%s, as it is, on every line', (query) => {
  expect(attempt(query, LINES)).toBeOneOf(['ran', 'refused'])
})

const N = 20_000

test.each<[string, string]>([
  ['parentheses', `${'('.repeat(N)}1${')'.repeat(N)}`],
  ['parentheses of a filter', `{a="b"} | ${'('.repeat(N)}x>1${')'.repeat(N)}`],
  ['sums', `${'sum('.repeat(N)}1`],
  ['additions', `1${'+1'.repeat(N)}`],
  ['powers', `1${'^1'.repeat(N)}`],
  ['signs', `${'-'.repeat(N)}1`],
  ['matchers', `{a="b"${',a="b"'.repeat(N / 2)}}`],
  ['stages', `{a="b"}${'|json'.repeat(N)}`],
  ['line filters', `{a="b"}${'|="x"'.repeat(N)}`],
  ['alternatives', `{a="b"} |= "x"${' or "x"'.repeat(N / 2)}`],
  ['filters', `{a="b"} | x>1${' and x>1'.repeat(N / 2)}`],
  ['labels', `sum by (${'a,'.repeat(N)}a)(vector(1))`],
  ['braces', '{'.repeat(N)],
  ['quotes', '"'.repeat(N)],
  ['digits', '9'.repeat(N)],
  ['a range', `rate({a="b"}[${'9'.repeat(1000)}h])`],
  ['offsets', `rate({a="b"}[5m]${' offset 5m'.repeat(N / 5)})`],
  ['captures', `{a="b"} | pattern "${'<a>x'.repeat(N)}"`],
  ['keys', `{a="b"} | json x="${'a.'.repeat(N)}a"`],
  ['a template', `{a="b"} | line_format "${'{{if .a}}'.repeat(N / 4)}"`],
  ['a name', `{${'a'.repeat(N)}="b"}`],
])('very many: %s', (_, query) => {
  expect(attempt(query, LINES.slice(0, 3))).toBeOneOf(['ran', 'refused'])
})

// Each would take an engine that tries one way after another longer than the universe has.
test.each([
  '(x+x+)+y',
  '(.*)(.*)(.*)(.*)(.*)[0-9]z$',
  '(a|aa)+$',
  '((a{10}){10}){10}b',
  `${'(x?)'.repeat(50)}x{50}`,
  `(${'['.repeat(5)}`,
])('the pattern %s takes no longer for being wrong', (pattern) => {
  const quoted = JSON.stringify(pattern)
  for (const query of [
    `{a="b"} |~ ${quoted}`,
    `{a="b"} | regexp ${JSON.stringify(`(?P<n>${pattern})`)}`,
    `{a=~${JSON.stringify(`b|${pattern}`)}} | n=~${quoted}`,
    `{a="b"} | line_format ${JSON.stringify(`{{ regexReplaceAll ${quoted} __line__ "" }}`)}`,
  ])
    expect(attempt(query, ['x'.repeat(20_000), 'a'.repeat(20_000)])).toBeOneOf(['ran', 'refused'])
})
