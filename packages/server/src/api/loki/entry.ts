// An OTLP log record as Loki 3.8 stores it by its OTLP endpoint with default limits: a fixed list of resource
// attributes are labels of the stream; the rest, the scope's and the record's own are structured metadata.

import type { AnyValue, KeyValue, Resource } from '@stepwell/otlp'
import { timeOfLog } from '../../store/records.ts'
import type { StoredLog } from '../../store/types.ts'
import { textOfValue } from '../http/any-value.ts'
import { labelName } from './label-name.ts'
import { detectedLevel } from './level.ts'

export type Labels = Readonly<Record<string, string>>

/** One log line. */
export interface Entry {
  /** Unix time in nanoseconds. */
  readonly time: bigint
  readonly line: string
  /** Labels of the stream. */
  readonly labels: Labels
  readonly metadata: Labels
  /** What a query's parsers found. */
  readonly parsed?: Labels
}

/** Loki's `default_resource_attributes_as_index_labels`. */
const INDEXED = new Set([
  'service.name',
  'service.namespace',
  'service.instance.id',
  'deployment.environment',
  'deployment.environment.name',
  'cloud.region',
  'cloud.availability_zone',
  'k8s.cluster.name',
  'k8s.namespace.name',
  'k8s.pod.name',
  'k8s.container.name',
  'container.name',
  'k8s.replicaset.name',
  'k8s.deployment.name',
  'k8s.statefulset.name',
  'k8s.daemonset.name',
  'k8s.cronjob.name',
  'k8s.job.name',
])

/** Labels that name the service where no attribute does, in this order. */
const SERVICE_NAMES = ['container_name', 'k8s_container_name', 'k8s_job_name']
const UNKNOWN_SERVICE = 'unknown_service'

interface ResourceLabels {
  readonly labels: Labels
  readonly metadata: Labels
}

const ofResource = new WeakMap<Resource, ResourceLabels>()
const OF_NONE: ResourceLabels = { labels: { service_name: UNKNOWN_SERVICE }, metadata: {} }

/** What a resource gives to each of its records. */
export function resourceLabels(resource: Resource | undefined): ResourceLabels {
  if (!resource) return OF_NONE
  const known = ofResource.get(resource)
  if (known) return known
  const labels = noLabels()
  const metadata = noLabels()
  for (const { key, value } of resource.attributes)
    flatten(INDEXED.has(key) ? labels : metadata, labelName(key), value)
  labels.service_name ??=
    SERVICE_NAMES.map((name) => labels[name]).find((name) => name) ?? UNKNOWN_SERVICE
  const both = { labels, metadata }
  ofResource.set(resource, both)
  return both
}

/** No prototype: an attribute may be called `__proto__`. */
const noLabels = (): Record<string, string> => Object.create(null)

export function entryOf(stored: StoredLog): Entry {
  const { record, resource, scope } = stored
  const { labels, metadata: shared } = resourceLabels(resource)
  const line = textOfValue(record.body)
  const metadata = Object.assign(noLabels(), shared)
  if (scope) {
    flattenAll(metadata, scope.attributes)
    set(metadata, 'scope_name', scope.name)
    set(metadata, 'scope_version', scope.version)
    setCount(metadata, 'scope_dropped_attributes_count', scope.droppedAttributesCount)
  }
  flattenAll(metadata, record.attributes)
  // A record without a time has its observed time, which then is not said again.
  if (record.timeUnixNano !== 0n && record.observedTimeUnixNano !== 0n)
    metadata.observed_timestamp = String(record.observedTimeUnixNano)
  setCount(metadata, 'severity_number', record.severityNumber)
  set(metadata, 'severity_text', record.severityText)
  setCount(metadata, 'dropped_attributes_count', record.droppedAttributesCount)
  setCount(metadata, 'flags', record.flags)
  set(metadata, 'trace_id', record.traceId)
  set(metadata, 'span_id', record.spanId)
  set(metadata, 'event_name', record.eventName)
  metadata.detected_level ??= detectedLevel(record, line)
  return { time: timeOfLog(stored), line, labels, metadata }
}

function flattenAll(into: Record<string, string>, attributes: readonly KeyValue[]) {
  for (const { key, value } of attributes) flatten(into, labelName(key), value)
}

/** Maps become names joined by `_`; an empty value is no label. */
function flatten(into: Record<string, string>, name: string, value: AnyValue | undefined) {
  if (value && 'kvlistValue' in value)
    for (const inner of value.kvlistValue.values)
      flatten(into, `${name}_${labelName(inner.key)}`, inner.value)
  else set(into, name, textOfValue(value))
}

function set(into: Record<string, string>, name: string, value: string) {
  if (value) into[name] = value
}

function setCount(into: Record<string, string>, name: string, value: number) {
  if (value) into[name] = String(value)
}
