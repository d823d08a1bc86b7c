// Rules as a real Prometheus evaluates them: the same files and the same metrics give the same series at the same times,
// the same alerts and the same answers about them. `SEED=$RANDOM` makes other rules of it.

import { expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { json } from '../support/ask.ts'
import { startEngine, temporaryFolder } from '../support/engine.ts'
import { freePort, startPeer, testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { Random } from './promql/random.ts'
import { generateRules, HOSTS } from './rules/generate.ts'

const seed = Number(process.env.SEED ?? 1)
/** Seconds of metrics, which begin so long after both are running. */
const FED = 25
const LEAD = 8
/** Until nothing changes any more. */
const SETTLED = 12

testWith(['prometheus'], `rules give what they give in Prometheus (SEED=${seed})`, async (path) => {
  const random = new Random(seed)
  const folder = temporaryFolder('rules')
  const rules = join(folder, 'rules.yaml')
  writeFileSync(rules, generateRules(random))
  const [engine, theirs] = await Promise.all([
    startEngine({
      flags: ['--rules', rules, '--external-label', 'cluster=x', '--external-url', EXTERNAL_URL],
    }),
    startPrometheus(path, rules),
  ])
  const ours = engine.urls.prometheus
  const start = Math.ceil(Date.now() / 1000) + LEAD
  // Ahead of time, so that each evaluation finds the same.
  const body = JSON.stringify(metrics(random, start))
  await send(`${engine.urls.otlpHttp}/v1/metrics`, body)
  await send(`${theirs}/api/v1/otlp/v1/metrics`, body)
  const end = start + FED + SETTLED
  // Groups ask up to two seconds of the past.
  for (const url of [ours, theirs])
    await waitFor(`${url} to go on`, async () => (await evaluatedUntil(url)) > end + 3, 120_000)

  // Prometheus stores alerts from its third evaluation on.
  const range = { start: String(start - 1), end: String(end), step: '1' }
  const query = '{__name__=~"rec:.+|ALERTS|ALERTS_FOR_STATE"}'
  const evaluated = await both(
    [ours, theirs],
    `query_range?${new URLSearchParams({ query, ...range })}`,
  )
  const [mine, real] = evaluated.map(seriesOf)
  expect(real!.length).toBeGreaterThan(10)
  expect(mine).toEqual(real!)
  const window = { query: `${query}[${FED + SETTLED}s]`, time: String(end) }
  const stored = await both([ours, theirs], `query?${new URLSearchParams(window)}`)
  expect(seriesOf(stored[0])).toEqual(seriesOf(stored[1]))

  for (const asked of [
    'rules',
    'rules?type=alert&group_limit=1',
    'rules?match[]={severity="page"}',
    'alerts',
    ...ERRORS,
  ]) {
    const answers = await both([ours, theirs], asked)
    expect([asked, comparable(answers[0])]).toEqual([asked, comparable(answers[1])])
  }
})

const EXTERNAL_URL = 'http://outside.example:9090'

const ERRORS = [
  'rules?type=other',
  'rules?exclude_alerts=2',
  'rules?match[]=1',
  'rules?match[]={',
  'rules?group_limit=0',
  'rules?group_limit=-1',
  'rules?group_limit=x',
  'rules?group_limit=9999999999',
  'rules?group_next_token=x',
  'rules?group_limit=1&group_next_token=x',
  'rules?rule_name[]=none',
  'rules?file[]=none',
  'rules?exclude_alerts=TRUE&type=ALERT',
]

const both = (urls: readonly string[], path: string): Promise<unknown[]> =>
  Promise.all(
    urls.map(async (url) => {
      const response = await fetch(`${url}/api/v1/${path}`)
      return { status: response.status, ...((await response.json()) as object) }
    }),
  )

/** Seconds since the Unix epoch: of the group that is furthest behind. */
async function evaluatedUntil(url: string): Promise<number> {
  const { data } = await json<{ data: { groups: { lastEvaluation: string }[] } }>(
    `${url}/api/v1/rules`,
  )
  return Math.min(...data.groups.map(({ lastEvaluation }) => Date.parse(lastEvaluation))) / 1000
}

/** Each series in a line, sorted. */
function seriesOf(answer: unknown): string[] {
  const { data } = answer as {
    data: { result: { metric: Record<string, string>; values: [number, string][] }[] }
  }
  return data.result
    .map(
      ({ metric, values }) =>
        `${JSON.stringify(Object.entries(metric).sort())} ${values.join(' ')}`,
    )
    .sort()
}

/** Without what no two processes have in common. Alerts of a rule are in no order. */
function comparable(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (key, value) => {
    if (key === 'evaluationTime' || key === 'lastEvaluation') return typeof value
    if (key === 'activeAt' || key === 'keepFiringSince') return Date.parse(value)
    if (key === 'alerts' && Array.isArray(value))
      return value.map((one) => JSON.stringify(one)).sort()
    return value
  })
}

/** A gauge and a counter for each host, a point a second; now and then a host is silent, and says so. */
function metrics(random: Random, start: number) {
  const points = (value: (second: number) => number) =>
    HOSTS.flatMap((host) => {
      let isThere = true
      return Array.from({ length: FED }, (_, second) => {
        if (random.chance(0.1)) isThere = !isThere
        const time = String(BigInt(start + second) * 1_000_000_000n)
        return {
          attributes: [{ key: 'host', value: { stringValue: host } }],
          startTimeUnixNano: String(BigInt(start - 60) * 1_000_000_000n),
          timeUnixNano: time,
          ...(isThere ? { asDouble: value(second) } : { flags: 1 }),
        }
      })
    })
  return {
    resourceMetrics: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'app' } }] },
        scopeMetrics: [
          {
            metrics: [
              { name: 'load', gauge: { dataPoints: points(() => random.between(0, 4)) } },
              {
                name: 'work',
                sum: {
                  aggregationTemporality: 2,
                  isMonotonic: true,
                  dataPoints: points((second) => second * 1.5),
                },
              },
            ],
          },
        ],
      },
    ],
  }
}

async function send(url: string, body: string): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
}

async function startPrometheus(path: string, rules: string): Promise<string> {
  const folder = temporaryFolder('prometheus')
  const config = join(folder, 'prometheus.json')
  writeFileSync(
    config,
    JSON.stringify({
      global: { evaluation_interval: '15s', external_labels: { cluster: 'x' } },
      rule_files: [rules],
    }),
  )
  const address = `127.0.0.1:${freePort()}`
  await startPeer(
    [
      path,
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      `--web.external-url=${EXTERNAL_URL}`,
      '--web.enable-otlp-receiver',
    ],
    `http://${address}/-/ready`,
  )
  return `http://${address}`
}
