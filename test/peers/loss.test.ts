// What is lost when the gateway is killed and its back ends are gone while steps send.

import { expect } from 'bun:test'
import { join } from 'node:path'
import { ATTRIBUTE, type Nanoseconds, RESOURCE, type SpanId, type TraceId } from '@stepwell/model'
import { keyValues } from '@stepwell/otlp'
import { lines, openMetrics } from '../support/ask.ts'
import {
  type Engine,
  samePorts,
  startEngine,
  stepwell,
  temporaryFolder,
} from '../support/engine.ts'
import { parseExposition } from '../support/exposition.ts'
import { testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { CollectorProcess } from './collector-process.ts'
import { PACK_FOLDER, PrometheusProcess, raised, values } from './prometheus.ts'
import { behind, environmentOf } from './whole-gateway.ts'

const ROUNDS = { before: 8, during: 32, queued: 8, settled: 1, after: 8 } as const
type Round = keyof typeof ROUNDS

const countOf = (round: string) => `agent_step_duration_seconds_count{agent="${round}"}`

/** How many different ones the engine has. */
async function stepsOf(engine: Engine, agent?: string): Promise<number> {
  return parseExposition(await openMetrics(engine.urls))
    .filter(({ name }) => name === 'agent_step_duration_seconds_count')
    .filter(({ labels }) => labels.agent === agent)
    .reduce((sum, { value }) => sum + value, 0)
}

testWith(
  ['otelcol', 'prometheus'],
  'killed gateway, stopped back ends: no trace and no line is lost, and no count that was flushed',
  async (otelcol, prometheusPath) => {
    let engine = await startEngine()
    const config = join(PACK_FOLDER, 'prometheus.yaml')
    const data = temporaryFolder('prometheus')
    const prometheus = new PrometheusProcess(prometheusPath, config, data)
    await prometheus.start()
    const settings = behind(engine, prometheus.url)
    const gateway = new CollectorProcess(otelcol, 'otel-collector-config.yaml', settings)
    await gateway.start()
    const env = environmentOf(gateway)

    let ended = 0
    const run = async (round: Round) => {
      await Promise.all(
        Array.from({ length: ROUNDS[round] }, async (_, number) => {
          const step = ['exec', '--agent', round, '--step', 'work']
          await stepwell([...step, '--', 'echo', `${round} ${number}`], env)
          ended++
        }),
      )
    }
    const onPage = (round: Round) =>
      waitFor(`the page to count ${round}`, async () => {
        const found = await gateway.exposed()
        return found.some(
          ({ name, labels, value }) =>
            name === 'agent_step_success_total' && labels.agent === round && value >= ROUNDS[round],
        )
      })

    await run('before')
    await waitFor('Prometheus to count', async () => {
      const counted = `${countOf('before')} == ${ROUNDS.before}`
      return (await values(prometheus.url, counted)).length === 1
    })
    await Promise.all([engine.stop('SIGKILL'), prometheus.end('SIGKILL')])

    const during = run('during')
    await waitFor('some of them to be acknowledged', () => ended >= ROUNDS.before + 8)
    await gateway.end('SIGKILL')
    await during
    await gateway.start()

    await run('queued')
    await onPage('queued')
    // What flushes it has flushed the one before, too.
    await run('settled')
    await onPage('settled')
    await gateway.end('SIGKILL')

    engine = await startEngine({ dataDir: engine.dataDir, ports: samePorts(engine.urls) })
    await Promise.all([prometheus.start(), gateway.start()])
    await run('after')
    await stepwell(['flush'], env)

    const rows = []
    for (const [round, sent] of Object.entries(ROUNDS)) {
      const stored = await waitFor(`the traces of ${round}`, async () => {
        const found = await stepsOf(engine, round)
        return found >= sent && found
      })
      const said = await waitFor(`the lines of ${round}`, async () => {
        const query = `{service_name="agent-steps"} |~ "^${round} [0-9]+$"`
        const { size } = new Set(await lines(engine.urls, query))
        return size >= sent && size
      })
      const least = round === 'during' ? 0 : sent
      const counted = await waitFor(`the count of ${round}`, async () => {
        const found = await raised(prometheus.url, countOf(round))
        return found >= least && found
      })
      rows.push({ round, sent, stored, said, counted })
    }
    console.table(rows)
    for (const { round, sent, stored, said, counted } of rows) {
      expect([round, stored, said]).toEqual([round, sent, sent])
      // Of those some were not flushed yet, and others are sent again, acknowledged or not.
      if (round !== 'during') expect(counted).toBe(sent)
    }
  },
)

testWith(
  ['otelcol'],
  'a span that is refused is not counted until it is taken',
  async (otelcol) => {
    let engine = await startEngine()
    const settings = behind(engine, 'http://127.0.0.1:1')
    const gateway = new CollectorProcess(otelcol, 'otel-collector-config.yaml', {
      ...settings,
      env: { ...settings.env, QUEUE_BYTES: String(2 ** 20) },
    })
    await gateway.start()
    await engine.stop()

    const counted = async () => {
      const page = await gateway.exposed()
      return page.find(({ name }) => name === 'agent_step_success_total')?.value ?? 0
    }
    // The queues are full once one is refused again and again.
    let sent = 0
    let refused = 0
    while (refused < 5) {
      if (
        await gateway.send(largeStep(sent)).then(
          () => true,
          () => false,
        )
      ) {
        sent++
        refused = 0
      } else refused++
      expect(sent).toBeLessThan(1000)
    }
    engine = await startEngine({ dataDir: engine.dataDir, ports: samePorts(engine.urls) })
    await waitFor('the queues to have room', () =>
      gateway.send(largeStep(sent)).then(
        () => true,
        () => false,
      ),
    )
    sent++
    await waitFor('all to be counted', async () => (await counted()) >= sent)
    await waitFor('all to be stored', async () => (await stepsOf(engine)) === sent)
    expect(await counted()).toBe(sent)
  },
)

/** 100 kB, most of it where nothing is looked for. */
const largeStep = (number: number) => ({
  resourceSpans: [
    {
      resource: { attributes: keyValues({ [RESOURCE.serviceName]: 'large' }) },
      scopeSpans: [
        {
          spans: [
            {
              traceId: 'a'.repeat(32) as TraceId,
              spanId: String(number + 1).padStart(16, '0') as SpanId,
              endTimeUnixNano: (BigInt(Date.now()) * 1_000_000n) as Nanoseconds,
              attributes: keyValues({ [ATTRIBUTE.kind]: 'step', [ATTRIBUTE.outcome]: 'success' }),
              links: [{ attributes: keyValues({ large: 'x'.repeat(100_000) }) }],
            },
          ],
        },
      ],
    },
  ],
})
