// What `exec` tells of a step's resources while it runs.

import { beforeAll, expect, test } from 'bun:test'
import {
  attributes,
  buildWrapper,
  Receiver,
  temporaryFolder,
  until,
  type Variables,
  WRAPPER,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

/** Holds 64 MiB and burns a core until it is told to end. */
const BUSY = String.raw`x=$(head -c 64M /dev/zero | tr '\0' x); while ! read -t 0; do :; done`
const IDLE = 'read -r'

function startStep(script: string, environment: Variables) {
  return Bun.spawn(
    [
      WRAPPER,
      'exec',
      '--announce',
      'off',
      '--agent',
      'a',
      '--step',
      's',
      '--repo',
      'o/r',
      '--',
    ].concat(['bash', '-c', script]),
    { env: environment, cwd: environment.HOME!, stdin: 'pipe', stdout: 'ignore', stderr: 'pipe' },
  )
}

const announced = (receiver: Receiver) => () => receiver.events().includes('stepwell.step.running')

test('a step that runs for long shows as gauges of its own, which end with it; where nobody wants them there are none', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  using unwilling = new Receiver()
  using refusing = new Receiver()
  refusing.answer = (signal) =>
    signal === 'metrics' ? new Response('no', { status: 404 }) : receiver.answer(signal)
  const step = startStep(BUSY, receiver.environment(folder.path))
  const others = [
    startStep(IDLE, { ...unwilling.environment(folder.path), OTEL_METRICS_EXPORTER: 'none' }),
    startStep(IDLE, refusing.environment(folder.path)),
  ]
  await until(() => receiver.metrics.length > 0, 'gauges')
  await until(announced(unwilling), 'the announcement')
  await until(announced(refusing), 'the announcement')
  for (const one of [step, ...others]) {
    one.stdin.write('\n')
    one.stdin.end()
    expect(await one.exited).toBe(0)
    // What was refused is not worth a word.
    expect(await new Response(one.stderr).text()).toBe('')
  }

  const { traceId, spanId } = receiver.spans[0]!.record
  const points = (name: string) =>
    receiver.metrics
      .filter(({ record }) => record.name === name)
      .flatMap(({ record }) => record.gauge!.dataPoints)
  const [memory, memoryEnd] = points('agent.step.memory.usage')
  expect(Number(memory!.asInt)).toBeGreaterThan(64 << 20)
  expect(Number(memory!.asInt)).toBeLessThan(512 << 20)
  expect(attributes(memory!)).toEqual({
    agent: 'a',
    repo: 'o/r',
    'step.name': 's',
    'stepwell.span_id': spanId,
  })
  expect(memory!.exemplars[0]).toMatchObject({ traceId, spanId })
  const [cpu, cpuEnd] = points('agent.step.cpu.utilization')
  expect(cpu!.asDouble).toBeGreaterThan(0.01)
  expect(cpu!.asDouble).toBeLessThan(2)
  expect([memoryEnd!.flags, cpuEnd!.flags]).toEqual([1, 1])
  expect(unwilling.metrics).toEqual([])
}, 60_000)
