// The Collector's part of the derivation: connectors that make the same series of the same spans as the engine does,
// from the same table. A config adds receivers and exporters to it.

import {
  ATTRIBUTE,
  DERIVED_METRICS,
  type DerivedMetric,
  LABEL_VALUE_BYTES,
  OBSERVED_NUMBER,
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

/** A metric that counts spans or their durations has a connector of its own; values share one. */
const isOfValues = ({ observes }: DerivedMetric): boolean => typeof observes === 'object'
const OF_SPANS = DERIVED_METRICS.filter((metric) => !isOfValues(metric))
const OF_VALUES = DERIVED_METRICS.filter(isOfValues)

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

/** `receivers` of spans, `exporters` of metrics, by their names in the config; `flush` is a duration such as `15s`. */
export function derivation(
  receivers: readonly string[],
  exporters: readonly string[],
  flush: string,
): CollectorParts {
  const connectorOf = ({ name }: DerivedMetric) => `span_metrics/${name}`
  return {
    processors: {
      'filter/derived': dropping([
        `${attribute(ATTRIBUTE.kind)} == nil`,
        `${attribute(TWIN.taskRunResult)} == "skip"`,
        `${attribute(TWIN.pipelineResult)} == "skip"`,
      ]),
      'transform/labels': { error_mode: 'ignore', trace_statements: LABELS },
      // One request after another: of two at once, deltatocumulative drops the one that is dated earlier.
      'batch/derived': { timeout: '0s' },
      ...Object.fromEntries(
        OF_SPANS.map((metric) => [
          `filter/${metric.name}`,
          dropping([`not(${conditionOf(metric)})`]),
        ]),
      ),
      'filter/calls': {
        error_mode: 'ignore',
        metric_conditions: OF_SPANS.filter(({ type }) => type === 'histogram').map(
          (metric) => `metric.name == "${namespaceOf(metric)}.calls"`,
        ),
      },
      'metrics_transform/names': { transforms: OF_SPANS.flatMap(renaming) },
      // The connector dates no start, from which Prometheus makes the zero that a series begins with.
      'transform/start': {
        metric_statements: [
          'set(datapoint.start_time_unix_nano, datapoint.time_unix_nano - 1000000)',
        ],
      },
      deltatocumulative: { max_stale: '24h' },
    },
    connectors: {
      'forward/derived': {},
      ...Object.fromEntries(
        OF_SPANS.map((metric) => [connectorOf(metric), spanMetrics(metric, flush)]),
      ),
      signal_to_metrics: { error_mode: 'ignore', spans: OF_VALUES.map(valueMetric) },
    },
    pipelines: {
      'traces/derived': {
        receivers,
        processors: ['filter/derived', 'transform/labels', 'batch/derived'],
        exporters: ['forward/derived', 'signal_to_metrics'],
      },
      ...Object.fromEntries(
        OF_SPANS.map((metric) => [
          `traces/${metric.name}`,
          {
            receivers: ['forward/derived'],
            processors: [`filter/${metric.name}`],
            exporters: [connectorOf(metric)],
          },
        ]),
      ),
      'metrics/spans': {
        receivers: OF_SPANS.map(connectorOf),
        processors: ['filter/calls', 'metrics_transform/names'],
        exporters,
      },
      'metrics/values': {
        receivers: ['signal_to_metrics'],
        processors: ['transform/start', 'deltatocumulative'],
        exporters,
      },
    },
  }
}

const attribute = (name: string) => `span.attributes["${name}"]`

const dropping = (conditions: readonly string[]): Component => ({
  error_mode: 'ignore',
  trace_conditions: conditions,
})

function conditionOf({ from, when }: DerivedMetric): string {
  const kind = `${attribute(ATTRIBUTE.kind)} == "${from}"`
  return when ? `${kind} and ${attribute(when.attribute)} == "${when.value}"` : kind
}

const NAMESPACE = RESOURCE.serviceNamespace

const list = (names: readonly string[]) => `[${names.map((name) => `"${name}"`).join(', ')}]`

/** Bytes that are no UTF-8 become the character that stands for them: a label with such is dropped with its series. */
const readable = (map: string) => `replace_all_patterns(${map}, "value", "[\\\\x{FFFD}]", "\uFFFD")`

/** Labels are text of a limited length; an empty one is none, and would be a second series of the same labels. */
const LABELS = [
  // A dimension that the span lacks would be taken from the resource.
  `keep_keys(resource.attributes, ${list([RESOURCE.serviceName, NAMESPACE])})`,
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

function spanMetrics(metric: DerivedMetric, flush: string): Component {
  return {
    namespace: namespaceOf(metric),
    // The unit is that of exemplars, too.
    histogram: metric.buckets
      ? { unit: 's', explicit: { buckets: metric.buckets.map((seconds) => `${seconds * 1000}ms`) } }
      : { unit: 's', disable: true },
    dimensions: Object.values(metric.labels).map((name) => ({ name })),
    exclude_dimensions: [
      'service.name',
      'span.name',
      'span.kind',
      'status.code',
      'collector.instance.id',
    ],
    resource_metrics_key_attributes: [RESOURCE.serviceName, RESOURCE.serviceNamespace],
    exemplars: { enabled: true, max_per_data_point: 100 },
    metrics_flush_interval: flush,
  }
}

/** The connector makes `NAMESPACE.duration` and `NAMESPACE.calls`. */
const namespaceOf = ({ name, type }: DerivedMetric): string =>
  type === 'histogram' ? name.replace(/\.duration$/, '') : name

/** A count loses the connector's suffix, and a label that isn't called as its attribute gets its name. */
function renaming(metric: DerivedMetric): Component[] {
  const include = metric.type === 'histogram' ? metric.name : `${metric.name}.calls`
  const operations = Object.entries(metric.labels)
    .filter(([label, name]) => label !== name.replaceAll('.', '_'))
    .map(([label, name]) => ({ action: 'update_label', label: name, new_label: label }))
  if (include === metric.name && operations.length === 0) return []
  return [{ include, action: 'update', new_name: metric.name, operations }]
}

function valueMetric(metric: DerivedMetric): Component {
  const { name, unit, labels, observes, buckets } = metric
  const observed = attribute(typeof observes === 'object' ? observes.attribute : '')
  return {
    name,
    unit,
    include_resource_attributes: [
      { key: RESOURCE.serviceName },
      { key: RESOURCE.serviceNamespace, optional: true },
    ],
    // What cannot be read as a number would have the whole request refused.
    conditions: [`${conditionOf(metric)} and IsMatch(${observed}, "^${OBSERVED_NUMBER}$")`],
    attributes: Object.values(labels).map((key) => ({ key, optional: true })),
    histogram: { buckets, value: `Double(${observed})` },
  }
}
