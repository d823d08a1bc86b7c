// What is wrong with a query is said in Prometheus' words, and where.
// `SEED=$RANDOM QUERIES=20000` looks for what is not known yet.

import { expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PromqlError, parse } from '@stepwell/promql'
import { temporaryFolder } from '../support/engine.ts'
import { freePort, startPeer, testWith } from '../support/peers.ts'
import { Grammar } from './promql/grammar.ts'
import { mutated } from './promql/mutations.ts'
import { Random } from './promql/random.ts'

const seed = Number(process.env.SEED ?? 1)
const queries = Number(process.env.QUERIES ?? 2_000)
const FEATURES = 'promql-experimental-functions,promql-binop-fill-modifiers'

/** One for each place at which the grammar looks for errors, and for each character that begins nothing. */
const WRONG = [
  ...['sum foo', 'sum by foo', 'sum by (a b)', 'sum by (a,', 'sum by (,)', 'sum by (a) x', 'sum(x'],
  ...['sum()', 'sum(x, y)', 'topk(x)', 'sum(abs(a b))', 'abs(a b)', 'abs(a,)', 'foo(a', 'foo(a)'],
  ...['x + on foo', 'x + on (a) group_left )', 'x + fill 1 y', 'x + fill(a) y', '1 + fill(1) x'],
  ...['x offset foo', 'x offset )', 'x offset (5', 'x @ start', 'x @ foo', 'x @ (5)', 'x == bool'],
  ...[
    'x[',
    'x[]',
    'x[5m',
    'x[5m)',
    'x[5m+]',
    'x[5m:1m',
    'x[5m:+]',
    'x[5m:1m:1m]',
    'x[:5m]',
    'x[a]',
  ],
  ...['x[5m] [5m]', 'x offset 5m [5m]', 'abs(x) smoothed', 'x[5m:1m] anchored', 'x[5m] @ 1 @ 2'],
  ...['x{a=1}', 'x{a}', 'x{a=}', 'x{"a" b}', 'x{a="b" c}', 'x{,}', 'x{a!b}', 'x{', 'x{a="b"', '{}'],
  ...['x!', 'x =~ y', '"a', '`a', '"\\q"', "'\\xg'", '"\\u12"', '5h5h', '1.5h', '5z', '1e', '0x'],
  ...[
    '1__0',
    '1.5.5',
    '.5.5',
    '1 2',
    'x\ny z',
    '#',
    ' ',
    '}',
    ')',
    ']',
    '@ 5',
    'bool',
    'a;b',
    '\u00e9',
  ],
  ...[
    'x[5m] offset 5h5h',
    'x[0]',
    'x[-5m]',
    'x[9223372037]',
    'info(x, y)',
    'info(x, sum({a="b"}))',
  ],
]

testWith(
  ['prometheus'],
  `errors of ${queries} wrong queries are those of Prometheus (SEED=${seed})`,
  async (path) => {
    const url = await start(path)
    expect(await differences(url, WRONG)).toEqual([])
    const random = new Random(seed)
    const grammar = new Grammar(random)
    const asked = Array.from({ length: queries }, () => mutated(random, grammar.query()))
    // Of several errors Prometheus tells the first that it comes across, on its way through its grammar.
    expect((await differences(url, asked)).length).toBeLessThan(queries / 100)
  },
)

async function differences(url: string, asked: readonly string[]) {
  const different = []
  for (const query of asked) {
    const [theirs, ours] = [await theirError(url, query), ourError(query)]
    if (theirs !== ours) different.push({ query, theirs, ours })
  }
  if (process.env.SEED) console.log(different)
  return different
}

async function theirError(url: string, query: string): Promise<string | undefined> {
  const response = await fetch(`${url}/api/v1/parse_query`, {
    method: 'POST',
    body: new URLSearchParams({ query }),
  })
  const text = await response.text()
  // There is no JSON for `fill (Inf)`.
  if (!text.startsWith('{')) return undefined
  const { error } = JSON.parse(text) as { error?: string }
  return error?.replace('invalid parameter "query": ', '')
}

function ourError(query: string): string | undefined {
  try {
    parse(query)
    return undefined
  } catch (error) {
    if (error instanceof PromqlError) return error.message
    throw error
  }
}

async function start(path: string): Promise<string> {
  const folder = temporaryFolder('promql-errors')
  const config = join(folder, 'prometheus.json')
  writeFileSync(config, '{}')
  const address = `127.0.0.1:${freePort()}`
  await startPeer(
    [
      path,
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      `--enable-feature=${FEATURES}`,
    ],
    `http://${address}/-/ready`,
  )
  return `http://${address}`
}
