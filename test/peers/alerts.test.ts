// Real steps that fail make the real alert fire: wrapper, Collector, Prometheus with the pack's rules, Alertmanager. The
// embedded engine is the trace store, and says of the same steps what the same rules would.

import { expect } from 'bun:test'
import { ATTRIBUTE, PER_TASK_LABELS } from '@stepwell/model'
import { type JaegerTrace, json, tag } from '../support/ask.ts'
import {
  type Engine,
  plainEnvironment,
  startEngine,
  stepwell,
  temporaryFolder,
} from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { type Alert, Alertmanager, type Message } from './alertmanager.ts'
import { Collector } from './collector.ts'
import { exemplarsOf, startPackPrometheus, values } from './prometheus.ts'

testWith(
  ['otelcol', 'prometheus', 'prometheus-alertmanager'],
  'steps that fail or are slow make the alerts fire, and those that succeed end them',
  async (otelcol, prometheusPath, alertmanagerPath) => {
    const engine = await startEngine()
    const alertmanager = await Alertmanager.start(alertmanagerPath)
    const prometheus = await startPackPrometheus(prometheusPath, {
      alertmanager: alertmanager.address,
    })
    const collector = await Collector.start(otelcol, {
      prometheus,
      traces: engine.urls.otlpGrpc,
      flush: '500ms',
    })
    const run = runner(collector)

    // Each in a series of its own, which it begins: a PR is seldom worked on twice by one agent.
    await Promise.all([
      ...[1, 2, 3].map((pr) => run(['exec', ...step('coder', pr), '--', 'false'], 1)),
      ...[4, 5].map((pr) => run(['exec', ...step('planner', pr), '--', 'true'], 0)),
      run(['exec', ...step('stopped', 6), '--', 'sh', '-c', 'kill -TERM $PPID; sleep 60'], 143),
      run(['step', 'report', ...step('writer', 7), '--status', 'success', '--duration', '15m'], 0),
    ])

    const alerts = await waitFor('the alerts to arrive', async () => {
      const found = await alertmanager.alerts()
      return found.length >= EXPECTED.length && found.sort(byName)
    })
    expect(alerts).toMatchObject(
      EXPECTED.map((alert) => ({
        ...alert,
        receivers: [{ name: 'webhook' }],
        status: { state: 'active' },
      })),
    )
    expect(alerts.map(({ labels }) => labels)).toEqual(EXPECTED.map(({ labels }) => labels))
    for (const expected of EXPECTED) await told(alertmanager, 'firing', expected)

    // What the steps were, both say: among them one that was cancelled, of which no alert speaks.
    const canceled = 'agent_step_fail_total{agent="stopped",error_type="canceled"}'
    expect(await values(prometheus, `sum(${canceled})`)).toEqual(['[] 1'])
    const rules = await rulesOf(prometheus)
    expect(rules.map(({ health }) => health)).toEqual(rules.map(() => 'ok'))
    for (const { type, name, query } of rules) {
      if (type !== 'alerting' || name.startsWith('Stepwell')) continue
      const firing = await values(prometheus, query)
      expect(firing).toHaveLength(EXPECTED.filter(({ labels }) => labels.alertname === name).length)
      // A count that is new there is seen from its next tick on.
      await waitFor('the engine to count', async () =>
        Bun.deepEquals(await values(engine.urls.prometheus, query), firing),
      ).catch(() => {})
      expect(await values(engine.urls.prometheus, query)).toEqual(firing)
    }
    await recordedWithoutTasks(prometheus, rules)
    await exemplarsAreTraces(prometheus, engine)

    // A tenth of them failing is no alert: thirty that succeed are enough.
    const batch = Array.from({ length: 10 }, (_, index) => 10 + index)
    for (const round of [0, 10, 20]) {
      await Promise.all(
        batch.map((pr) => run(['exec', ...step('coder', pr + round), '--', 'true'], 0)),
      )
    }
    await waitFor('the alert to end', async () => {
      const left = await alertmanager.alerts()
      return left.every(({ labels }) => labels.alertname !== EXPECTED[0]!.labels.alertname)
    })
    await told(alertmanager, 'resolved', EXPECTED[0]!)
    expect((await alertmanager.alerts()).map(({ labels }) => labels)).toEqual([EXPECTED[1]!.labels])
  },
)

const COMMON = {
  severity: 'warning',
  component: 'agent-steps',
  // The Collector's.
  cluster: 'default',
  deployment_environment: 'production',
}

const EXPECTED: readonly Pick<Alert, 'labels' | 'annotations'>[] = [
  {
    labels: { ...COMMON, alertname: 'AgentStepFailureRate', agent: 'coder' },
    annotations: {
      summary: 'High failure rate for agent coder',
      description: 'Agent coder has 100% failure rate',
    },
  },
  {
    labels: { ...COMMON, alertname: 'AgentStepHighDuration', agent: 'writer' },
    annotations: {
      summary: 'Slow agent execution for writer',
      description: '95th percentile duration is 1597.44s for agent writer',
    },
  },
]

/** Waits for the webhook to be told; of an alert that has ended, the description has the last figure. */
const told = (
  { messages }: Alertmanager,
  status: Message['status'],
  { labels, annotations }: (typeof EXPECTED)[number],
) =>
  waitFor(`the webhook to be told that ${labels.alertname} is ${status}`, () =>
    messages
      .flatMap((message) => message.alerts)
      .some(
        (alert) =>
          alert.status === status &&
          Bun.deepEquals(alert.labels, labels) &&
          alert.annotations.summary === annotations.summary,
      ),
  )

interface Rule {
  readonly name: string
  readonly type: 'alerting' | 'recording'
  readonly query: string
  readonly health: string
}

async function rulesOf(prometheus: string): Promise<Rule[]> {
  const { data } = await json<{ data: { groups: { rules: Rule[] }[] } }>(
    `${prometheus}/api/v1/rules`,
  )
  return data.groups.flatMap(({ rules }) => rules)
}

/** Each recording rule has a series, and none of them has a label of one task. */
async function recordedWithoutTasks(prometheus: string, rules: readonly Rule[]): Promise<void> {
  for (const { type, name } of rules) {
    // What is usual, nobody knows after a minute.
    if (type !== 'recording' || !name.endsWith(':rate5m')) continue
    const series = await values(prometheus, name)
    expect(series.length).toBeGreaterThan(0)
    expect(series.filter((line) => PER_TASK_LABELS.some((label) => line.includes(label)))).toEqual(
      [],
    )
  }
}

/** Every exemplar of a step names a trace, and a span in it, that are stored. */
async function exemplarsAreTraces(prometheus: string, engine: Engine): Promise<void> {
  const found = [
    ...(await exemplarsOf(prometheus, 'agent_step_fail_total{error_type!="canceled"}')),
    ...(await exemplarsOf(prometheus, 'agent_step_duration_seconds_bucket')),
  ]
  expect(found.map(({ series }) => series.agent).sort()).toEqual(
    'coder coder coder coder coder coder planner planner stopped writer'.split(' '),
  )
  for (const { series, labels } of found) {
    const { trace_id, span_id } = labels
    const { data } = await json<{ data: JaegerTrace[] }>(`${engine.urls.ui}/api/traces/${trace_id}`)
    const span = data[0]?.spans.find(({ spanID }) => spanID === span_id)
    expect(span && tag(span, ATTRIBUTE.agent)).toBe(series.agent)
  }
}

const byName = (a: Alert, b: Alert) => (a.labels.alertname! < b.labels.alertname! ? -1 : 1)

const step = (agent: string, pr: number) => [
  '--agent',
  agent,
  '--step',
  'implement',
  '--repo',
  'acme/shop',
  '--pr',
  String(pr),
  '--task',
  `task-${pr}`,
]

/** Runs `stepwell` with telemetry to the Collector; it must end with `code`. */
function runner(collector: Collector) {
  const env = {
    ...plainEnvironment(temporaryFolder('home')),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  }
  return async (args: readonly string[], code: number) => {
    expect(await stepwell(args, env)).toMatchObject({ code })
  }
}
