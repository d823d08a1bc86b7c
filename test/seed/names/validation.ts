import type { Block } from '../block.ts'

const SCRIPT = 'deploy/scripts/test-tracing.sh'
const TEMPLATE = 'deploy/argo/coderun-template.yaml'
const SOURCES = 'deploy/grafana/provisioning/datasources/stepwell.yaml'
const LOOKED_FOR = 'all > checks > status=ok > name'

export const VALIDATION: readonly Block[] = [
  {
    heading: 'Trace Validation',
    kept: [
      { in: SCRIPT, names: ['test-tracing.sh'] },
      { in: TEMPLATE, at: 'metadata > name', names: ['coderun-template'] },
      {
        in: TEMPLATE,
        at: 'spec > arguments > parameters > * > name',
        names: ['github-app', 'repo', 'pr'],
      },
      { in: 'docs/cli.md', within: '', names: ['workflowtemplate/coderun-template', '-p'] },
      { in: SOURCES, at: 'datasources > * > url', names: ['http://jaeger:16686'] },
      { in: 'stepwell exec', keysOf: 'success > announced > *', names: ['trace_id'] },
    ],
    replaced: [
      {
        seed: 'TRACE_ID',
        here: 'stepwell validate all',
        in: SCRIPT,
        within: '',
        why: 'the script is a line around a verb, which finds the trace itself',
      },
      {
        seed: 'Trace ID found:',
        here: 'traces spans',
        in: 'stepwell validate',
        at: LOOKED_FOR,
        why: 'one of the things that it looks for',
      },
      {
        seed: 'ERROR: No trace ID found in logs',
        here: 'false',
        in: 'stepwell validate',
        at: 'lost > ok',
        why: 'what is missing is named, with the likely reason; it ends with 1',
      },
    ],
    others: `
      #!/bin/bash WORKFLOW argo submit wait logs --from rex test 123 -o name -1 1 -d -f4 -n curl -s /api/traces jq .data 0
      .spans length
    `,
  },
  {
    heading: 'Metrics Validation',
    kept: [
      { in: SOURCES, at: 'datasources > * > url', names: ['http://prometheus:9090'] },
      {
        in: '@stepwell/model',
        at: 'DERIVED_METRICS > * > prometheusName',
        names: ['agent_step_duration_seconds'],
      },
    ],
    replaced: [
      {
        seed: 'http://otel-collector:8889/metrics',
        here: '0.0.0.0:8889',
        in: 'deploy/collector/otel-collector-config.yaml',
        at: 'exporters > prometheus > endpoint',
        why: 'the page of the Collector, under its name in a cluster',
      },
      {
        seed: '.exemplars',
        here: 'metrics exemplars',
        in: 'stepwell validate',
        at: LOOKED_FOR,
        why: 'never in the answer of a query: asked of /api/v1/query_exemplars',
      },
    ],
    others: 'curl -s jq .data.result 0 /api/v1/query?query',
  },
]
