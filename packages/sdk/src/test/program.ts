// A user's program, in several ways of ending: what the test of startTelemetry runs, on Bun and on plain Node.

import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { AgentStepTracer, recordAgentStep, startTelemetry, withGate, withStep } from '../index.ts'

const [, , ending, endpoint] = process.argv
if (ending === 'with its own SDK')
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [itsOwn()] }))
const odd = { endpoint: {}, serviceName: {}, resource: null } as never
const options = ending === 'with odd options' ? odd : endpoint ? { endpoint } : {}
const telemetry = startTelemetry(options)
if (startTelemetry() !== telemetry) throw new Error('startTelemetry is not idempotent')

const work = () => trace.getTracer('my-agent').startActiveSpan('work', (span) => span.end())

switch (ending) {
  case 'quietly':
    await withStep(
      { step: 'plan', agent: 'rex', attributes: { half: 0.5, whole: 3, list: ['a'] } },
      work,
    )
    recordAgentStep({
      repo: 'acme/shop',
      prNumber: '7',
      taskId: '9',
      agent: 'rex',
      workflow: 'w',
      step: 'earlier',
      duration: 1500,
      success: true,
    })
    break
  case 'by shutdown':
    await withStep({ step: 'plan', agent: 'rex' }, work)
    await telemetry.shutdown()
    process.exit(3)
    break
  case 'by exit':
    new AgentStepTracer('plan', 'rex').start().finish()
    process.exit(3)
    break
  case 'in the middle':
    await withStep({ step: 'plan', agent: 'rex' }, () => process.exit(4))
    break
  case 'with a step unfinished':
    new AgentStepTracer('plan', 'rex').start()
    break
  case 'by an error outside':
    new AgentStepTracer('plan', 'rex').start()
    throw new Error('boom')
  case 'by a signal of its own choice':
    process.on('SIGTERM', () => {
      console.log('its own handler')
      process.exit(5)
    })
    waitForSignal()
    break
  case 'by a signal':
    waitForSignal()
    break
  case 'by an error':
    await withStep({ step: 'plan', agent: 'rex' }, () => {
      throw new Error('boom')
    })
    break
  case 'with its own SDK':
    await withStep({ step: 'plan', agent: 'rex' }, () => {})
    await telemetry.flush()
    break
  case 'with secrets': {
    const attributes = {
      header: 'Authorization: Bearer abcdef',
      list: ['password=hunter2'],
      'db.password': 'hunter2 and more',
      'http.request.header.authorization': ['Basic aHVudGVyMg=='],
      'gen_ai.token.type': 'input',
    }
    const taskId = process.env.MY_TOKEN
    const failing = withStep({ step: 'plan', agent: 'rex', taskId, attributes }, async (step) => {
      step.event('called', { url: 'https://u:hunter2@host/x', ticket: 'ACME-1234' })
      await Promise.resolve()
      throw new Error(`refused: ${process.env.MY_TOKEN}`)
    })
    await failing.catch(() => {})
    break
  }
  case 'with a flood':
    for (let n = 0; n < 30_000; n++)
      new AgentStepTracer(`step ${n}`, 'rex', { attributes: { text: 'x'.repeat(500) } })
        .start()
        .finish()
    for (let n = 0; n < 1_000; n++) await withStep({ step: 'short', agent: 'rex' }, () => {})
    break
  case 'with a stage':
    await withStep({ step: 'plan', agent: 'rex', stage: 'quality' }, work)
    break
  case 'by a call':
    await withStep({ step: 'plan', agent: 'rex' }, () => {
      const headers: Record<string, string> = {}
      const baggage = propagation.createBaggage({ team: { value: 'core' } })
      propagation.inject(propagation.setBaggage(context.active(), baggage), headers)
      console.log(JSON.stringify(headers))
    })
    break
  case 'in the root context':
    await context.with(ROOT_CONTEXT, async () => {
      await Promise.resolve()
      work()
    })
    break
  case 'with a span that is none':
    work()
    trace.getTracer('my-agent').startSpan('odd').end(Number.NaN)
    trace
      .getTracer('my-agent')
      .startSpan('its own', { startTime: [Number.NaN, 0], attributes: { 'stepwell.kind': 'step' } })
    break
  case 'with odd options':
  case 'without parent':
    work()
    break
}

/** One step is over, one runs, a gate is in it. */
function waitForSignal(): void {
  new AgentStepTracer('done', 'rex').start().finish()
  const step = new AgentStepTracer('plan', 'rex').start()
  void step.run(() => withGate({ gate: 'lint' }, () => new Promise(() => {})))
  setInterval(() => {}, 1_000)
  console.log('it waits')
}

/** Says what it is asked. */
function itsOwn(): SpanProcessor {
  return {
    onStart() {},
    onEnd: (span) => console.log(span.name),
    forceFlush: async () => console.log('flushed'),
    async shutdown() {},
  }
}
