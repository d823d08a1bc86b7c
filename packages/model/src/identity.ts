// Computed identities: every step of a workflow finds the same trace with nothing passed between them.
// design: trace id = first 16 bytes of SHA-256("stepwell/trace/" + uid), and so on for the spans.

import { type SpanId, type TraceId, toHex } from './ids.ts'

/**
 * SHA-256 of the UTF-8 bytes of `text`: 32 bytes. Handed in because each runtime has a native one
 * (`Bun.CryptoHasher`, `node:crypto`), and the wrapper's start has no room for another.
 */
export type Sha256 = (text: string) => Uint8Array

const digest = (sha256: Sha256, text: string, bytes: number) =>
  toHex(sha256(text).subarray(0, bytes))

/** The trace that all steps of the workflow run `uid` share. */
export const workflowTraceId = (sha256: Sha256, uid: string) =>
  digest(sha256, `stepwell/trace/${uid}`, 16) as TraceId

/** The span of the workflow run `uid` itself. */
export const workflowSpanId = (sha256: Sha256, uid: string) =>
  digest(sha256, `stepwell/workflow/${uid}`, 8) as SpanId

/** The span of `stage` in the workflow run `uid`. */
export const stageSpanId = (sha256: Sha256, uid: string, stage: string) =>
  digest(sha256, `stepwell/stage/${uid}/${stage}`, 8) as SpanId

/**
 * The span of the first outermost `exec` in an Argo node: computed, so that the exit handler that
 * reports a killed step reports the same span. All other steps have a random id.
 */
export const nodeStepSpanId = (sha256: Sha256, uid: string, nodeId: string) =>
  digest(sha256, `stepwell/step/${uid}/${nodeId}`, 8) as SpanId

/**
 * The trace of all that is reported of one task of a task list, whoever reports it, and whenever.
 * @param task `REPO/TAG/ID`.
 */
export const taskTraceId = (sha256: Sha256, task: string) =>
  digest(sha256, `stepwell/task/${task}`, 16) as TraceId

/**
 * One report in it: computed, so that two who see the same change report the same span, and others can link to it.
 * @param change what makes it another than the task's other reports: `RESULT/WHEN`.
 */
export const taskSpanId = (sha256: Sha256, task: string, change: string) =>
  digest(sha256, `stepwell/task-report/${task}/${change}`, 8) as SpanId
