export { redactArguments } from './arguments.ts'
export { LineRedactor } from './lines.ts'
export { REDACTED } from './ranges.ts'
export { Redactor } from './redactor.ts'
