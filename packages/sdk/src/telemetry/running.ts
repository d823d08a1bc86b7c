// What runs at this moment, so that the end of the process can end it: of all copies of this module that a bundler
// left in the process.

import type { Span } from '@opentelemetry/api'
import type { ErrorType } from '@stepwell/model'

type Finish = (errorType: ErrorType | undefined, exitCode: number | undefined) => void

const KEY = Symbol.for('stepwell.running')
const holder = globalThis as { [KEY]?: Map<Span, Finish> }

/** From now on what starts is remembered. */
export function rememberRunning(): void {
  holder[KEY] ??= new Map()
}

/** @param finish ends the span as the process ends. */
export function running(span: Span, finish: Finish): void {
  holder[KEY]?.set(span, finish)
}

export const ended = (span: Span): void => void holder[KEY]?.delete(span)

/** Ends what runs, the innermost first: by a signal, or by the process' exit code. */
export function endAll(errorType: ErrorType | undefined, exitCode: number | undefined): void {
  for (const finish of [...(holder[KEY]?.values() ?? [])].reverse()) finish(errorType, exitCode)
}
