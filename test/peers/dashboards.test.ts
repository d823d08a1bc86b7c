// Every query of every dashboard is put to the real Prometheus and to the embedded engine, with real steps behind it.

import { expect } from 'bun:test'
import {
  DASHBOARDS,
  type NamedDashboard,
} from '../../packages/deploy/src/grafana/testing/dashboards.ts'
import { type JaegerTrace, json } from '../support/ask.ts'
import { type Engine, plainEnvironment, startEngine, temporaryFolder } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { Collector } from './collector.ts'
import {
  hasData,
  labelsOf,
  numbersOf,
  type Pick,
  type Question,
  questionsOf,
  type Sources,
} from './grafana.ts'
import { AGENT, held, REPO, STEP, TEMPLATE, work } from './night.ts'
import { exemplarsOf, startPackPrometheus, values } from './prometheus.ts'

const LIVE = DASHBOARDS.filter(({ title }) => title === 'Live steps')
const FINISHED = DASHBOARDS.filter((dashboard) => !LIVE.includes(dashboard))

const VALUES = {
  repo: [REPO, 'acme/other'],
  agent: [AGENT, 'codex'],
  step: [STEP, 'review'],
  template: [TEMPLATE, 'hotfix'],
}
const PICKS: readonly Pick[] = [
  { all: true, values: VALUES },
  { all: false, values: VALUES },
]

testWith(
  ['otelcol', 'prometheus'],
  'every query of the dashboards finds data in Prometheus, and exemplars their traces',
  async (otelcol, prometheusPath) => {
    const engine = await startEngine()
    const prometheus = await startPackPrometheus(prometheusPath, {})
    const collector = await Collector.start(otelcol, {
      prometheus,
      traces: engine.urls.otlpGrpc,
      flush: '500ms',
    })
    const env = {
      ...plainEnvironment(temporaryFolder('home')),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${engine.urls.otlpHttp}/v1/logs`,
    }
    const running = held(env)
    await work(env)
    const sources = { prometheus, loki: engine.urls.loki, jaeger: engine.urls.ui }
    await allFound(questionsIn(FINISHED), sources)
    await seedsNumbers(sources)
    await exemplarsHaveTraces(sources, engine)
    await allFound(sentGauges, sources)
    running.release()
    expect(await running.ended).toMatchObject({ code: 0 })
  },
)

testWith([], 'every query of the dashboards finds data in the embedded engine', async () => {
  const engine = await startEngine()
  const { prometheus, loki, ui: jaeger } = engine.urls
  const env = {
    ...plainEnvironment(temporaryFolder('home')),
    OTEL_EXPORTER_OTLP_ENDPOINT: engine.urls.otlpHttp,
  }
  // One that goes without a word, and one that runs until all is answered.
  const lost = held(env, '; kill -9 $PPID')
  const running = held(env)
  await waitFor('both to be announced', async () =>
    Bun.deepEquals(await values(prometheus, 'sum(agent_steps_running)'), ['[] 2']),
  )
  lost.release()
  await work(env)
  const sources = { prometheus, loki, jaeger }
  await allFound(withoutPlace(FINISHED), sources)
  await seedsNumbers(sources)
  await exemplarsHaveTraces(sources, engine)
  // A minute of silence makes the one lost.
  await allFound(withoutPlace(LIVE), sources, 100_000)
  expect(await lost.ended).toMatchObject({ code: 137 })
  running.release()
  expect(await running.ended).toMatchObject({ code: 0 })
})

type Questions = (sources: Sources, pick: Pick) => Question[]

const questionsIn =
  (dashboards: readonly NamedDashboard[]): Questions =>
  (sources, pick) =>
    dashboards.flatMap((dashboard) => questionsOf(dashboard, sources, pick))

/** Where no Collector is, no series says where it runs, and there is nothing to choose. */
const withoutPlace =
  (dashboards: readonly NamedDashboard[]): Questions =>
  (sources, pick) =>
    questionsIn(dashboards)(sources, pick).filter(
      ({ name }) => !/: \$(environment|cluster)$/.test(name),
    )

/** What running steps send, which a Prometheus has too. */
const sentGauges: Questions = (sources, pick) =>
  questionsIn(LIVE)(sources, pick).filter(({ name }) => name.includes(' in use '))

async function allFound(ask: Questions, sources: Sources, limit?: number): Promise<void> {
  for (const pick of PICKS) {
    const empty = async () => {
      const asked = ask(sources, pick)
      const found = await Promise.all(asked.map(hasData))
      return { asked, empty: asked.filter((_, index) => !found[index]).map(({ name }) => name) }
    }
    await waitFor('data', async () => (await empty()).empty.length === 0, limit).catch(() => {})
    const last = await empty()
    console.log(
      `${last.asked.length} queries, ${pick.all ? 'All' : 'some'} chosen: ${last.asked.length - last.empty.length} with data`,
    )
    expect(last.empty).toEqual([])
  }
}

/** The seed's numbers, of two steps of one agent, of which one failed, and one of another, which failed. */
async function seedsNumbers(sources: Sources): Promise<void> {
  const [first] = FINISHED
  const asked = questionsIn([first!])(sources, PICKS[0]!)
  const shown = async (panel: string) =>
    await numbersOf(asked.find(({ name }) => name === `Agent Step Performance: ${panel}`)!)
  const rates = await shown('Success Rate by Agent (A)')
  expect(Object.keys(rates).sort()).toEqual([AGENT, 'codex'])
  // Half of them; but the increase of each series is extrapolated by itself, and they are young.
  expect(rates[AGENT]).toBeWithin(0.25, 0.75)
  expect(rates.codex).toBe(0)
  expect(await shown('Active PRs and Tasks (A)')).toEqual({ [REPO]: 1 })
  expect(await shown('Active PRs and Tasks (B)')).toEqual({ [REPO]: 1 })
}

async function exemplarsHaveTraces(sources: Sources, engine: Engine): Promise<void> {
  const shown = questionsIn(FINISHED)(sources, PICKS[0]!).filter(({ exemplarsOf }) => exemplarsOf)
  expect(shown.length).toBeGreaterThan(10)
  const traces = new Map<string, readonly string[]>()
  for (const question of shown) {
    const { name } = question
    const found = await exemplarsOf(sources.prometheus, question.exemplarsOf!)
    expect([name, found.length > 0]).toEqual([name, true])
    if (question.isHeatmap) {
      // A dot is drawn in the row of its bucket.
      const rows = new Set((await labelsOf(question)).map(({ le }) => le))
      expect([name, found.filter(({ series }) => !rows.has(series.le))]).toEqual([name, []])
    }
    for (const { trace_id, span_id } of found.map(({ labels }) => labels)) {
      if (!traces.has(trace_id!)) {
        const url = `${engine.urls.ui}/api/traces/${trace_id}`
        const { data } = await json<{ data: JaegerTrace[] }>(url)
        traces.set(
          trace_id!,
          data.flatMap(({ spans }) => spans.map(({ spanID }) => spanID)),
        )
      }
      expect([name, traces.get(trace_id!)]).toEqual([name, expect.arrayContaining([span_id])])
    }
  }
  console.log(`${shown.length} queries with exemplars, of ${traces.size} traces`)
}
