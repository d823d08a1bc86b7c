// Runs every `@example` of the docstrings, as it stands, and asks for one of all that is exported.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { spawn } from 'node:child_process'
import { context, trace } from '@opentelemetry/api'
import * as sdk from './index.ts'
import { setCurrentTelemetry } from './telemetry/current.ts'
import { type Recording, startRecording } from './test/recording.ts'

let recording: Recording
beforeEach(() => {
  recording = startRecording()
})
afterEach(() => {
  recording.stop()
  setCurrentTelemetry(undefined)
})

/** What the examples take for granted. */
const around = () => ({
  ...sdk,
  context,
  tracer: trace.getTracer('my-agent'),
  step: new sdk.AgentStepTracer('test', 'rex').start(),
  spawn: (_: string, __: string[], options: object) =>
    spawn(process.execPath, ['--version'], options),
  makePlan: async () => 'a plan',
  plan: () => 'a plan',
  review: () => 'a review',
  message: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  measureCoverage: async () => 0.9,
})

const EXAMPLE =
  /^ *\* @example\n((?: *\*(?: .*)?\n)+?) *\*\/\n(?:export )?(?:async )?(?:class|function|interface|type) (\w+)/gm
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
  ...parameters: string[]
) => (...values: unknown[]) => Promise<void>

const examples: { name: string; code: string }[] = []
for await (const file of new Bun.Glob('**/*.ts').scan(import.meta.dir)) {
  if (file.endsWith('.test.ts')) continue
  const text = await Bun.file(`${import.meta.dir}/${file}`).text()
  for (const [, block, name] of text.matchAll(EXAMPLE))
    examples.push({ name: name!, code: block!.replace(/^ *\* ?/gm, '') })
}

const index = await Bun.file(`${import.meta.dir}/index.ts`).text()
/** All that is exported, types too. */
const names = [...index.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list]) =>
  list!.split(',').map((name) => name.replace('type ', '').trim()),
)
/** Plain words, which need none. */
const WITHOUT_EXAMPLE = ['Attributes', 'AttributeValue', 'Environment', 'Telemetry', 'Used']

test('everything that is exported has an example', () => {
  const documented = examples.map(({ name }) => name)
  const wanted = names.filter((name) => !WITHOUT_EXAMPLE.includes(name))
  expect(documented.sort()).toEqual(wanted.sort())
  expect(names).toContain('StepOptions')
})

for (const { name, code } of examples)
  test(`the example of ${name} runs`, async () => {
    const given = around()
    // Its own declarations may have the names of what is given: hence the block.
    await new AsyncFunction(...Object.keys(given), `{${code}}`)(...Object.values(given))
    // These start nothing.
    if (!['injectIntoEnvironment', 'TelemetryOptions'].includes(name))
      expect(recording.spans().length).toBeGreaterThan(0)
  })
