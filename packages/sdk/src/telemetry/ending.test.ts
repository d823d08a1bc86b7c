// How a process may end, and what becomes of what ran and of what was recorded: on Bun and on plain Node.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { attributeText, type Span } from '@stepwell/otlp'
import { deadUrl } from '../test/collector.ts'
import { buildPrograms, node, type Programs, RUNTIMES } from '../test/run.ts'

// Each starts processes, on a machine that may be busy.
setDefaultTimeout(60_000)

let programs: Programs
beforeAll(async () => {
  programs = await buildPrograms()
})
afterAll(() => programs[Symbol.dispose]())

const classes = (spans: readonly Span[]) =>
  spans
    .map(({ name, attributes }) => `${name}: ${attributeText(attributes, 'error.type') ?? 'well'}`)
    .sort()

for (const runtime of RUNTIMES)
  describe.skipIf(runtime === 'node' && !node)(`on ${runtime}`, () => {
    /** Nobody answers: all that is recorded is in the spool. */
    const start = (ending: string) => programs.start(runtime, ending, {}, deadUrl())

    test('process.exit() inside a step ends the step with that exit code', async () => {
      const ended = await start('in the middle').ended()
      expect(ended.code).toBe(4)
      const [step, ...others] = ended.spooled()
      expect(classes([step!, ...others])).toEqual(['rex/plan: nonzero_exit'])
      expect(step!.status).toEqual({ code: 2, message: 'exit code: 4' })
    })

    test('a step that nobody ended is over with its process', async () => {
      const well = await start('with a step unfinished').ended()
      expect(well.code).toBe(0)
      expect(classes(well.spooled())).toEqual(['rex/plan: well'])
      const thrown = await start('by an error outside').ended()
      expect(thrown.code).toBe(1)
      expect(thrown.stderr).toContain('boom')
      expect(classes(thrown.spooled())).toEqual(['rex/plan: nonzero_exit'])
    })

    test('SIGTERM ends what runs, keeps what is recorded, and ends the process as ever', async () => {
      const program = start('by a signal')
      expect(await program.says()).toBe('it waits\n')
      program.process.kill('SIGTERM')
      const ended = await program.ended()
      expect(ended.signal).toBe('SIGTERM')
      expect(classes(ended.spooled())).toEqual([
        'gate lint: signal_term',
        'rex/done: well',
        'rex/plan: signal_term',
      ])
    })

    test("the program's own handler of SIGTERM decides", async () => {
      const program = start('by a signal of its own choice')
      await program.says()
      program.process.kill('SIGTERM')
      const ended = await program.ended()
      expect(ended.stdout).toBe('it waits\nits own handler\n')
      expect([ended.code, ended.signal]).toEqual([5, null])
      expect(classes(ended.spooled())).toEqual([
        'gate lint: nonzero_exit',
        'rex/done: well',
        'rex/plan: nonzero_exit',
      ])
    })
  })
