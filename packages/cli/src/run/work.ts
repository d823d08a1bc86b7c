// What a verb asks for: a command to run, and the span that says how it went.

import type { Attributes } from '@stepwell/model/attributes'
import type { Rules } from '@stepwell/model/rules'
import type { AskedMeasure } from '../gate/verdict.ts'
import type { OnExportFailure } from '../report/undelivered.ts'
import type { Context } from './context.ts'

export type AnnounceTo = 'stderr' | 'stdout' | 'off'

export interface Work {
  readonly kind: 'workflow' | 'stage' | 'step' | 'gate'
  readonly context: Context
  readonly command: readonly string[]
  /** Whether output that is no terminal is copied through us, and sent line by line. */
  readonly capture: boolean
  /** Where the two JSON lines go; undefined: to stderr, where that is no terminal. */
  readonly announce: AnnounceTo | undefined
  /** What becomes of telemetry that nobody took; undefined: what the environment says. */
  readonly onExportFailure?: OnExportFailure | undefined
  /** Milliseconds until the command is asked to end, by TERM. */
  readonly timeout?: number | undefined
  /** Milliseconds from then until KILL. */
  readonly killAfter?: number | undefined
  /** Folder that gets the files `trace_id`, `span_id`, `traceparent` and `exit_code`. */
  readonly outputFolder?: string | undefined
  readonly gate?: AskedMeasure | undefined
  /** Whether the telemetry of an agent that we know is switched on for it. */
  readonly instrument?: boolean | undefined
  /** Whether the command's arguments are told, without their secrets. */
  readonly recordArguments?: boolean | undefined
  /** The user's own error classes and secrets, of a file that was named; undefined: of what is found. */
  readonly rules?: Rules | undefined
  /** Whether the command's output is rewritten as JSON lines. */
  readonly jsonLines?: boolean | undefined
  /** A user's own, on the span and its announcements. */
  readonly attributes?: Attributes | undefined
  /** Sentences about what was ignored on the way here. */
  readonly warnings: readonly string[]
}

/** A program's name, of its path. */
export const programOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)

/** Milliseconds for which delivery may delay our end. */
export const EXPORT_BOUND_MILLISECONDS = 3_000

export const DEFAULT_KILL_AFTER_MILLISECONDS = 10_000

/** Where the work stands in time: both clocks, read together. */
export interface Start {
  /** Unix time in nanoseconds. */
  readonly unixNano: bigint
  /** `performance.now()` of the same moment. */
  readonly at: number
}
