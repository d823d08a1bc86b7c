import type { Block } from '../block.ts'

const FILE = 'deploy/grafana/dashboards/agent-step-performance.json'
const SOURCES = 'deploy/grafana/provisioning/datasources/stepwell.yaml'
const TEMPO = 'deploy/grafana/tempo/datasources/stepwell.yaml'
const panel = (title: string) => `panels > ** > title=${title}`
const HEATMAP = panel('Agent Step Duration')
const RATE = panel('Success Rate by Agent')
const ACTIVE = panel('Active PRs and Tasks')

export const GRAFANA: readonly Block[] = [
  {
    heading: 'Agent Performance Dashboard',
    kept: [
      { in: FILE, keysOf: '', names: ['title', 'panels'] },
      { in: FILE, at: 'title', names: ['Agent Step Performance'] },
      { in: FILE, at: 'panels > 0 > title', names: ['Agent Step Duration'] },
      { in: FILE, at: 'panels > 1 > title', names: ['Success Rate by Agent'] },
      { in: FILE, at: 'panels > 2 > title', names: ['Active PRs and Tasks'] },
      { in: FILE, at: `${HEATMAP} > type`, names: ['heatmap'] },
      { in: FILE, at: `${RATE} > type`, names: ['stat'] },
      { in: FILE, at: `${ACTIVE} > type`, names: ['gauge'] },
      { in: FILE, keysOf: HEATMAP, names: ['title', 'type', 'targets', 'datasource'] },
      { in: FILE, keysOf: `${HEATMAP} > targets > *`, names: ['expr', 'legendFormat'] },
      {
        in: FILE,
        within: `${HEATMAP} > targets > * > expr`,
        names: ['agent_step_duration_seconds_bucket'],
      },
      // The rows of a heatmap are its buckets: the lines of the percentiles beside it are named so.
      { in: FILE, at: 'panels > ** > legendFormat', names: ['{{agent}} - {{step_name}}'] },
      { in: FILE, within: `${RATE} > targets > * > expr`, names: ['rate'] },
      { in: FILE, at: `${RATE} > targets > * > legendFormat`, names: ['{{agent}}'] },
      {
        in: FILE,
        within: `${ACTIVE} > targets > * > expr`,
        names: ['count by (repo)', 'increase', '1h'],
      },
      {
        in: SOURCES,
        at: 'datasources > ** > exemplarTraceIdDestinations > * > name',
        names: ['trace_id'],
      },
      { in: TEMPO, at: 'datasources > * > name', names: ['Tempo'] },
      {
        in: 'stepwell up, /metrics',
        keysOf: 'agent_step_duration_seconds_bucket > exemplar',
        names: ['trace_id'],
      },
      {
        in: '@stepwell/model',
        at: 'DERIVED_METRICS > * > prometheusName',
        names: ['agent_step_duration_seconds'],
      },
    ],
    replaced: [
      {
        seed: 'dashboard',
        here: 'schemaVersion',
        in: FILE,
        keysOf: '',
        why: 'that is how it is sent to the API: a file has the dashboard itself',
      },
      {
        seed: 'exemplars',
        here: 'exemplar',
        in: FILE,
        keysOf: `${HEATMAP} > targets > *`,
        why: "no part of Grafana's schema: a query asks for them, the data source says where they lead",
      },
      {
        seed: 'traceIdLabelName',
        here: 'exemplarTraceIdDestinations',
        in: SOURCES,
        keysOf: 'datasources > ** > jsonData',
        why: 'where a label of an exemplar leads is told by the data source',
      },
      {
        seed: 'agent_step_success_total',
        here: 'agent_step_duration_seconds_count',
        in: FILE,
        within: `${RATE} > targets > * > expr`,
        why: 'vectors of other labels never meet, and an agent that only fails has no successes',
      },
      {
        seed: 'agent_step_fail_total',
        here: 'outcome="failure"',
        in: FILE,
        within: `${RATE} > targets > * > expr`,
        why: 'the same',
      },
    ],
    others: '5m',
  },
]
