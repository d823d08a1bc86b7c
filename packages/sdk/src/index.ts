// @stepwell/sdk: the wrapper's spans from inside a program, on the OpenTelemetry API.

export type { Attributes, AttributeValue, Environment, Used } from '@stepwell/model'
export { extractFromEnvironment, injectIntoEnvironment } from './environment.ts'
export type { ErrorClass } from './errors.ts'
export type { Placement, StepFacts } from './facts.ts'
export { type GateOptions, type Verdict, withGate } from './gate.ts'
export { type EndedStep, recordAgentStep } from './record.ts'
export { AgentStepTracer, type StepEnd, type StepOptions, withStep } from './step.ts'
export { startTelemetry, type Telemetry, type TelemetryOptions } from './telemetry/start.ts'
