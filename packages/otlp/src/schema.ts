// The table of OTLP's messages (opentelemetry-proto 1.11, google.rpc), of which every codec here is made:
// field number, name in OTLP/JSON, kind, and how presence is told. Each definition is typed by the message
// that it describes, so that types.ts and this table cannot drift apart.
import type * as otlp from './types.ts'
import { WIRE } from './wire.ts'

/** How a field's value is written. `traceId` and `spanId` are bytes of 16 and 8, or none, kept as hexadecimal. */
export const KIND = {
  string: 0,
  bytes: 1,
  traceId: 2,
  spanId: 3,
  bool: 4,
  int32: 5,
  uint32: 6,
  sint32: 7,
  enum: 8,
  fixed32: 9,
  int64: 10,
  uint64: 11,
  fixed64: 12,
  sfixed64: 13,
  double: 14,
  message: 15,
} as const
export type KindName = keyof typeof KIND
export type Kind = (typeof KIND)[KindName]
export const KIND_NAMES = Object.keys(KIND) as readonly KindName[]

/**
 * How many messages may lie within one another below the request: protobuf's customary limit. A list in a list
 * of attribute values takes two.
 */
export const MAX_DEPTH = 100

/** `implicit`: the default is not sent. `optional`: sent where set. `oneof`: sent where set, one of its message. */
type Presence = 'implicit' | 'optional' | 'oneof' | 'repeated'

export interface Field {
  readonly name: string
  readonly number: number
  readonly kind: Kind
  /** The wire type of one value; repeated scalars may come packed (`len`) too. */
  readonly wire: number
  readonly presence: Presence
  readonly repeated: boolean
  /** What the field has where it is absent; undefined where presence is told. */
  readonly absent: unknown
  /** The type of a field of kind `message`. */
  readonly message: Message | undefined
}

export interface Message {
  readonly name: string
  /** In the order of their numbers. */
  readonly fields: readonly Field[]
  readonly byNumber: readonly (Field | undefined)[]
  readonly byName: ReadonlyMap<string, Field>
  /** The message with every field absent. */
  readonly empty: Readonly<Record<string, unknown>>
  /** Of an object of its fields in memory, about. */
  readonly decodedBytes: number
}

/** Of a number in a list, in memory, about: a 64-bit one is an object. */
export const DECODED_NUMBER_BYTES = 32

type Definition<T> = {
  readonly [K in keyof T]-?: readonly [number, KindName | `${Capitalize<string>}`, Presence?]
}
type Keys<K extends string> = Definition<Record<K, unknown>>

const dataPoint = { startTimeUnixNano: [2, 'fixed64'], timeUnixNano: [3, 'fixed64'] } as const

const DEFINITIONS = {
  AnyValue: {
    stringValue: [1, 'string', 'oneof'],
    boolValue: [2, 'bool', 'oneof'],
    intValue: [3, 'int64', 'oneof'],
    doubleValue: [4, 'double', 'oneof'],
    arrayValue: [5, 'ArrayValue', 'oneof'],
    kvlistValue: [6, 'KeyValueList', 'oneof'],
    bytesValue: [7, 'bytes', 'oneof'],
    stringValueStrindex: [8, 'int32', 'oneof'],
  } satisfies Keys<otlp.AnyValueMember>,
  ArrayValue: { values: [1, 'AnyValue', 'repeated'] } satisfies Keys<'values'>,
  KeyValueList: { values: [1, 'KeyValue', 'repeated'] } satisfies Keys<'values'>,
  KeyValue: {
    key: [1, 'string'],
    value: [2, 'AnyValue'],
    keyStrindex: [3, 'int32', 'optional'],
  } satisfies Definition<otlp.KeyValue>,
  InstrumentationScope: {
    name: [1, 'string'],
    version: [2, 'string'],
    attributes: [3, 'KeyValue', 'repeated'],
    droppedAttributesCount: [4, 'uint32'],
  } satisfies Definition<otlp.InstrumentationScope>,
  EntityRef: {
    schemaUrl: [1, 'string'],
    type: [2, 'string'],
    idKeys: [3, 'string', 'repeated'],
    descriptionKeys: [4, 'string', 'repeated'],
  } satisfies Definition<otlp.EntityRef>,
  Resource: {
    attributes: [1, 'KeyValue', 'repeated'],
    droppedAttributesCount: [2, 'uint32'],
    entityRefs: [3, 'EntityRef', 'repeated'],
  } satisfies Definition<otlp.Resource>,

  TracesRequest: {
    resourceSpans: [1, 'ResourceSpans', 'repeated'],
  } satisfies Definition<otlp.TracesRequest>,
  ResourceSpans: {
    resource: [1, 'Resource'],
    scopeSpans: [2, 'ScopeSpans', 'repeated'],
    schemaUrl: [3, 'string'],
  } satisfies Definition<otlp.ResourceSpans>,
  ScopeSpans: {
    scope: [1, 'InstrumentationScope'],
    spans: [2, 'Span', 'repeated'],
    schemaUrl: [3, 'string'],
  } satisfies Definition<otlp.ScopeSpans>,
  Span: {
    traceId: [1, 'traceId'],
    spanId: [2, 'spanId'],
    traceState: [3, 'string'],
    parentSpanId: [4, 'spanId'],
    name: [5, 'string'],
    kind: [6, 'enum'],
    startTimeUnixNano: [7, 'fixed64'],
    endTimeUnixNano: [8, 'fixed64'],
    attributes: [9, 'KeyValue', 'repeated'],
    droppedAttributesCount: [10, 'uint32'],
    events: [11, 'SpanEvent', 'repeated'],
    droppedEventsCount: [12, 'uint32'],
    links: [13, 'SpanLink', 'repeated'],
    droppedLinksCount: [14, 'uint32'],
    status: [15, 'Status'],
    flags: [16, 'fixed32'],
  } satisfies Definition<otlp.Span>,
  SpanEvent: {
    timeUnixNano: [1, 'fixed64'],
    name: [2, 'string'],
    attributes: [3, 'KeyValue', 'repeated'],
    droppedAttributesCount: [4, 'uint32'],
  } satisfies Definition<otlp.SpanEvent>,
  SpanLink: {
    traceId: [1, 'traceId'],
    spanId: [2, 'spanId'],
    traceState: [3, 'string'],
    attributes: [4, 'KeyValue', 'repeated'],
    droppedAttributesCount: [5, 'uint32'],
    flags: [6, 'fixed32'],
  } satisfies Definition<otlp.SpanLink>,
  Status: { message: [2, 'string'], code: [3, 'enum'] } satisfies Definition<otlp.Status>,

  LogsRequest: {
    resourceLogs: [1, 'ResourceLogs', 'repeated'],
  } satisfies Definition<otlp.LogsRequest>,
  ResourceLogs: {
    resource: [1, 'Resource'],
    scopeLogs: [2, 'ScopeLogs', 'repeated'],
    schemaUrl: [3, 'string'],
  } satisfies Definition<otlp.ResourceLogs>,
  ScopeLogs: {
    scope: [1, 'InstrumentationScope'],
    logRecords: [2, 'LogRecord', 'repeated'],
    schemaUrl: [3, 'string'],
  } satisfies Definition<otlp.ScopeLogs>,
  LogRecord: {
    timeUnixNano: [1, 'fixed64'],
    severityNumber: [2, 'enum'],
    severityText: [3, 'string'],
    body: [5, 'AnyValue'],
    attributes: [6, 'KeyValue', 'repeated'],
    droppedAttributesCount: [7, 'uint32'],
    flags: [8, 'fixed32'],
    traceId: [9, 'traceId'],
    spanId: [10, 'spanId'],
    observedTimeUnixNano: [11, 'fixed64'],
    eventName: [12, 'string'],
  } satisfies Definition<otlp.LogRecord>,

  MetricsRequest: {
    resourceMetrics: [1, 'ResourceMetrics', 'repeated'],
  } satisfies Definition<otlp.MetricsRequest>,
  ResourceMetrics: {
    resource: [1, 'Resource'],
    scopeMetrics: [2, 'ScopeMetrics', 'repeated'],
    schemaUrl: [3, 'string'],
  } satisfies Definition<otlp.ResourceMetrics>,
  ScopeMetrics: {
    scope: [1, 'InstrumentationScope'],
    metrics: [2, 'Metric', 'repeated'],
    schemaUrl: [3, 'string'],
  } satisfies Definition<otlp.ScopeMetrics>,
  Metric: {
    name: [1, 'string'],
    description: [2, 'string'],
    unit: [3, 'string'],
    gauge: [5, 'Gauge', 'oneof'],
    sum: [7, 'Sum', 'oneof'],
    histogram: [9, 'Histogram', 'oneof'],
    exponentialHistogram: [10, 'ExponentialHistogram', 'oneof'],
    summary: [11, 'Summary', 'oneof'],
    metadata: [12, 'KeyValue', 'repeated'],
  } satisfies Definition<otlp.Metric>,
  Gauge: { dataPoints: [1, 'NumberDataPoint', 'repeated'] } satisfies Definition<otlp.Gauge>,
  Sum: {
    dataPoints: [1, 'NumberDataPoint', 'repeated'],
    aggregationTemporality: [2, 'enum'],
    isMonotonic: [3, 'bool'],
  } satisfies Definition<otlp.Sum>,
  Histogram: {
    dataPoints: [1, 'HistogramDataPoint', 'repeated'],
    aggregationTemporality: [2, 'enum'],
  } satisfies Definition<otlp.Histogram>,
  ExponentialHistogram: {
    dataPoints: [1, 'ExponentialHistogramDataPoint', 'repeated'],
    aggregationTemporality: [2, 'enum'],
  } satisfies Definition<otlp.ExponentialHistogram>,
  Summary: { dataPoints: [1, 'SummaryDataPoint', 'repeated'] } satisfies Definition<otlp.Summary>,
  NumberDataPoint: {
    ...dataPoint,
    asDouble: [4, 'double', 'oneof'],
    exemplars: [5, 'Exemplar', 'repeated'],
    asInt: [6, 'sfixed64', 'oneof'],
    attributes: [7, 'KeyValue', 'repeated'],
    flags: [8, 'uint32'],
  } satisfies Definition<otlp.NumberDataPoint>,
  HistogramDataPoint: {
    ...dataPoint,
    count: [4, 'fixed64'],
    sum: [5, 'double', 'optional'],
    bucketCounts: [6, 'fixed64', 'repeated'],
    explicitBounds: [7, 'double', 'repeated'],
    exemplars: [8, 'Exemplar', 'repeated'],
    attributes: [9, 'KeyValue', 'repeated'],
    flags: [10, 'uint32'],
    min: [11, 'double', 'optional'],
    max: [12, 'double', 'optional'],
  } satisfies Definition<otlp.HistogramDataPoint>,
  ExponentialHistogramDataPoint: {
    attributes: [1, 'KeyValue', 'repeated'],
    ...dataPoint,
    count: [4, 'fixed64'],
    sum: [5, 'double', 'optional'],
    scale: [6, 'sint32'],
    zeroCount: [7, 'fixed64'],
    positive: [8, 'ExponentialBuckets'],
    negative: [9, 'ExponentialBuckets'],
    flags: [10, 'uint32'],
    exemplars: [11, 'Exemplar', 'repeated'],
    min: [12, 'double', 'optional'],
    max: [13, 'double', 'optional'],
    zeroThreshold: [14, 'double'],
  } satisfies Definition<otlp.ExponentialHistogramDataPoint>,
  ExponentialBuckets: {
    offset: [1, 'sint32'],
    bucketCounts: [2, 'uint64', 'repeated'],
  } satisfies Definition<otlp.ExponentialBuckets>,
  SummaryDataPoint: {
    ...dataPoint,
    count: [4, 'fixed64'],
    sum: [5, 'double'],
    quantileValues: [6, 'ValueAtQuantile', 'repeated'],
    attributes: [7, 'KeyValue', 'repeated'],
    flags: [8, 'uint32'],
  } satisfies Definition<otlp.SummaryDataPoint>,
  ValueAtQuantile: {
    quantile: [1, 'double'],
    value: [2, 'double'],
  } satisfies Definition<otlp.ValueAtQuantile>,
  Exemplar: {
    timeUnixNano: [2, 'fixed64'],
    asDouble: [3, 'double', 'oneof'],
    spanId: [4, 'spanId'],
    traceId: [5, 'traceId'],
    asInt: [6, 'sfixed64', 'oneof'],
    filteredAttributes: [7, 'KeyValue', 'repeated'],
  } satisfies Definition<otlp.Exemplar>,

  TracesResponse: { partialSuccess: [1, 'TracesPartialSuccess'] } satisfies Keys<'partialSuccess'>,
  TracesPartialSuccess: {
    rejectedSpans: [1, 'int64'],
    errorMessage: [2, 'string'],
  } satisfies Keys<'rejectedSpans' | 'errorMessage'>,
  MetricsResponse: {
    partialSuccess: [1, 'MetricsPartialSuccess'],
  } satisfies Keys<'partialSuccess'>,
  MetricsPartialSuccess: {
    rejectedDataPoints: [1, 'int64'],
    errorMessage: [2, 'string'],
  } satisfies Keys<'rejectedDataPoints' | 'errorMessage'>,
  LogsResponse: { partialSuccess: [1, 'LogsPartialSuccess'] } satisfies Keys<'partialSuccess'>,
  LogsPartialSuccess: {
    rejectedLogRecords: [1, 'int64'],
    errorMessage: [2, 'string'],
  } satisfies Keys<'rejectedLogRecords' | 'errorMessage'>,
  RpcStatus: {
    code: [1, 'int32'],
    message: [2, 'string'],
    details: [3, 'Any', 'repeated'],
  } satisfies Keys<'code' | 'message' | 'details'>,
  /** In JSON the details are of another shape (status.ts). */
  JsonStatus: { code: [1, 'int32'], message: [2, 'string'] } satisfies Keys<'code' | 'message'>,
  Any: { typeUrl: [1, 'string'], value: [2, 'bytes'] } satisfies Keys<'typeUrl' | 'value'>,
  RetryInfo: { retryDelay: [1, 'Duration'] } satisfies Keys<'retryDelay'>,
  Duration: { seconds: [1, 'int64'], nanos: [2, 'int32'] } satisfies Keys<'seconds' | 'nanos'>,
} as const
export type MessageName = keyof typeof DEFINITIONS

export const REQUEST = {
  traces: 'TracesRequest',
  metrics: 'MetricsRequest',
  logs: 'LogsRequest',
} as const satisfies Record<otlp.Signal, MessageName>

const messages = new Map<string, Message>()

/** The message of that name with its fields resolved: made at the first use, since a wrapper sends only some. */
export function messageOf(name: MessageName): Message {
  const known = messages.get(name)
  if (known) return known
  const fields: Field[] = []
  const byNumber: (Field | undefined)[] = []
  const byName = new Map<string, Field>()
  const definition: Readonly<Record<string, readonly [number, string, Presence?]>> =
    DEFINITIONS[name]
  const members = Object.entries(definition).sort((a, b) => a[1][0] - b[1][0])
  const empty: Record<string, unknown> = {}
  const decodedBytes = Math.max(48, 16 + 8 * members.length)
  const message: Message = { name, fields, byNumber, byName, empty, decodedBytes }
  // Known before its fields are resolved: attribute values hold attribute values.
  messages.set(name, message)
  for (const [field, [number, type, presence = 'implicit']] of members) {
    const kind = KIND[type as KindName] ?? KIND.message
    const resolved: Field = {
      name: field,
      number,
      kind,
      wire: wireOf(kind),
      presence,
      repeated: presence === 'repeated',
      absent: presence === 'implicit' ? absentOf(kind) : presence === 'repeated' ? NONE : undefined,
      message: kind === KIND.message ? messageOf(type as MessageName) : undefined,
    }
    fields.push(resolved)
    if (resolved.absent !== undefined) empty[field] = resolved.absent
    byNumber[number] = resolved
    byName.set(field, resolved)
  }
  return message
}

/** What an absent list is: one for all, so that the many empty lists of a request cost nothing. */
export const NONE: readonly unknown[] = Object.freeze([])

function wireOf(kind: Kind): number {
  if (kind <= KIND.spanId || kind === KIND.message) return WIRE.len
  if (kind === KIND.fixed32) return WIRE.i32
  if (kind >= KIND.fixed64) return WIRE.i64
  return WIRE.varint
}

function absentOf(kind: Kind): unknown {
  if (kind === KIND.message) return undefined
  if (kind === KIND.bytes) return new Uint8Array(0)
  if (kind <= KIND.spanId) return ''
  if (kind === KIND.bool) return false
  return kind >= KIND.int64 && kind <= KIND.sfixed64 ? 0n : 0
}
