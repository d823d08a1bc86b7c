// A program that is the same piece of work as a wrapped command: what test/parity.test.ts compares with it.

import { AgentStepTracer, startTelemetry, withGate } from '@stepwell/sdk'

const [, , work = '', argument = '', errorType] = process.argv
const telemetry = startTelemetry()
if (work === 'gate') await withGate({ gate: 'lint' }, () => argument === 'pass')
else {
  const step = new AgentStepTracer('review', 'rex').start()
  // Announced, as what runs is.
  await Promise.resolve()
  step.finish(undefined, Number(argument), { errorType })
}
await telemetry.shutdown()
