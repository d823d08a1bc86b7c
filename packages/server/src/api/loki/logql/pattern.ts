// Regular expressions of LogQL: RE2, as Loki has them.

import { compilePattern } from '@stepwell/promql'
import { RE2JS } from 're2js'
import { LokiError } from '../answers.ts'

/** The test of a line filter: the pattern may match anywhere. `stage` is named in errors. */
export function linePattern(source: string, stage: string): (line: string) => boolean {
  try {
    const compiled = RE2JS.compile(source)
    return (line) => compiled.matcher(line).find()
  } catch (error) {
    throw new LokiError(`parse error : stage '${stage}' : ${messageOf(error)}`)
  }
}

/** Refuses a label's pattern that is none. */
export function checkLabelPattern(source: string): void {
  const { error } = compilePattern(source)
  if (error !== undefined) throw new LokiError(`parse error : error parsing regexp: ${error}`)
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
