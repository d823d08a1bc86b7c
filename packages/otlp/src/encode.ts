// OTLP requests to protobuf.
//
// Written out, not made from the table like the decoders: this is on the way of every wrapped command, where code
// that is loaded and run once must not first build a table (bench/otlp has the figures). It needs nothing else of
// this package. Its tests hold it against the table and against protobufjs.
import type * as otlp from './types.ts'
import { type Put, written } from './writer.ts'

/** `request` as protobuf, for `application/x-protobuf` or a gRPC message. What is absent has its default. */
export function encodeProtobuf<S extends otlp.Signal>(
  signal: S,
  request: otlp.Sparse<otlp.RequestOf[S]>,
): Uint8Array {
  return written(request, REQUEST[signal])
}

/** Puts the fields of a message that may have any of them. */
type Encode<M> = Put<otlp.Sparse<M>>

const REQUEST: { readonly [S in otlp.Signal]: Encode<otlp.RequestOf[S]> } = {
  traces: (w, m) => w.messages(1, m.resourceSpans, resourceSpans),
  metrics: (w, m) => w.messages(1, m.resourceMetrics, resourceMetrics),
  logs: (w, m) => w.messages(1, m.resourceLogs, resourceLogs),
}

// common.proto, resource.proto

const anyValue: Encode<otlp.AnyValue> = (w, m) => {
  if ('stringValue' in m) w.optionalString(1, m.stringValue)
  else if ('intValue' in m) w.optionalInt64(3, m.intValue)
  else if ('boolValue' in m) w.optionalBool(2, m.boolValue)
  else if ('doubleValue' in m) w.optionalDouble(4, m.doubleValue)
  else if ('arrayValue' in m) w.message(5, m.arrayValue, arrayValue)
  else if ('kvlistValue' in m) w.message(6, m.kvlistValue, keyValueList)
  else if ('bytesValue' in m) w.optionalBytes(7, m.bytesValue)
  else if ('stringValueStrindex' in m) w.optionalInt32(8, m.stringValueStrindex)
}

const arrayValue: Put<{ readonly values?: readonly otlp.Sparse<otlp.AnyValue>[] | undefined }> = (
  w,
  m,
) => w.messages(1, m.values, anyValue)

const keyValueList: Put<{ readonly values?: readonly otlp.Sparse<otlp.KeyValue>[] | undefined }> = (
  w,
  m,
) => w.messages(1, m.values, keyValue)

const keyValue: Encode<otlp.KeyValue> = (w, m) => {
  w.optionalInt32(3, m.keyStrindex)
  w.message(2, m.value, anyValue)
  w.string(1, m.key)
}

const scope: Encode<otlp.InstrumentationScope> = (w, m) => {
  w.uint32(4, m.droppedAttributesCount)
  w.messages(3, m.attributes, keyValue)
  w.string(2, m.version)
  w.string(1, m.name)
}

const entityRef: Encode<otlp.EntityRef> = (w, m) => {
  w.strings(4, m.descriptionKeys)
  w.strings(3, m.idKeys)
  w.string(2, m.type)
  w.string(1, m.schemaUrl)
}

const resource: Encode<otlp.Resource> = (w, m) => {
  w.messages(3, m.entityRefs, entityRef)
  w.uint32(2, m.droppedAttributesCount)
  w.messages(1, m.attributes, keyValue)
}

// trace.proto

const resourceSpans: Encode<otlp.ResourceSpans> = (w, m) => {
  w.string(3, m.schemaUrl)
  w.messages(2, m.scopeSpans, scopeSpans)
  w.message(1, m.resource, resource)
}

const scopeSpans: Encode<otlp.ScopeSpans> = (w, m) => {
  w.string(3, m.schemaUrl)
  w.messages(2, m.spans, span)
  w.message(1, m.scope, scope)
}

const span: Encode<otlp.Span> = (w, m) => {
  w.fixed32(16, m.flags)
  w.message(15, m.status, status)
  w.uint32(14, m.droppedLinksCount)
  w.messages(13, m.links, spanLink)
  w.uint32(12, m.droppedEventsCount)
  w.messages(11, m.events, spanEvent)
  w.uint32(10, m.droppedAttributesCount)
  w.messages(9, m.attributes, keyValue)
  w.fixed64(8, m.endTimeUnixNano)
  w.fixed64(7, m.startTimeUnixNano)
  w.int32(6, m.kind)
  w.string(5, m.name)
  w.id(4, m.parentSpanId, 16)
  w.string(3, m.traceState)
  w.id(2, m.spanId, 16)
  w.id(1, m.traceId, 32)
}

const spanEvent: Encode<otlp.SpanEvent> = (w, m) => {
  w.uint32(4, m.droppedAttributesCount)
  w.messages(3, m.attributes, keyValue)
  w.string(2, m.name)
  w.fixed64(1, m.timeUnixNano)
}

const spanLink: Encode<otlp.SpanLink> = (w, m) => {
  w.fixed32(6, m.flags)
  w.uint32(5, m.droppedAttributesCount)
  w.messages(4, m.attributes, keyValue)
  w.string(3, m.traceState)
  w.id(2, m.spanId, 16)
  w.id(1, m.traceId, 32)
}

const status: Encode<otlp.Status> = (w, m) => {
  w.int32(3, m.code)
  w.string(2, m.message)
}

// logs.proto

const resourceLogs: Encode<otlp.ResourceLogs> = (w, m) => {
  w.string(3, m.schemaUrl)
  w.messages(2, m.scopeLogs, scopeLogs)
  w.message(1, m.resource, resource)
}

const scopeLogs: Encode<otlp.ScopeLogs> = (w, m) => {
  w.string(3, m.schemaUrl)
  w.messages(2, m.logRecords, logRecord)
  w.message(1, m.scope, scope)
}

const logRecord: Encode<otlp.LogRecord> = (w, m) => {
  w.string(12, m.eventName)
  w.fixed64(11, m.observedTimeUnixNano)
  w.id(10, m.spanId, 16)
  w.id(9, m.traceId, 32)
  w.fixed32(8, m.flags)
  w.uint32(7, m.droppedAttributesCount)
  w.messages(6, m.attributes, keyValue)
  w.message(5, m.body, anyValue)
  w.string(3, m.severityText)
  w.int32(2, m.severityNumber)
  w.fixed64(1, m.timeUnixNano)
}

// metrics.proto

const resourceMetrics: Encode<otlp.ResourceMetrics> = (w, m) => {
  w.string(3, m.schemaUrl)
  w.messages(2, m.scopeMetrics, scopeMetrics)
  w.message(1, m.resource, resource)
}

const scopeMetrics: Encode<otlp.ScopeMetrics> = (w, m) => {
  w.string(3, m.schemaUrl)
  w.messages(2, m.metrics, metric)
  w.message(1, m.scope, scope)
}

const metric: Encode<otlp.Metric> = (w, m) => {
  w.messages(12, m.metadata, keyValue)
  w.message(11, m.summary, summary)
  w.message(10, m.exponentialHistogram, exponentialHistogram)
  w.message(9, m.histogram, histogram)
  w.message(7, m.sum, sum)
  w.message(5, m.gauge, gauge)
  w.string(3, m.unit)
  w.string(2, m.description)
  w.string(1, m.name)
}

const gauge: Encode<otlp.Gauge> = (w, m) => w.messages(1, m.dataPoints, numberDataPoint)

const sum: Encode<otlp.Sum> = (w, m) => {
  w.bool(3, m.isMonotonic)
  w.int32(2, m.aggregationTemporality)
  w.messages(1, m.dataPoints, numberDataPoint)
}

const histogram: Encode<otlp.Histogram> = (w, m) => {
  w.int32(2, m.aggregationTemporality)
  w.messages(1, m.dataPoints, histogramDataPoint)
}

const exponentialHistogram: Encode<otlp.ExponentialHistogram> = (w, m) => {
  w.int32(2, m.aggregationTemporality)
  w.messages(1, m.dataPoints, exponentialHistogramDataPoint)
}

const summary: Encode<otlp.Summary> = (w, m) => w.messages(1, m.dataPoints, summaryDataPoint)

const numberDataPoint: Encode<otlp.NumberDataPoint> = (w, m) => {
  w.uint32(8, m.flags)
  w.messages(7, m.attributes, keyValue)
  w.optionalFixed64(6, m.asInt)
  w.messages(5, m.exemplars, exemplar)
  w.optionalDouble(4, m.asDouble)
  w.fixed64(3, m.timeUnixNano)
  w.fixed64(2, m.startTimeUnixNano)
}

const histogramDataPoint: Encode<otlp.HistogramDataPoint> = (w, m) => {
  w.optionalDouble(12, m.max)
  w.optionalDouble(11, m.min)
  w.uint32(10, m.flags)
  w.messages(9, m.attributes, keyValue)
  w.messages(8, m.exemplars, exemplar)
  w.packedDouble(7, m.explicitBounds)
  w.packedFixed64(6, m.bucketCounts)
  w.optionalDouble(5, m.sum)
  w.fixed64(4, m.count)
  w.fixed64(3, m.timeUnixNano)
  w.fixed64(2, m.startTimeUnixNano)
}

const exponentialHistogramDataPoint: Encode<otlp.ExponentialHistogramDataPoint> = (w, m) => {
  w.double(14, m.zeroThreshold)
  w.optionalDouble(13, m.max)
  w.optionalDouble(12, m.min)
  w.messages(11, m.exemplars, exemplar)
  w.uint32(10, m.flags)
  w.message(9, m.negative, exponentialBuckets)
  w.message(8, m.positive, exponentialBuckets)
  w.fixed64(7, m.zeroCount)
  w.sint32(6, m.scale)
  w.optionalDouble(5, m.sum)
  w.fixed64(4, m.count)
  w.fixed64(3, m.timeUnixNano)
  w.fixed64(2, m.startTimeUnixNano)
  w.messages(1, m.attributes, keyValue)
}

const exponentialBuckets: Encode<otlp.ExponentialBuckets> = (w, m) => {
  w.packedUint64(2, m.bucketCounts)
  w.sint32(1, m.offset)
}

const summaryDataPoint: Encode<otlp.SummaryDataPoint> = (w, m) => {
  w.uint32(8, m.flags)
  w.messages(7, m.attributes, keyValue)
  w.messages(6, m.quantileValues, valueAtQuantile)
  w.double(5, m.sum)
  w.fixed64(4, m.count)
  w.fixed64(3, m.timeUnixNano)
  w.fixed64(2, m.startTimeUnixNano)
}

const valueAtQuantile: Encode<otlp.ValueAtQuantile> = (w, m) => {
  w.double(2, m.value)
  w.double(1, m.quantile)
}

const exemplar: Encode<otlp.Exemplar> = (w, m) => {
  w.messages(7, m.filteredAttributes, keyValue)
  w.optionalFixed64(6, m.asInt)
  w.id(5, m.traceId, 32)
  w.id(4, m.spanId, 16)
  w.optionalDouble(3, m.asDouble)
  w.fixed64(2, m.timeUnixNano)
}
