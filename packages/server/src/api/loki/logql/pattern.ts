// Regular expressions of LogQL: RE2, as Loki has them.

import { compilePattern } from '@stepwell/promql'
import { RE2JS } from 're2js'
import { LokiError } from '../answers.ts'

/** The test of a line filter: the pattern may match anywhere. `stage` is named in errors. */
export function linePattern(source: string, stage: string): (line: string) => boolean {
  const compiled = compileRe2(
    source,
    (problem) => new LokiError(`parse error : stage '${stage}' : ${problem}`),
  )
  return (line) => compiled.matcher(line).find()
}

/** @throws what `refuse` makes of the reason */
export function compileRe2(source: string, refuse: (problem: string) => Error): RE2JS {
  try {
    return RE2JS.compile(source)
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error))
  }
}

/** Refuses a label's pattern that is none. */
export function checkLabelPattern(source: string): void {
  const { error } = compilePattern(source)
  if (error !== undefined) throw new LokiError(`parse error : error parsing regexp: ${error}`)
}
