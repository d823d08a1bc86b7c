// The views that queries see: docs/sql.md has every column with its type and unit. They are made anew, as temporary
// views, on the connection of each query, and hide the tables of the same names.

import { ATTRIBUTE, TWIN } from '@stepwell/model'
import { OWN } from '../store/schema.ts'

export const VIEW_NAMES = ['spans', 'steps', 'workflows', 'logs', 'metrics'] as const
export type ViewName = (typeof VIEW_NAMES)[number]

export const isView = (name: string): name is ViewName =>
  (VIEW_NAMES as readonly string[]).includes(name)

/** The catalog of the index file: without it a view would name itself. */
const MAIN = '"index".main'

/** Service and operation names by code, where views look them up: a join would have every span read to find the newest. */
export const LOOKUPS: Readonly<Record<string, string>> = {
  stepwell_services: namesOf('services'),
  stepwell_operations: namesOf('operations'),
}

function namesOf(table: string): string {
  const codes = `range(coalesce((SELECT max(code) + 1 FROM ${MAIN}.${table}), 0)) AS all_codes(code)`
  return `SELECT list(name ORDER BY code) FROM ${codes} LEFT JOIN ${MAIN}.${table} USING (code)`
}

const lookUp = (variable: string, code: string) => `getvariable('${variable}')[${code} + 1]`

const traceId = "format('{:016x}{:016x}', trace_high, trace_low)"
const spanId = "format('{:016x}', span)"
const instant = (nanoseconds: string) => `make_timestamptz(((${nanoseconds}) // 1000)::BIGINT)`
const seconds = (nanoseconds: string) => `${nanoseconds} / 1e9`
const texts = (json: string) => `${json}::JSON::MAP(VARCHAR, VARCHAR)`
const PLACE = 'segment, block, record, item'

/** `narrowed`: a condition on the table's own columns that is known to hold of all that is wanted. */
export function createView(name: ViewName, narrowed = 'true'): string {
  return `CREATE TEMP VIEW ${name} AS ${VIEWS[name](narrowed)}`
}

const VIEWS: Readonly<Record<ViewName, (narrowed: string) => string>> = {
  spans: (narrowed) => `SELECT
    ${traceId} AS trace_id,
    ${spanId} AS span_id,
    stepwell_span_parent(${PLACE}) AS parent_span_id,
    ${lookUp('stepwell_services', 'service')} AS service,
    ${lookUp('stepwell_operations', 'operation')} AS name,
    ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer', 'unknown'][kind + 1] AS kind,
    ${instant('start')} AS start_time,
    ${instant('start + duration')} AS end_time,
    ${seconds('duration')} AS duration_seconds,
    start AS start_unix_nano,
    duration AS duration_nano,
    coalesce(['unset', 'ok', 'error'][status + 1], status::VARCHAR) AS status,
    stepwell_span_status_message(${PLACE}) AS status_message,
    ${texts(`stepwell_span_attributes(${PLACE})`)} AS attributes,
    ${texts(`stepwell_span_resource(${PLACE})`)} AS resource,
    stepwell_span_scope(${PLACE}) AS scope,
    stepwell_span_trace_state(${PLACE}) AS trace_state,
    stepwell_span_events(${PLACE})::JSON::STRUCT("time" TIMESTAMPTZ, name VARCHAR, attributes MAP(VARCHAR, VARCHAR))[] AS events,
    stepwell_span_links(${PLACE})::JSON::STRUCT(trace_id VARCHAR, span_id VARCHAR, attributes MAP(VARCHAR, VARCHAR))[] AS links
  FROM ${MAIN}.spans WHERE own IN (${OWN.no}, ${OWN.first}) AND ${narrowed}`,

  steps: () =>
    own('step', [
      [attribute(ATTRIBUTE.stepName), 'step_name'],
      [attribute(ATTRIBUTE.agent), 'agent'],
      [attribute(ATTRIBUTE.repo), 'repo'],
      [attribute(ATTRIBUTE.prNumber), 'pr_number'],
      [attribute(ATTRIBUTE.taskId), 'task_id'],
      [attribute(ATTRIBUTE.commitSha), 'commit_sha'],
      [attribute(ATTRIBUTE.workflowName), 'workflow_name'],
      [attribute(ATTRIBUTE.workflowUid), 'workflow_uid'],
      [attribute(ATTRIBUTE.nodeId), 'node_id'],
      [attribute(ATTRIBUTE.stage), 'stage'],
      [number(ATTRIBUTE.stepAttempt, 'INTEGER'), 'attempt'],
      [attribute(ATTRIBUTE.outcome), 'outcome'],
      [attribute(TWIN.taskRunResult), 'result'],
      [attribute(ATTRIBUTE.errorType), 'error_type'],
      [number(ATTRIBUTE.exitCode, 'INTEGER'), 'exit_code'],
      [number(ATTRIBUTE.cpuTime, 'DOUBLE'), 'cpu_seconds'],
      [number(ATTRIBUTE.memoryPeak, 'BIGINT'), 'memory_peak_bytes'],
      [number(ATTRIBUTE.ioRead, 'BIGINT'), 'io_read_bytes'],
      [number(ATTRIBUTE.ioWritten, 'BIGINT'), 'io_written_bytes'],
      [number(ATTRIBUTE.storageWritten, 'BIGINT'), 'storage_written_bytes'],
    ]),

  workflows: () =>
    own('workflow', [
      [attribute(ATTRIBUTE.workflowName), 'workflow_name'],
      [attribute(ATTRIBUTE.workflowUid), 'workflow_uid'],
      [attribute(ATTRIBUTE.workflowTemplate), 'workflow_template'],
      [attribute(ATTRIBUTE.repo), 'repo'],
      [attribute(ATTRIBUTE.prNumber), 'pr_number'],
      [attribute(ATTRIBUTE.taskId), 'task_id'],
      [attribute(ATTRIBUTE.commitSha), 'commit_sha'],
      [attribute(ATTRIBUTE.outcome), 'outcome'],
      [attribute(TWIN.pipelineResult), 'result'],
      [attribute(ATTRIBUTE.errorType), 'error_type'],
    ]),

  logs: (narrowed) => `SELECT
    ${instant('time')} AS "time",
    nullif(${traceId}, repeat('0', 32)) AS trace_id,
    nullif(${spanId}, repeat('0', 16)) AS span_id,
    ${lookUp('stepwell_services', 'service')} AS service,
    severity AS severity_number,
    stepwell_log_severity(${PLACE}) AS severity,
    stepwell_log_body(${PLACE}) AS body,
    stepwell_log_event(${PLACE}) AS event_name,
    ${texts(`stepwell_log_attributes(${PLACE})`)} AS attributes,
    ${texts(`stepwell_log_resource(${PLACE})`)} AS resource,
    stepwell_log_scope(${PLACE}) AS scope,
    "time" AS time_unix_nano
  FROM ${MAIN}.logs WHERE ${narrowed}`,

  metrics: (narrowed) => `WITH sent AS MATERIALIZED (
      SELECT code, ${labelled('labels')} FROM ${MAIN}.metric_series
    ), derived AS MATERIALIZED (
      SELECT code, ${labelled('labels')} FROM stepwell_derived_series()
    )
    SELECT name, labels, make_timestamptz(("time" * 1000)::BIGINT) AS "time", value, histogram, source FROM (
      SELECT name, labels, "time", value, NULL AS histogram, 'derived' AS source
        FROM stepwell_derived_changes() JOIN derived ON code = series
      UNION ALL
      SELECT name, labels, "time", value, NULL AS histogram, 'sent' AS source
        FROM ${atOneTime('samples')} JOIN sent ON code = series WHERE stale = 0 AND ${narrowed}
      UNION ALL
      SELECT name, labels, unnest(stepwell_chunk_times(samples)) AS "time",
          unnest(stepwell_chunk_values(samples)) AS value, NULL AS histogram, 'sent' AS source
        FROM ${MAIN}.sample_chunks JOIN sent ON code = series WHERE ${narrowed}
      UNION ALL
      SELECT name, labels, "time", NULL AS value, ${HISTOGRAM} AS histogram, 'sent' AS source
        FROM ${atOneTime('histograms')} JOIN sent ON code = series WHERE stale = 0 AND ${narrowed}
    )`,
}

/** With the columns of a chunk's times. */
const atOneTime = (table: string) =>
  `(SELECT *, "time" AS first, "time" AS last FROM ${MAIN}.${table})`

const HISTOGRAM = `stepwell_histogram(histogram)::JSON::STRUCT(
    schema INTEGER, count DOUBLE, sum DOUBLE, zero_threshold DOUBLE, zero_count DOUBLE,
    positive MAP(INTEGER, DOUBLE), negative MAP(INTEGER, DOUBLE)
  )`

const labelled = (json: string) =>
  `json_extract_string(${json}, '$.__name__') AS name,
   map_from_entries(list_filter(map_entries(${texts(json)}), lambda label: label.key <> '__name__')) AS labels`

/** `attributes` of our own spans is a JSON object of texts. */
const attribute = (key: string) => `nullif(json_extract_string(attributes, '$."${key}"'), '')`
const number = (key: string, type: string) => `TRY_CAST(${attribute(key)} AS ${type})`

/** First accepted spans of ours of one kind. */
function own(kind: string, columns: readonly (readonly [sql: string, name: string])[]): string {
  const length = 'greatest("end", start) - start'
  return `SELECT
    ${traceId} AS trace_id,
    ${spanId} AS span_id,
    name,
    ${columns.map(([sql, name]) => `${sql} AS ${name}`).join(', ')},
    ${instant('start')} AS start_time,
    ${instant('"end"')} AS end_time,
    ${seconds(`(${length})`)} AS duration_seconds,
    ${instant('accepted_at')} AS accepted_time,
    nullif(job, '') AS job,
    ${texts('attributes')} AS attributes,
    ${texts('resource')} AS resource
  FROM ${MAIN}.own_spans WHERE kind = '${kind}' AND standing = ${OWN.first}`
}
