// A program that gives the library a value of its own for every argument: what runs.ts looks for.

import {
  AgentStepTracer,
  extractFromEnvironment,
  recordAgentStep,
  startTelemetry,
} from '@stepwell/sdk'

const telemetry = startTelemetry()
const names = { stepName: 'step-given', agentName: 'agent-given' }
const tracer = new AgentStepTracer(names.stepName, names.agentName).start()
const end = { err: new Error('error-given'), exitCode: 3 }
tracer.finish(end.err, end.exitCode)

const traceId = '0af7651916cd43dd8448eb211c80319c'
const ended = {
  repo: 'owner/repo-given',
  prNumber: '4711',
  taskId: 'task-given',
  agent: 'agent-recorded',
  workflow: 'workflow-given',
  step: 'step-recorded',
  duration: 12_500,
  success: false,
  errorType: 'class_given',
}
const TRACEPARENT = `00-${traceId}-b7ad6b7169203331-01`
recordAgentStep({ ...ended, parent: extractFromEnvironment({ TRACEPARENT }) })
await telemetry.shutdown()
const told = {
  tracer: {
    traceId: tracer.traceId,
    arguments: { ...names, err: end.err.message, exitCode: String(end.exitCode) },
  },
  ended: { traceId, arguments: ended },
}
process.stdout.write(JSON.stringify(told))
