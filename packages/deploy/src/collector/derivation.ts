// The Collector's part of the derivation: connectors that make the same series of the same spans as the engine does,
// from the same table. A config adds receivers and exporters to it.

import {
  ATTRIBUTE,
  DERIVED_METRICS,
  type DerivedMetric,
  LABEL_VALUE_BYTES,
  OBSERVED,
  OBSERVED_NUMBER,
  type Observation,
  RESOURCE,
  TWIN,
} from '@stepwell/model'

type Component = Readonly<Record<string, unknown>>

export interface Pipeline {
  readonly receivers: readonly string[]
  readonly processors: readonly string[]
  readonly exporters: readonly string[]
}

/** Parts of a Collector's config, by component name. */
export interface CollectorParts {
  readonly processors: Readonly<Record<string, Component>>
  readonly connectors: Readonly<Record<string, Component>>
  readonly pipelines: Readonly<Record<string, Pipeline>>
}

/** What spans are read of: labels, and what is observed. */
const READ = [
  ...new Set([
    ATTRIBUTE.kind,
    ...DERIVED_METRICS.flatMap(({ labels, observes }) => [
      ...Object.values(labels),
      ...(typeof observes === 'object' ? [observes.attribute] : []),
    ]),
  ]),
]

/** The connector's own, by which counters of several Collectors are told apart. */
const COLLECTOR = 'collector.instance.id'
/** The same in Prometheus. */
export const COLLECTOR_LABEL = COLLECTOR.replaceAll('.', '_')

/** How long a series lives after its last change: as the engine's does. */
const IDLE = '24h'

export interface Derivation {
  /** Of spans, by name in the config. */
  readonly receivers: readonly string[]
  /** Run over what was derived, first to last. */
  readonly processors?: readonly string[]
  /** Of metrics. */
  readonly exporters: readonly string[]
  /** Each series is sent again after this time: a duration such as `15s`. */
  readonly flush: string
  /** Several Collectors that derive side by side keep the label that tells their counters apart. */
  readonly sideBySide?: boolean
}

export function derivation(of: Derivation): CollectorParts {
  return {
    processors: {
      'filter/derived': dropping([
        `${attribute(ATTRIBUTE.kind)} == nil`,
        `${attribute(TWIN.taskRunResult)} == "skip"`,
        `${attribute(TWIN.pipelineResult)} == "skip"`,
      ]),
      'transform/labels': { error_mode: 'ignore', trace_statements: LABELS },
      ...Object.fromEntries(
        DERIVED_METRICS.map((metric) => [
          `filter/${metric.name}`,
          dropping([`not(${conditionOf(metric)})`]),
        ]),
      ),
      ...Object.fromEntries(
        DERIVED_METRICS.filter(({ observes }) => isOfValues(observes)).map((metric) => [
          `transform/${metric.name}`,
          { error_mode: 'ignore', trace_statements: asDuration(metric.observes) },
        ]),
      ),
      'filter/calls': {
        error_mode: 'ignore',
        metric_conditions: DERIVED_METRICS.filter(({ type }) => type === 'histogram').map(
          (metric) => `metric.name == "${namespaceOf(metric)}.calls"`,
        ),
      },
      'metrics_transform/names': { transforms: DERIVED_METRICS.flatMap(renaming) },
      'transform/units': {
        error_mode: 'ignore',
        metric_statements: [`set(metric.unit, "By") where metric.unit == "${UNIT.By}"`],
      },
    },
    connectors: {
      'forward/derived': {},
      ...Object.fromEntries(
        DERIVED_METRICS.map((metric) => [connectorOf(metric), spanMetrics(metric, of)]),
      ),
    },
    pipelines: {
      'traces/derived': {
        receivers: of.receivers,
        processors: ['filter/derived', 'transform/labels'],
        exporters: ['forward/derived'],
      },
      ...Object.fromEntries(
        DERIVED_METRICS.map((metric) => [
          `traces/${metric.name}`,
          {
            receivers: ['forward/derived'],
            processors: [
              `filter/${metric.name}`,
              ...(isOfValues(metric.observes) ? [`transform/${metric.name}`] : []),
            ],
            exporters: [connectorOf(metric)],
          },
        ]),
      ),
      'metrics/derived': {
        receivers: DERIVED_METRICS.map(connectorOf),
        processors: [
          'filter/calls',
          'metrics_transform/names',
          'transform/units',
          ...(of.processors ?? []),
        ],
        exporters: of.exporters,
      },
    },
  }
}

const connectorOf = ({ name }: DerivedMetric) => `span_metrics/${name}`

type Value = Exclude<Observation, string>
const isOfValues = (observes: Observation): observes is Value => typeof observes === 'object'

const attribute = (name: string) => `span.attributes["${name}"]`

const dropping = (conditions: readonly string[]): Component => ({
  error_mode: 'ignore',
  trace_conditions: conditions,
})

function conditionOf({ from, when, observes }: DerivedMetric): string {
  const conditions = [`${attribute(ATTRIBUTE.kind)} == "${from}"`]
  if (when) conditions.push(`${attribute(when.attribute)} == "${when.value}"`)
  if (isOfValues(observes)) {
    conditions.push(`IsMatch(${attribute(observes.attribute)}, "^${OBSERVED_NUMBER}$")`)
  }
  return conditions.join(' and ')
}

/**
 * The span lasts as long as its attribute says. Histograms of values are made of durations like all others: they begin
 * with a zero, are sent again while nothing happens, and have exemplars.
 */
function asDuration(observes: Observation): string[] {
  if (!isOfValues(observes)) return []
  const { steps, most } = OBSERVED[observes.unit]
  const value = `Double(${attribute(observes.attribute)})`
  const end = 'set(span.end_time_unix_nano, '
  return [
    'set(span.start_time_unix_nano, 0)',
    `${end}Int(${value} * ${steps}.0 + 0.5)) where ${value} < ${most}.0`,
    `${end}${BigInt(steps) * BigInt(most)}) where ${value} >= ${most}.0`,
  ]
}

/** The connector counts nanoseconds in one of two units. Of bytes a step is a nanosecond, and a whole one a millisecond. */
const UNIT = { s: 's', By: 'ms' } as const

const NAMESPACE = RESOURCE.serviceNamespace
const SERVICE = `resource.attributes["${RESOURCE.serviceName}"]`

const list = (names: readonly string[]) => `[${names.map((name) => `"${name}"`).join(', ')}]`

/** Bytes that are no UTF-8 become the character that stands for them: a label with such is dropped with its series. */
const readable = (map: string) => `replace_all_patterns(${map}, "value", "[\\\\x{FFFD}]", "\uFFFD")`

/** Labels are text of a limited length; an empty one is none, and would be a second series of the same labels. */
const LABELS = [
  // A dimension that the span lacks would be taken from the resource.
  `keep_keys(resource.attributes, ${list([RESOURCE.serviceName, NAMESPACE])})`,
  // The connector passes over what names no service; a job is none without it.
  `set(${SERVICE}, "") where ${SERVICE} == nil`,
  `delete_key(resource.attributes, "${NAMESPACE}") where ${SERVICE} == ""`,
  readable('resource.attributes'),
  `truncate_all(resource.attributes, ${LABEL_VALUE_BYTES})`,
  `delete_key(resource.attributes, "${NAMESPACE}") where resource.attributes["${NAMESPACE}"] == ""`,
  `keep_keys(span.attributes, ${list(READ)})`,
  'stringify_all(span.attributes)',
  readable('span.attributes'),
  `truncate_all(span.attributes, ${LABEL_VALUE_BYTES})`,
  ...READ.map((name) => `delete_key(span.attributes, "${name}") where ${attribute(name)} == ""`),
  // Else a span counts as often as its trace's sampling probability says: ours are never sampled out.
  'set(span.trace_state, "")',
]

function spanMetrics(metric: DerivedMetric, { flush, sideBySide }: Derivation): Component {
  // The unit is that of exemplars, too.
  const unit = UNIT[isOfValues(metric.observes) ? metric.observes.unit : 's']
  const buckets = metric.buckets?.map((le) => `${unit === 's' ? le * 1000 : le}ms`)
  return {
    namespace: namespaceOf(metric),
    histogram: buckets ? { unit, explicit: { buckets } } : { unit, disable: true },
    dimensions: Object.values(metric.labels).map((name) => ({ name })),
    exclude_dimensions: [
      'service.name',
      'span.name',
      'span.kind',
      'status.code',
      ...(sideBySide ? [] : [COLLECTOR]),
    ],
    resource_metrics_key_attributes: [RESOURCE.serviceName, RESOURCE.serviceNamespace],
    exemplars: { enabled: true, max_per_data_point: 100 },
    metrics_flush_interval: flush,
    metrics_expiration: IDLE,
    series_expiration: IDLE,
  }
}

/** The connector makes `NAMESPACE.duration` and `NAMESPACE.calls`. */
const namespaceOf = ({ name }: DerivedMetric): string => name.replace(/\.duration$/, '')

/** A metric loses the connector's suffix, and a label that isn't called as its attribute gets its name. */
function renaming(metric: DerivedMetric): Component[] {
  const made = metric.type === 'histogram' ? 'duration' : 'calls'
  const include = `${namespaceOf(metric)}.${made}`
  const operations = Object.entries(metric.labels)
    .filter(([label, name]) => label !== name.replaceAll('.', '_'))
    .map(([label, name]) => ({ action: 'update_label', label: name, new_label: label }))
  if (include === metric.name && operations.length === 0) return []
  return [{ include, action: 'update', new_name: metric.name, operations }]
}
