// What is told of unfinished work: OTLP log records that `exec` and its kin send at the start and every 10 s.

import { ATTRIBUTE, type Attributes, type StepwellKind } from './attributes.ts'
import { type Facts, startAttributes } from './span.ts'

export type AnnouncementPhase = 'started' | 'running'

/** A running step speaks this often. */
export const ANNOUNCE_EVERY_MILLISECONDS = 10_000

/** Silent for longer than this, measured by arrival, a step is lost. */
export const LOST_AFTER_MILLISECONDS = 60_000

/** A lost step leaves the gauge after this. */
export const LOST_SHOWN_FOR_MILLISECONDS = 24 * 3_600_000

/** `stepwell.step.started`: the `event_name` of the log record. */
export const announcementEventName = (kind: StepwellKind, phase: AnnouncementPhase) =>
  `stepwell.${kind}.${phase}`

const EVENT_NAME = /^stepwell\.(workflow|stage|step|gate)\.(started|running)$/

export function parseAnnouncementEventName(
  eventName: string,
): { kind: StepwellKind; phase: AnnouncementPhase } | undefined {
  const match = EVENT_NAME.exec(eventName)
  return match
    ? { kind: match[1] as StepwellKind, phase: match[2] as AnnouncementPhase }
    : undefined
}

/**
 * Attributes of an announcement: those that the span will have, its parent, and its start (Unix time in
 * nanoseconds, as decimal text because a double cannot hold it). Trace and span id are the record's own.
 * Every announcement carries all of it, so that the loss of the first costs nothing.
 */
export function announcementAttributes(
  kind: StepwellKind,
  facts: Facts,
  startTimeUnixNano: bigint,
  parentSpanId: string | undefined,
): Attributes {
  const attributes = startAttributes(kind, facts)
  attributes[ATTRIBUTE.startTime] = String(startTimeUnixNano)
  if (parentSpanId) attributes[ATTRIBUTE.parentSpanId] = parentSpanId
  return attributes
}
