// A store in memory that answers by looking at everything it has: for tests, as the naive model of the real one.

import { decodeJson, type Resource } from '@stepwell/otlp'
import type { SqlAnswer } from '../../sql/queries.ts'
import { serviceNameOf } from '../../store/dictionary.ts'
import { timeOfLog } from '../../store/records.ts'
import type {
  LogQuery,
  Operation,
  Store,
  StoredLog,
  StoredSpan,
  StoredTrace,
  StoreListener,
  TraceQuery,
} from '../../store/types.ts'
import { textOfValue } from '../http/any-value.ts'
import { kindName } from '../jaeger/model.ts'

export class FakeStore implements Store {
  readonly spans: StoredSpan[] = []
  readonly logs: StoredLog[] = []
  readonly #listeners = new Set<StoreListener>()

  /** Takes an OTLP/JSON request. */
  acceptTraces(json: string) {
    const added: StoredSpan[] = []
    for (const { resource, scopeSpans } of decodeJson('traces', json).resourceSpans)
      for (const { scope, spans } of scopeSpans)
        for (const span of spans) {
          const known = (stored: StoredSpan) =>
            stored.span.traceId === span.traceId && stored.span.spanId === span.spanId
          if (![...this.spans, ...added].some(known))
            added.push({ span, resource, scope, acceptedAt: NOW })
        }
    this.spans.push(...added)
    for (const listener of this.#listeners) listener.spans(added)
  }

  acceptLogs(json: string) {
    const added: StoredLog[] = []
    for (const { resource, scopeLogs } of decodeJson('logs', json).resourceLogs)
      for (const { scope, logRecords } of scopeLogs)
        for (const record of logRecords) added.push({ record, resource, scope, acceptedAt: NOW })
    this.logs.push(...added)
    for (const listener of this.#listeners) listener.logs(added)
  }

  async index() {
    throw new Error('the fake takes OTLP/JSON: acceptTraces, acceptLogs')
  }

  async caughtUp() {}

  async services() {
    return [...new Set(this.spans.map(({ resource }) => serviceNameOf(resource)))]
  }

  async operations(service: string): Promise<Operation[]> {
    const operations = new Map<string, Operation>()
    for (const { span, resource } of this.spans) {
      if (serviceNameOf(resource) !== service) continue
      const operation = { name: span.name, kind: span.kind }
      operations.set(`${operation.kind} ${operation.name}`, operation)
    }
    return [...operations.values()]
  }

  async findTraces(query: TraceQuery): Promise<StoredTrace[]> {
    const ids = new Set(
      this.spans.filter((span) => matches(span, query)).map(({ span }) => span.traceId),
    )
    const traces = [...ids].map((traceId) => this.#traceOf(traceId))
    return traces.sort((a, b) => Number(startOf(b) - startOf(a))).slice(0, query.limit)
  }

  async trace(traceId: string) {
    const trace = this.#traceOf(traceId)
    return trace.spans.length ? trace : undefined
  }

  async scanLogs(query: LogQuery, visit: (log: StoredLog) => boolean) {
    const sign = query.direction === 'forward' ? 1 : -1
    const inRange = this.logs.filter((log) => {
      const { record } = log
      const time = timeOfLog(log)
      return (
        time >= query.start &&
        time < query.end &&
        (query.traceId === undefined || record.traceId === query.traceId) &&
        (query.spanId === undefined || record.spanId === query.spanId) &&
        (!query.isEvent ||
          record.eventName !== '' ||
          record.attributes.some(({ key }) => key.startsWith('event')))
      )
    })
    inRange.sort((a, b) => sign * Number(timeOfLog(a) - timeOfLog(b)))
    for (const log of inRange) if (!visit(log)) return
  }

  async logResources(start: bigint, end: bigint): Promise<Resource[]> {
    const found = this.logs.filter((log) => timeOfLog(log) >= start && timeOfLog(log) < end)
    return [...new Set(found.map(({ resource }) => resource ?? NO_RESOURCE))]
  }

  /** What `sql` answers, or throws. */
  readonly sqlAnswers = new Map<string, SqlAnswer | Error>()

  async sql(query: string): Promise<SqlAnswer> {
    const answer = this.sqlAnswers.get(query)
    if (!answer) throw new Error(`nobody told the fake what to answer to ${query}`)
    if (answer instanceof Error) throw answer
    return answer
  }

  subscribe(listener: StoreListener) {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async close() {}

  /** How many listen. */
  get listening() {
    return this.#listeners.size
  }

  #traceOf(traceId: string): StoredTrace {
    return { traceId, spans: this.spans.filter(({ span }) => span.traceId === traceId) }
  }
}

const NOW = 1_795_168_800_000_000_000n as StoredSpan['acceptedAt']
const NO_RESOURCE: Resource = { attributes: [], droppedAttributesCount: 0, entityRefs: [] }

const startOf = ({ spans }: StoredTrace): bigint =>
  spans.map(({ span }) => span.startTimeUnixNano).reduce((a, b) => (a < b ? a : b))

function matches(stored: StoredSpan, query: TraceQuery): boolean {
  const { span, resource } = stored
  const duration = span.endTimeUnixNano - span.startTimeUnixNano
  return (
    span.startTimeUnixNano >= query.start &&
    span.startTimeUnixNano <= query.end &&
    (query.service === undefined || serviceNameOf(resource) === query.service) &&
    (query.operation === undefined || span.name === query.operation) &&
    (query.minDuration === undefined || duration >= query.minDuration) &&
    (query.maxDuration === undefined || duration <= query.maxDuration) &&
    [...(query.tags ?? [])].every(([key, text]) => hasTag(stored, key, text))
  )
}

function hasTag({ span, resource }: StoredSpan, key: string, text: string): boolean {
  if (key === 'error' && text === 'true' && span.status?.code === 2) return true
  if (key === 'span.kind' && kindName(span.kind) === text) return true
  const attributes = [
    ...span.attributes,
    ...(resource?.attributes ?? []),
    ...span.events.flatMap((event) => event.attributes),
  ]
  return attributes.some((one) => one.key === key && textOfValue(one.value) === text)
}
