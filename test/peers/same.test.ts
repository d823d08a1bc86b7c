// The pack's rules and dashboards give the same on the engine as on a real Prometheus: of the same samples to the last
// digits, and of the same steps, which came to it through the Collector, the same series and the same alerts.

import { expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TICK_MILLISECONDS } from '@stepwell/model'
import { parse } from 'yaml'
import { DASHBOARDS } from '../../packages/deploy/src/grafana/testing/dashboards.ts'
import { PROMETHEUS } from '../../packages/deploy/src/prometheus/index.ts'
import { json } from '../support/ask.ts'
import {
  type Engine,
  plainEnvironment,
  startEngine,
  stepwell,
  temporaryFolder,
} from '../support/engine.ts'
import { freePort, startPeer, testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { Collector } from './collector.ts'
import { questionsOf } from './grafana.ts'
import { AGENT, held, REPO, STEP, TEMPLATE, work } from './night.ts'
import { hurriedRules, seriesText, startPackPrometheus, values } from './prometheus.ts'
import type { GeneratedSeries } from './promql/data.ts'
import { remoteWrite } from './promql/remote-write.ts'

const COUNTED = 'sum(agent_step_duration_seconds_count)'

testWith(
  ['prometheus'],
  'of the same samples, every query of rules and dashboards has the same answer',
  async (path) => {
    const engine = await startEngine()
    const env = environment(engine.urls.otlpHttp)
    const running = held(env)
    const lost = held(env, '; kill -9 $PPID')
    await waitFor('both to be announced', async () =>
      Bun.deepEquals(await values(engine.urls.prometheus, 'sum(agent_steps_running)'), ['[] 2']),
    )
    lost.release()
    const ended = await allKinds(env)
    // What the engine counts is seen from its next tick on; a minute of silence makes one lost.
    await waitFor(
      'all to be counted and one to be lost',
      async () => {
        const [counted] = await values(engine.urls.prometheus, COUNTED)
        const [gone] = await values(engine.urls.prometheus, 'sum(agent_steps_lost)')
        return counted === `[] ${ended}` && gone === '[] 1'
      },
      100_000,
    )
    const until = Math.floor(Date.now() / TICK_MILLISECONDS) * TICK_MILLISECONDS
    const samples = await samplesUntil(engine, until)
    expect(samples.length).toBeGreaterThan(400)
    const prometheus = await startWritable(path)
    await remoteWrite(prometheus, samples)

    const questions = [...ofRules(until), ...ofDashboards(until)]
    const differences: unknown[] = []
    let withData = 0
    for (const { name, url } of questions) {
      const [ours, theirs] = await Promise.all([
        answer(engine.urls.prometheus + url),
        answer(prometheus + url),
      ])
      if (theirs.size > 0) withData++
      const different = differenceOf(ours, theirs)
      if (different) differences.push({ name, ...different })
    }
    console.log(`${questions.length} queries, ${withData} with data; ${samples.length} series`)
    expect(differences).toEqual([])
    expect(withData).toBeGreaterThan(questions.length / 2)
    // A Prometheus can't see it: the engine's own rules do.
    const noticed = 'sum by (agent) (ALERTS{alertname="AgentStepsLost"})'
    await waitFor('the loss to be noticed', async () =>
      Bun.deepEquals(await values(engine.urls.prometheus, noticed), [`[["agent","${AGENT}"]] 1`]),
    )
    running.release()
    expect(await running.ended).toMatchObject({ code: 0 })
  },
)

testWith(
  ['otelcol', 'prometheus'],
  'of the same steps, what is recorded and what fires is the same',
  async (otelcol, path) => {
    const folder = hurriedRules()
    const kinds = ['recording', 'alerting'].map((kind) => join(folder, `*-${kind}.yaml`))
    const engine = await startEngine({ flags: kinds.flatMap((pattern) => ['--rules', pattern]) })
    const prometheus = await startPackPrometheus(path, {})
    const around = { prometheus, traces: engine.urls.otlpGrpc, flush: '500ms' }
    const collector = await Collector.start(otelcol, around)
    const env = {
      ...environment(collector.endpoint),
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${engine.urls.otlpHttp}/v1/logs`,
      OTEL_METRICS_EXPORTER: 'none',
    }
    const ended = await allKinds(env)
    for (const url of [prometheus, engine.urls.prometheus])
      await waitFor('all to be counted', async () =>
        Bun.deepEquals(await values(url, COUNTED), [`[] ${ended}`]),
      )
    for (const [what, query] of COMPARED) {
      const theirs = () => values(prometheus, query)
      await waitFor(`${what} of Prometheus`, async () => (await theirs()).length > 3)
      await waitFor(`${what} to be the same`, async () =>
        Bun.deepEquals(await values(engine.urls.prometheus, query), await theirs()),
      ).catch(() => {})
      expect(await values(engine.urls.prometheus, query)).toEqual(await theirs())
      console.log(`${what}: ${(await theirs()).length} are the same`)
    }
    const said = async (url: string) => (await alertsOf(url)).sort()
    expect(await said(engine.urls.prometheus)).toEqual(await said(prometheus))
  },
)

/** Rates depend on when samples were taken, which alerts there are does not; nor what stood still before. */
const COMPARED = [
  ['totals', '{__name__=~"agent_[^:]+",__name__!~"agent_steps_.+"}'],
  [
    'series that are recorded',
    'count by (__name__, agent, step_name, outcome, error_type, repo) ({__name__=~".+:rate5m"})',
  ],
  ['alerts', 'ALERTS{alertstate="firing"}'],
] as const

/** Labels and annotations, but for numbers that depend on when samples were taken. */
async function alertsOf(url: string): Promise<string[]> {
  const { data } = await json<{ data: { alerts: PublicAlert[] } }>(`${url}/api/v1/alerts`)
  return data.alerts
    .filter(({ state }) => state === 'firing')
    .map(({ labels, annotations: { description, ...others } }) => {
      const isExtrapolated = labels.alertname?.startsWith('AgentStepErrorClass')
      const said = isExtrapolated ? others : { ...others, description: wholePercent(description) }
      return `${seriesText(labels)} ${JSON.stringify(Object.entries(said).sort())}`
    })
}

/** Of two rates that were read at other times the quotient has other digits. */
const wholePercent = (text = '') =>
  text.replaceAll(/[\d.]+(?=%)/g, (percent) => String(Math.round(Number(percent))))

interface PublicAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly state: string
}

/** One of each way to end; gives how many ended. */
async function allKinds(env: Record<string, string>): Promise<number> {
  await work(env)
  const say = (text: string) => ['sh', '-c', `echo '${text}' >&2; exit 1`]
  const kinds: [agent: string, flags: string[], command: string[], code: number][] = [
    ['steady', [], ['true'], 0],
    ['steady', [], ['sleep', '0.3'], 0],
    ['limited', [], say('429 Too Many Requests'), 1],
    ['limited', [], say('429 Too Many Requests'), 1],
    ['limited', [], say('429 Too Many Requests'), 1],
    ['locked out', [], say('bad credentials'), 1],
    ['locked out', [], say('bad credentials'), 1],
    ['locked out', [], say('bad credentials'), 1],
    ['slow', ['--timeout', '0.2s'], ['sleep', '60'], 124],
    ['crash', [], ['sh', '-c', 'kill -SEGV $$'], 139],
    ['absent', [], ['no-such-command'], 127],
    ['stopped', [], ['sh', '-c', 'kill -TERM $PPID; sleep 60'], 143],
  ]
  await Promise.all(
    kinds.map(async ([agent, flags, command, code], pr) => {
      const facts = [
        '--agent',
        agent,
        '--step',
        'implement',
        '--repo',
        'acme/shop',
        '--pr',
        `${pr}`,
      ]
      const ended = await stepwell(['exec', ...facts, ...flags, '--', ...command], env)
      expect([command, ended.code]).toEqual([command, code])
    }),
  )
  const report = ['--agent', 'writer', '--step', 'write', '--repo', 'acme/shop', '--pr', '99']
  const ended = ['--status', 'success', '--duration', '15m']
  expect(await stepwell(['step', 'report', ...report, ...ended], env)).toMatchObject({ code: 0 })
  // Those of the night, and the one that was reported.
  return kinds.length + 3 + 1
}

const environment = (endpoint: string) => ({
  ...plainEnvironment(temporaryFolder('home')),
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
})

interface Matrix {
  readonly metric: Readonly<Record<string, string>>
  readonly value?: readonly [number, string]
  readonly values?: readonly (readonly [number, string])[]
}

/** All but what says nothing of stale markers, which an answer does not show. */
async function samplesUntil({ urls }: Engine, until: number): Promise<GeneratedSeries[]> {
  const query = '{__name__=~".+",__name__!~"ALERTS.*"}[1h]'
  const parameters = new URLSearchParams({ query, time: String(until / 1000) })
  const { data } = await json<{ data: { result: Matrix[] } }>(
    `${urls.prometheus}/api/v1/query?${parameters}`,
  )
  return data.result.map(({ metric, values = [] }) => ({
    labels: metric,
    points: values.map(([seconds, text]) => ({
      time: Math.round(seconds * 1000),
      value: numberOf(text),
    })),
  }))
}

const numberOf = (text: string) => Number(text.replace('Inf', 'Infinity'))

async function startWritable(path: string): Promise<string> {
  const folder = temporaryFolder('prometheus')
  const config = join(folder, 'prometheus.json')
  writeFileSync(config, '{}')
  const address = `127.0.0.1:${freePort()}`
  const flags = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--web.enable-remote-write-receiver',
  ]
  await startPeer([path, ...flags], `http://${address}/-/ready`)
  return `http://${address}`
}

interface Question {
  readonly name: string
  /** Without the server. */
  readonly url: string
}

/** Of each rule, what it evaluates. */
function ofRules(until: number): Question[] {
  const files = PROMETHEUS.filter(({ path }) =>
    /^prometheus\/[^/]+-(recording|alerting)/.test(path),
  )
  const rules = files
    .flatMap(({ content }) => parse(content).groups as { rules: Record<string, string>[] }[])
    .flatMap((group) => group.rules)
  expect(rules.length).toBeGreaterThan(25)
  return rules.flatMap(({ alert, record, expr }) => {
    const name = alert ?? record!
    const query = new URLSearchParams({ query: expr! })
    const [time, start] = [String(until / 1000), String(until / 1000 - 180)]
    // An alert's condition is mostly not met: its sides are what is compared.
    const sides = alert ? sidesOf(expr!) : []
    return [
      { name, url: `/api/v1/query?${query}&time=${time}` },
      { name, url: `/api/v1/query_range?${query}&start=${start}&end=${time}&step=7` },
      ...sides.map((side) => ({
        name: `${name}: ${side}`,
        url: `/api/v1/query?${new URLSearchParams({ query: side, time })}`,
      })),
    ]
  })
}

/** Its aggregations, which are written on a line of their own or in brackets. */
const sidesOf = (expr: string): string[] =>
  expr
    .split('\n')
    .map((line) => line.replace(/^\(|( > [\d.]+| >= \d+)?\)?( >=? ?[\d.]+)?$/g, ''))
    .filter((line) => /^(sum|max|increase|histogram_quantile)\b/.test(line) && isBalanced(line))

const isBalanced = (text: string): boolean =>
  text.split('(').length === text.split(')').length &&
  text.split('{').length === text.split('}').length

/** As Grafana asks; the times are those of what was copied. */
function ofDashboards(until: number): Question[] {
  const picked = {
    repo: [REPO, 'acme/shop'],
    agent: [AGENT, 'limited'],
    step: [STEP, 'implement'],
    template: [TEMPLATE],
  }
  return [true, false].flatMap((all) =>
    DASHBOARDS.flatMap((dashboard) =>
      questionsOf(dashboard, { prometheus: 'http://any' }, { all, values: picked })
        .filter(({ source }) => source === 'prometheus')
        .map(({ name, url }) => {
          const asked = new URL(url)
          const seconds = until / 1000
          for (const [key, time] of [
            ['start', seconds - 900],
            ['end', seconds],
            ['time', seconds],
          ] as const)
            if (asked.searchParams.has(key)) asked.searchParams.set(key, String(time))
          return { name: `${name} ${all ? 'all' : 'some'}`, url: asked.pathname + asked.search }
        }),
    ),
  )
}

/** Values by series and time; choices of a variable by themselves. */
type Answer = ReadonlyMap<string, number>

async function answer(url: string): Promise<Answer> {
  const { data } = await json<{ data: string[] | { result: Matrix[] } }>(url)
  if (Array.isArray(data)) return new Map(data.map((choice) => [choice, 0]))
  return new Map(
    data.result.flatMap(({ metric, value, values = value ? [value] : [] }) => {
      const series = JSON.stringify(Object.entries(metric).sort())
      return values.map(([time, text]) => [`${series} ${time}`, numberOf(text)] as const)
    }),
  )
}

/** To 1e-9: sums are added up in an order of their own. */
const isNear = (a: number, b: number): boolean =>
  Object.is(a, b) || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b))

function differenceOf(ours: Answer, theirs: Answer) {
  const keys = new Set([...ours.keys(), ...theirs.keys()])
  const first = [...keys].find((key) => {
    const [a, b] = [ours.get(key), theirs.get(key)]
    return a === undefined || b === undefined || !isNear(a, b)
  })
  return first && { first, ours: ours.get(first), theirs: theirs.get(first) }
}
