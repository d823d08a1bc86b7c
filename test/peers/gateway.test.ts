// The Collector configs of the pack on the real Collector, and the gateway between real steps and its back ends.

import { expect } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ATTRIBUTE, type Nanoseconds, RESOURCE } from '@stepwell/model'
import { encodeProtobuf, keyValues } from '@stepwell/otlp'
import { lines } from '../support/ask.ts'
import { root, stepwell, temporaryFolder } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { COLLECTED, DERIVED, rounded, seriesText, values } from './prometheus.ts'
import { seriesTable } from './series-table.ts'
import { environmentOf, startWholeGateway } from './whole-gateway.ts'

const FOLDER = join(root, 'deploy/collector')

testWith(['otelcol'], 'otelcol finds nothing wrong with the configs', async (otelcol) => {
  const files = readdirSync(FOLDER)
  expect(files.length).toBe(4)
  for (const file of files) {
    const run = Bun.spawn([otelcol, 'validate', '--config', join(FOLDER, file)], {
      env: { QUEUE_DIR: temporaryFolder('queue') },
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const said = (await new Response(run.stdout).text()) + (await new Response(run.stderr).text())
    expect([file, await run.exited, said]).toEqual([file, 0, ''])
  }
})

const WORKFLOWS = 32

/** Of a workflow: its own, the stage's, two steps', the gate's and the task's. */
const SPANS = 6

/** A workflow with a stage, in it two steps and a gate, and a task that is done; every other one fails. */
function workflow(number: number): string[] {
  const end = `exit ${number % 2}`
  const step = (agent: string, command: string) =>
    `stepwell exec --agent ${agent} --step implement -- sh -c '${command}'`
  // A shorter one has neither memory nor storage to tell of.
  const stage = `
    ${step('planner', `echo plan ${number}`)}
    ${step('coder', `echo code ${number}; sleep 1; echo > file-${number}; ${end}`)}
    stepwell gate tests --agent coder -- sh -c '${end}'`
  const whole = `
    stepwell stage run build -- sh -c "$0"; code=$?
    stepwell task report T-${number} --result done
    exit $code`
  const flags = ['--template', 'nightly', '--repo', 'acme/shop', '--pr', `${number % 8}`]
  return ['workflow', 'run', ...flags, '--', 'sh', '-c', whole, stage]
}

testWith(
  ['otelcol', 'prometheus'],
  `${WORKFLOWS} real workflows at once: their series are the engine's, in Prometheus and on the page; traces and logs arrive`,
  async (otelcol, prometheusPath) => {
    const { gateway, engine, prometheus } = await startWholeGateway(otelcol, prometheusPath)
    const env = (protocol: string) => {
      const set = environmentOf(gateway, protocol)
      return { ...set, PATH: `${root}:${process.env.PATH}` }
    }
    const folder = temporaryFolder('workflows')
    const environments = [env('http/protobuf'), env('grpc')]
    await Promise.all(
      Array.from({ length: WORKFLOWS }, (_, number) =>
        stepwell(workflow(number), environments[number % 2]!, folder),
      ),
    )
    // What a busy machine did not send in time is in the spool; some of it had arrived, and counts again.
    for (const each of environments) await stepwell(['flush'], each)
    const copies = (await gateway.acceptedSpans()) - SPANS * WORKFLOWS

    const all = `sum(agent_step_duration_seconds_count) >= ${2 * WORKFLOWS} and sum(agent_task_total) >= ${WORKFLOWS}`
    for (const url of [engine.urls.prometheus, prometheus]) {
      await waitFor(`${url} to count`, async () => (await values(url, all)).length === 1)
    }
    const ofEngine = await values(engine.urls.prometheus, DERIVED)
    expect(ofEngine.length).toBeGreaterThan(400)
    const ofPage = (await gateway.exposed())
      .filter(({ name }) => name.startsWith('agent_'))
      .map(({ name, labels, value }) => `${seriesText({ __name__: name, ...labels })} ${value}`)
      .sort()
    await waitFor('Prometheus to have as much', async () =>
      Bun.deepEquals(await values(prometheus, COLLECTED), ofPage),
    ).catch(() => {})
    const ofPrometheus = await values(prometheus, COLLECTED)
    console.log(seriesTable({ engine: ofEngine, Prometheus: ofPrometheus, ':8889': ofPage }))
    expect(ofPrometheus).toEqual(ofPage)
    if (copies === 0) expect(ofPrometheus.map(rounded)).toEqual(ofEngine.map(rounded))
    else console.log(`not compared with the engine: ${copies} spans came twice`)

    const said = await waitFor('the lines to arrive', async () => {
      const found = await lines(
        engine.urls,
        '{service_name="agent-steps"} |~ "^(plan|code) [0-9]+$"',
      )
      return found.length >= 2 * WORKFLOWS && found
    })
    expect(new Set(said).size).toBe(2 * WORKFLOWS)
  },
)

testWith(
  ['otelcol', 'prometheus'],
  'what agents measure themselves passes through: deltas as sums, one series a step',
  async (otelcol, prometheusPath) => {
    const { gateway, prometheus } = await startWholeGateway(otelcol, prometheusPath)
    const begin = BigInt(Date.now() - 10_000) * 1_000_000n
    // Two agents at once, each of which sends twice.
    for (const [index, value] of [3, 4, 5, 6].entries()) {
      const step = index % 2 ? 'b'.repeat(16) : 'a'.repeat(16)
      const attributes = keyValues({
        [RESOURCE.serviceName]: 'some-agent',
        [ATTRIBUTE.stepSpanId]: step,
      })
      const point = {
        startTimeUnixNano: (begin + BigInt(index * 1_000_000_000)) as Nanoseconds,
        timeUnixNano: (begin + BigInt((index + 1) * 1_000_000_000)) as Nanoseconds,
        asInt: BigInt(value),
      }
      const sum = { aggregationTemporality: 1, isMonotonic: true, dataPoints: [point] }
      const metrics = [{ name: 'some.count', sum }]
      await gateway.sendEncoded(
        'metrics',
        encodeProtobuf('metrics', {
          resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics }] }],
        }),
      )
    }
    const query =
      'some_count_total{job="some-agent",cluster="default",deployment_environment="production"}'
    const labels = (step: string) =>
      JSON.stringify([
        ['__name__', 'some_count_total'],
        ['instance', step.repeat(16)],
        ['job', 'some-agent'],
      ])
    const expected = [`${labels('a')} 8`, `${labels('b')} 10`]
    await waitFor('the sums to arrive', async () =>
      Bun.deepEquals(await values(prometheus, query), expected),
    ).catch(() => {})
    expect(await values(prometheus, query)).toEqual(expected)
  },
)
