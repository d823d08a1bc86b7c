// What is to be found, of a run that has ended.

import type { ToldStep } from './announced.ts'

export interface Wanted {
  readonly traceId: string
  readonly steps: readonly ToldStep[]
  /** The workflow's own span, where its id is known. */
  readonly workflowSpanId: string | undefined
  /** What is in a line that the steps wrote; undefined: any line of theirs will do. */
  readonly mark: string | undefined
  /** Unix time in milliseconds: nothing of it is older. */
  readonly startedAt: number
  /** Whether it ran in pods: other spans may be between, and lines have a pod's labels. */
  readonly ofPods: boolean
}
