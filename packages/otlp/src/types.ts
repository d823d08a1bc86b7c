// OTLP's messages (opentelemetry-proto 1.11) as the code passes them: names as in OTLP/JSON, ids as lower-case
// hexadecimal ('' where absent), 64-bit integers as bigint, enums as numbers, bytes as Uint8Array.

export type AnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: bigint }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } }
  | { readonly kvlistValue: { readonly values: readonly KeyValue[] } }
  | { readonly bytesValue: Uint8Array }
  /** An index into the string table of a profile; means nothing in traces, metrics and logs. */
  | { readonly stringValueStrindex: number }
  /** A value of no type: allowed, and sent by some agents. */
  | { readonly [K in never]: never }

/** The names of the members that a value can have, of which it has one or none. */
export type AnyValueMember = AnyValue extends infer V
  ? V extends V
    ? keyof V & string
    : never
  : never

export interface KeyValue {
  readonly key: string
  readonly value?: AnyValue | undefined
  /** The key as an index into the string table of a profile; means nothing in traces, metrics and logs. */
  readonly keyStrindex?: number | undefined
}

export interface EntityRef {
  readonly schemaUrl: string
  readonly type: string
  readonly idKeys: readonly string[]
  readonly descriptionKeys: readonly string[]
}

export interface Resource {
  readonly attributes: readonly KeyValue[]
  readonly droppedAttributesCount: number
  readonly entityRefs: readonly EntityRef[]
}

export interface InstrumentationScope {
  readonly name: string
  readonly version: string
  readonly attributes: readonly KeyValue[]
  readonly droppedAttributesCount: number
}

export interface SpanEvent {
  readonly timeUnixNano: bigint
  readonly name: string
  readonly attributes: readonly KeyValue[]
  readonly droppedAttributesCount: number
}

export interface SpanLink {
  readonly traceId: string
  readonly spanId: string
  readonly traceState: string
  readonly attributes: readonly KeyValue[]
  readonly droppedAttributesCount: number
  readonly flags: number
}

export interface Status {
  readonly message: string
  /** 0 unset, 1 ok, 2 error. */
  readonly code: number
}

export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly traceState: string
  readonly parentSpanId: string
  readonly flags: number
  readonly name: string
  /** 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number
  readonly startTimeUnixNano: bigint
  readonly endTimeUnixNano: bigint
  readonly attributes: readonly KeyValue[]
  readonly droppedAttributesCount: number
  readonly events: readonly SpanEvent[]
  readonly droppedEventsCount: number
  readonly links: readonly SpanLink[]
  readonly droppedLinksCount: number
  readonly status?: Status | undefined
}

export interface ScopeSpans {
  readonly scope?: InstrumentationScope | undefined
  readonly spans: readonly Span[]
  readonly schemaUrl: string
}

export interface ResourceSpans {
  readonly resource?: Resource | undefined
  readonly scopeSpans: readonly ScopeSpans[]
  readonly schemaUrl: string
}

export interface TracesRequest {
  readonly resourceSpans: readonly ResourceSpans[]
}

export interface LogRecord {
  readonly timeUnixNano: bigint
  readonly observedTimeUnixNano: bigint
  readonly severityNumber: number
  readonly severityText: string
  readonly body?: AnyValue | undefined
  readonly attributes: readonly KeyValue[]
  readonly droppedAttributesCount: number
  readonly flags: number
  readonly traceId: string
  readonly spanId: string
  readonly eventName: string
}

export interface ScopeLogs {
  readonly scope?: InstrumentationScope | undefined
  readonly logRecords: readonly LogRecord[]
  readonly schemaUrl: string
}

export interface ResourceLogs {
  readonly resource?: Resource | undefined
  readonly scopeLogs: readonly ScopeLogs[]
  readonly schemaUrl: string
}

export interface LogsRequest {
  readonly resourceLogs: readonly ResourceLogs[]
}

export interface Exemplar {
  readonly filteredAttributes: readonly KeyValue[]
  readonly timeUnixNano: bigint
  readonly asDouble?: number | undefined
  readonly asInt?: bigint | undefined
  readonly spanId: string
  readonly traceId: string
}

export interface NumberDataPoint {
  readonly attributes: readonly KeyValue[]
  readonly startTimeUnixNano: bigint
  readonly timeUnixNano: bigint
  readonly asDouble?: number | undefined
  readonly asInt?: bigint | undefined
  readonly exemplars: readonly Exemplar[]
  /** Bit 0: no recorded value. */
  readonly flags: number
}

export interface HistogramDataPoint {
  readonly attributes: readonly KeyValue[]
  readonly startTimeUnixNano: bigint
  readonly timeUnixNano: bigint
  readonly count: bigint
  readonly sum?: number | undefined
  readonly bucketCounts: readonly bigint[]
  readonly explicitBounds: readonly number[]
  readonly exemplars: readonly Exemplar[]
  readonly flags: number
  readonly min?: number | undefined
  readonly max?: number | undefined
}

export interface ExponentialBuckets {
  readonly offset: number
  readonly bucketCounts: readonly bigint[]
}

export interface ExponentialHistogramDataPoint {
  readonly attributes: readonly KeyValue[]
  readonly startTimeUnixNano: bigint
  readonly timeUnixNano: bigint
  readonly count: bigint
  readonly sum?: number | undefined
  readonly scale: number
  readonly zeroCount: bigint
  readonly positive?: ExponentialBuckets | undefined
  readonly negative?: ExponentialBuckets | undefined
  readonly flags: number
  readonly exemplars: readonly Exemplar[]
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly zeroThreshold: number
}

export interface ValueAtQuantile {
  readonly quantile: number
  readonly value: number
}

export interface SummaryDataPoint {
  readonly attributes: readonly KeyValue[]
  readonly startTimeUnixNano: bigint
  readonly timeUnixNano: bigint
  readonly count: bigint
  readonly sum: number
  readonly quantileValues: readonly ValueAtQuantile[]
  readonly flags: number
}

export interface Gauge {
  readonly dataPoints: readonly NumberDataPoint[]
}

/** 0 unspecified, 1 delta, 2 cumulative. */
export type AggregationTemporality = number

export interface Sum {
  readonly dataPoints: readonly NumberDataPoint[]
  readonly aggregationTemporality: AggregationTemporality
  readonly isMonotonic: boolean
}

export interface Histogram {
  readonly dataPoints: readonly HistogramDataPoint[]
  readonly aggregationTemporality: AggregationTemporality
}

export interface ExponentialHistogram {
  readonly dataPoints: readonly ExponentialHistogramDataPoint[]
  readonly aggregationTemporality: AggregationTemporality
}

export interface Summary {
  readonly dataPoints: readonly SummaryDataPoint[]
}

export interface Metric {
  readonly name: string
  readonly description: string
  readonly unit: string
  /** At most one of these five. */
  readonly gauge?: Gauge | undefined
  readonly sum?: Sum | undefined
  readonly histogram?: Histogram | undefined
  readonly exponentialHistogram?: ExponentialHistogram | undefined
  readonly summary?: Summary | undefined
  readonly metadata: readonly KeyValue[]
}

export interface ScopeMetrics {
  readonly scope?: InstrumentationScope | undefined
  readonly metrics: readonly Metric[]
  readonly schemaUrl: string
}

export interface ResourceMetrics {
  readonly resource?: Resource | undefined
  readonly scopeMetrics: readonly ScopeMetrics[]
  readonly schemaUrl: string
}

export interface MetricsRequest {
  readonly resourceMetrics: readonly ResourceMetrics[]
}

/** What the receiver says of records that it will never take. */
export interface PartialSuccess {
  readonly rejected: bigint
  readonly errorMessage: string
}

/** `google.rpc.Status`, the body of an OTLP/HTTP error. */
export interface RpcStatus {
  /** A gRPC code: 3 INVALID_ARGUMENT, 8 RESOURCE_EXHAUSTED, 14 UNAVAILABLE, … */
  readonly code: number
  readonly message: string
  /** When to try again (`google.rpc.RetryInfo` in `details`), in milliseconds. */
  readonly retryDelayMs?: number | undefined
}

/** The same message with every field optional: what the encoders take, absent meaning proto3's default. */
export type Sparse<T> = T extends bigint | number | string | boolean | Uint8Array | undefined
  ? T
  : T extends readonly (infer U)[]
    ? readonly Sparse<U>[]
    : { readonly [K in keyof T]?: Sparse<T[K]> | undefined }

export type Signal = 'traces' | 'metrics' | 'logs'
export interface RequestOf {
  traces: TracesRequest
  metrics: MetricsRequest
  logs: LogsRequest
}
