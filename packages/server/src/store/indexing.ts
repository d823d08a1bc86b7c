// A record of the journal becomes rows: numbers and codes for what agents send, whole rows for what is ours.

import { isNoId } from '@stepwell/model'
import type { Span } from '@stepwell/otlp'
import { announcedSpan, isFresh } from '../derive/announcement.ts'
import type { DerivedSeries } from '../derive/derived.ts'
import type { Standing } from '../derive/identities.ts'
import { ownSpan, stepwellKind } from '../derive/own-span.ts'
import type { JournalPosition, JournalRecord } from '../journal/types.ts'
import { type Dictionary, knownKind, serviceNameOf } from './dictionary.ts'
import { writeIds } from './ids.ts'
import { addOwnSpan } from './own-rows.ts'
import type { Batch } from './pending-rows.ts'
import { writePlace } from './place.ts'
import { logsOf, spansOf, timeOfLog } from './records.ts'
import { OWN } from './schema.ts'
import type { StoredLog, StoredSpan } from './types.ts'

/** What the rows of a record are made with. */
export interface Indexing {
  readonly batch: Batch
  readonly dictionary: Dictionary
  readonly derived: DerivedSeries
}

/** Rows of all the spans of `record`; those to be shown: without further copies of ours. */
export function indexSpans(record: JournalRecord, to: Indexing): StoredSpan[] {
  const shown: StoredSpan[] = []
  let resource: StoredSpan['resource']
  let service: number | undefined
  spansOf(record).forEach((stored, item) => {
    const { span } = stored
    // The sender was told.
    if (isNoId(span.traceId) || isNoId(span.spanId)) return
    if (service === undefined || stored.resource !== resource) {
      resource = stored.resource
      service = to.dictionary.service(serviceNameOf(resource), to.batch)
    }
    const standing = indexOwnSpan(stored, record.position, item, to)
    addSpan(span, service, standing ? OWN[standing] : OWN.no, record.position, item, to)
    if (standing !== 'copy' && standing !== 'conflict') shown.push(stored)
  })
  return shown
}

function indexOwnSpan(
  stored: StoredSpan,
  position: JournalPosition,
  item: number,
  { batch, derived }: Indexing,
): Standing | undefined {
  const { span, resource, acceptedAt } = stored
  const kind = stepwellKind(span.attributes)
  if (!kind) return undefined
  const own = ownSpan(kind, span, resource, acceptedAt)
  const standing = derived.accept(own)
  if (standing !== 'copy') addOwnSpan(batch.own_spans, own, standing, stored, position, item)
  return standing
}

function addSpan(
  span: Span,
  service: number,
  own: number,
  position: JournalPosition,
  item: number,
  { batch, dictionary }: Indexing,
): void {
  const row = batch.spans.add()
  const { columns } = batch.spans
  const kind = knownKind(span.kind)
  writeIds(columns, row, span.traceId, span.spanId)
  columns.start[row] = span.startTimeUnixNano
  columns.duration[row] =
    span.endTimeUnixNano > span.startTimeUnixNano
      ? span.endTimeUnixNano - span.startTimeUnixNano
      : 0n
  columns.service[row] = service
  columns.operation[row] = dictionary.operation(service, span.name, kind, batch)
  columns.kind[row] = kind
  columns.status[row] = span.status?.code ?? 0
  columns.own[row] = own
  writePlace(columns, row, position, item)
}

/** Rows of all the log records of `record`, which may announce running work. */
export function indexLogs(record: JournalRecord, to: Indexing): StoredLog[] {
  const logs = logsOf(record)
  const { position, acceptedAt } = record
  let resource: StoredLog['resource']
  let codes: { readonly service: number; readonly resource: number } | undefined
  logs.forEach((stored, item) => {
    if (!codes || stored.resource !== resource) {
      resource = stored.resource
      codes = {
        service: to.dictionary.service(serviceNameOf(resource), to.batch),
        resource: to.dictionary.resource(resource, to.batch),
      }
    }
    addLog(stored, codes, position, item, to.batch)
    const announced = announcedSpan(stored.record, resource)
    if (announced && isFresh(stored.record, acceptedAt)) {
      to.derived.hear(announced, Number(acceptedAt / 1_000_000n))
    }
  })
  return logs
}

/** Of a record outside of any trace, or of any span. */
const NO_TRACE = '0'.repeat(32)
const NO_SPAN = '0'.repeat(16)

function addLog(
  stored: StoredLog,
  codes: { readonly service: number; readonly resource: number },
  position: JournalPosition,
  item: number,
  { logs }: Batch,
): void {
  const { record } = stored
  const row = logs.add()
  const { columns } = logs
  writeIds(columns, row, record.traceId || NO_TRACE, record.spanId || NO_SPAN)
  columns.time[row] = timeOfLog(stored)
  columns.service[row] = codes.service
  columns.resource[row] = codes.resource
  columns.severity[row] = record.severityNumber
  columns.event[row] = mayNameEvent(stored) ? 1 : 0
  writePlace(columns, row, position, item)
}

/** In some back end's naming or other, `event.name` of the record, its scope or its resource is its event's name. */
const mayNameEvent = ({ record, scope, resource }: StoredLog): boolean =>
  record.eventName !== '' ||
  [record, scope, resource].some((holder) =>
    holder?.attributes.some(({ key }) => key.startsWith('event')),
  )
