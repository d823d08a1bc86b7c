// Steps go on while the engine is killed and comes back: their results are untouched, and nothing is lost.

import { expect, test } from 'bun:test'
import { number, openMetrics, sumOf, tag, traces } from '../support/ask.ts'
import {
  type Engine,
  plainEnvironment,
  samePorts,
  startEngine,
  stepwell,
  temporaryFolder,
} from '../support/engine.ts'
import { waitFor } from '../support/wait.ts'

const countedSteps = async (engine: Engine) =>
  sumOf(await openMetrics(engine.urls), 'agent_step_duration_seconds_count')

test('kill -9 of the engine in the middle of a run loses no step', async () => {
  const home = temporaryFolder('home')
  let engine = await startEngine()
  const env = {
    ...plainEnvironment(home),
    // Named, because without it another engine on the usual port would take what this one cannot.
    OTEL_EXPORTER_OTLP_ENDPOINT: engine.urls.otlpHttp,
    WORKFLOW_UID: 'killed-in-the-middle',
  }
  const step = (name: string, ...command: string[]) =>
    stepwell(['exec', '--agent', 'prober', '--step', name, '--', ...command], env)

  for (let n = 0; n < 3; n++) expect(await step(`before-${n}`, 'true')).toMatchObject({ code: 0 })
  expect(await countedSteps(engine)).toBe(3)

  // One step is under way when the engine dies: it waits for the file that the test makes afterwards.
  const gate = `${home}/go`
  const under = step(
    'under-way',
    'sh',
    '-c',
    `echo started; while ! [ -e ${gate} ]; do sleep 0.05; done; echo ended; exit 3`,
  )
  await waitFor(
    'the step to be announced',
    async () => (await number(engine.urls, 'sum(agent_steps_running)')) === 1,
  )
  expect(await engine.stop('SIGKILL')).toBeNull()

  // Named, for without it the step would go to port 4318 of this machine, where somebody's own engine may be.
  const { otlpHttp } = engine.urls
  const absent = await stepwell(
    [
      'exec',
      '--agent',
      'prober',
      '--step',
      'absent',
      '--',
      'sh',
      '-c',
      'echo out; echo err >&2; exit 4',
    ],
    { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: otlpHttp },
  )
  expect(absent.code).toBe(4)
  expect(absent.stdout).toBe('out\n')
  expect(absent.stderr).toContain('err\n')
  await Bun.write(gate, '')
  const ended = await under
  expect(ended.code).toBe(3)
  expect(ended.stdout).toBe('started\nended\n')

  engine = await startEngine({ dataDir: engine.dataDir, ports: samePorts(engine.urls) })
  expect(await countedSteps(engine)).toBe(3)
  expect(await stepwell(['flush'], env)).toMatchObject({ code: 0 })
  expect(await countedSteps(engine)).toBe(5)
  const names = (await traces(engine.urls))
    .flatMap((trace) => trace.spans)
    .map((span) => tag(span, 'step.name'))
  expect(names.sort()).toEqual(['absent', 'before-0', 'before-1', 'before-2', 'under-way'])
  await engine.stop()
})
