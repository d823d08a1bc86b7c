// Collectors before the gateway: an agent on the node, and a router before two gateways.

import { expect } from 'bun:test'
import { openMetrics, sumOf } from '../support/ask.ts'
import { startEngine, stepwell } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { CollectorProcess, hurrying } from './collector-process.ts'
import { COLLECTED, DERIVED, rounded, startPrometheus, values } from './prometheus.ts'
import { behind, environmentOf } from './whole-gateway.ts'

const STEPS = 24

const host = (url: string) => new URL(url).host

/** Concurrent steps of four agents, of which one fails. */
const run = (env: Record<string, string>) =>
  Promise.all(
    Array.from({ length: STEPS }, (_, number) => {
      const agent = number % 4
      const step = ['exec', '--agent', `agent-${agent}`, '--step', 'work', '--pr', `${number}`]
      return stepwell([...step, '--', 'sh', '-c', `exit ${agent ? 0 : 1}`], env)
    }),
  )

testWith(
  ['otelcol'],
  'an agent keeps what it took while the gateway is away and it is killed itself',
  async (otelcol) => {
    const engine = await startEngine()
    const settings = behind(engine, 'http://127.0.0.1:1')
    const gateway = new CollectorProcess(otelcol, 'otel-collector-config.yaml', settings)
    const agent = new CollectorProcess(otelcol, 'agent.yaml', {
      env: { GATEWAY_ENDPOINT: host(gateway.otlpGrpc) },
      changes: hurrying('otlp_grpc', 'otlp_grpc/metrics'),
    })
    await agent.start()
    const env = environmentOf(agent)
    await run(env)
    await stepwell(['flush'], env)
    await agent.end('SIGKILL')
    await Promise.all([gateway.start(), agent.start()])
    await waitFor('the steps to arrive', async () => {
      const page = await openMetrics(engine.urls)
      return sumOf(page, 'agent_step_duration_seconds_count') === STEPS
    })
  },
)

testWith(
  ['otelcol', 'prometheus'],
  'a router before two gateways: sums over both are what the engine answers',
  async (otelcol, prometheusPath) => {
    const engine = await startEngine()
    const prometheus = await startPrometheus(prometheusPath, [])
    const gateways = await Promise.all(
      [1, 2].map(() =>
        new CollectorProcess(otelcol, 'scale-gateway.yaml', behind(engine, prometheus)).start(),
      ),
    )
    const exporters = ['loadbalancing', 'loadbalancing/metrics']
    const hostnames = gateways.map(({ otlpGrpc }) => host(otlpGrpc))
    const hurried = hurrying(...exporters) as { exporters: Record<string, object> }
    const router = new CollectorProcess(otelcol, 'scale-router.yaml', {
      changes: {
        exporters: Object.fromEntries(
          exporters.map((name) => [
            name,
            { ...hurried.exporters[name], resolver: { dns: null, static: { hostnames } } },
          ]),
        ),
      },
    })
    const env = environmentOf(await router.start(), 'grpc')
    await run(env)
    await stepwell(['flush'], env)

    const all = `sum(agent_step_duration_seconds_count) == ${STEPS}`
    for (const url of [engine.urls.prometheus, prometheus]) {
      await waitFor(`${url} to count`, async () => (await values(url, all)).length === 1)
    }
    for (const gateway of gateways) {
      const page = await gateway.exposed()
      expect(page.filter(({ name }) => name === 'agent_step_success_total')).not.toEqual([])
    }
    const expected = await values(engine.urls.prometheus, DERIVED)
    // A sum has no name, and of fractions one is not quite another.
    const named = `label_replace(${COLLECTED}, "__named", "$1", "__name__", "(.*)")`
    const found = await values(prometheus, `sum without (collector_instance_id) (${named})`)
    const renamed = found.map((line) => line.replace('"__named"', '"__name__"'))
    expect(renamed.map(rounded)).toEqual(expected.map(rounded))
  },
)
