// A program that is the same piece of work as a wrapped command: what test/parity.test.ts compares with it.

import { AgentStepTracer, startTelemetry, withGate, withStep } from '@stepwell/sdk'

const [, , work = '', argument = '', errorType] = process.argv
const telemetry = startTelemetry()
const gate = () => withGate({ gate: 'lint' }, () => argument === 'pass')
if (work === 'gate') await gate()
else if (work === 'inside') await withStep({ step: 'review', agent: 'rex' }, gate)
else {
  const step = new AgentStepTracer('review', 'rex').start()
  // Announced, as what runs is.
  await Promise.resolve()
  step.finish(undefined, Number(argument), { errorType })
}
await telemetry.shutdown()
