// How the real Prometheus prints queries, and what tree it makes of them, is how ours does.

import { expect } from 'bun:test'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Expression, format, PromqlError, parse, tree } from '@stepwell/promql'
import { root, temporaryFolder } from '../support/engine.ts'
import { freePort, startPeer, testWith } from '../support/peers.ts'

const SCRIPTS = join(root, '../shared/promqltest')
const FEATURES =
  'promql-experimental-functions,promql-duration-expr,promql-extended-range-selectors,promql-binop-fill-modifiers'

const LONG = 'a_metric_with_a_long_name{with="labels",and="more of them, to fill a line"}'

const QUERIES = [
  '{"a b",c="d"}',
  '{"a","b"}',
  '{"",a="b"}',
  'foo{"b"}',
  'foo{__name__!="b"}',
  'sum by ("x y", b) ({"a"})',
  'x[36h] offset -5m',
  'x offset 1y2w @ -1',
  '1e99 + 1e-9 + 0x1F + 1_000',
  '- 5m',
  'x smoothed @ 100 offset 5m',
  'x[5m] anchored @ end()',
  'x[(5m) + -step() * 2:1m * 2] offset (1m * 2)',
  'x[+min_of(1m, step())] offset +step()',
  'a + on () group_right (b) fill_left (1) c',
  'a / ignoring () c unless on (x) d',
  'count_values("x", y) > bool 1',
  'sum without () (topk(5, x))',
  'histogram_quantiles(x, "q")',
  `max(sum_over_time((rate(${LONG}[5m]) + rate(${LONG}[5m]))[1h:1m]))`,
  `-(rate(${LONG}[5m]) + rate(${LONG}[5m]))`,
  `sum_over_time(sum_over_time(x{job="a long label, that fills the line nearly"}[10s])[100s:25s] @ 200)`,
  ...(existsSync(SCRIPTS) ? queriesOf(SCRIPTS) : []),
]

testWith(
  ['prometheus'],
  'queries are printed as by Prometheus, and have its tree',
  async (path) => {
    const url = await start(path)
    const different: unknown[] = []
    for (const query of QUERIES) {
      for (const [endpoint, of] of [
        ['format_query', format],
        ['parse_query', tree],
      ] as const) {
        const expected = await asked(`${url}/api/v1/${endpoint}`, query)
        const given = JSON.parse(JSON.stringify(read(query, of)))
        if (expected !== undefined && !Bun.deepEquals(given, expected))
          different.push({ endpoint, query, given, expected })
      }
    }
    expect(different).toEqual([])
  },
)

async function start(path: string): Promise<string> {
  const folder = temporaryFolder('promql-format')
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

function read(query: string, of: (expression: Expression) => unknown): unknown {
  try {
    return of(parse(query))
  } catch (error) {
    if (error instanceof PromqlError) return { error: error.message }
    throw error
  }
}

/** Undefined where it fails at JSON: it has none for `fill (Inf)`. */
async function asked(url: string, query: string): Promise<unknown> {
  const response = await fetch(`${url}?${new URLSearchParams({ query })}`)
  const text = await response.text()
  if (!text.startsWith('{')) return undefined
  const { data, error } = JSON.parse(text) as { data?: unknown; error?: string }
  return data ?? { error: error?.replace('invalid parameter "query": ', '') }
}

/** Of all evaluations of the scripts that are not to fail: errors are worded by those. */
function queriesOf(folder: string): string[] {
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.test'))
  const lines = scripts.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
  const EVALUATION =
    /^eval(?:_warn|_info|_ordered)? (?:instant at \S+|range from \S+ to \S+ step \S+)\s+(.+)$/
  return [...new Set(lines.flatMap((line) => EVALUATION.exec(line)?.[1] ?? []))]
}
