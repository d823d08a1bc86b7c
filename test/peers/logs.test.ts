// The way to Loki by OTLP: lines of real steps through the real Collector, and the labels that Loki makes of them by the
// pack's config.

import { expect } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeProtobuf, type ResourceLogs } from '@stepwell/otlp'
import { parse } from 'yaml'
import { labelName } from '../../packages/server/src/api/loki/label-name.ts'
import { plainEnvironment, root, stepwell, temporaryFolder } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { CollectorProcess, hurrying } from './collector-process.ts'

const LOKI = parse(readFileSync(join(root, 'deploy/loki/loki.yaml'), 'utf8'))
const INDEXED: readonly string[] =
  LOKI.distributor.otlp_config.default_resource_attributes_as_index_labels

testWith(
  ['otelcol'],
  "a step's lines reach Loki with the labels of the original design",
  async (path) => {
    const received: ResourceLogs[] = []
    const loki = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      async fetch(request) {
        expect(new URL(request.url).pathname).toBe('/otlp/v1/logs')
        const body = Bun.gunzipSync(new Uint8Array(await request.arrayBuffer()))
        received.push(...decodeProtobuf('logs', body).resourceLogs)
        return new Response()
      },
    })
    loki.unref()
    const gateway = await new CollectorProcess(path!, 'otel-collector-config.yaml', {
      env: { LOKI_ENDPOINT: `${loki.url.origin}/otlp`, ENV: 'staging', CLUSTER_NAME: 'blue' },
      changes: hurrying('otlp_http/logs'),
    }).start()

    const folder = temporaryFolder('step')
    await stepwell(['exec', '--output-dir', folder, '--', 'sh', '-c', 'echo one; echo two >&2'], {
      ...plainEnvironment(folder),
      OTEL_EXPORTER_OTLP_ENDPOINT: gateway.otlpHttp,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_RESOURCE_ATTRIBUTES: 'k8s.namespace=argo,k8s.pod.name=fix-7-implement-42',
    })

    const id = (name: string) => readFileSync(join(folder, name), 'utf8').trim()
    const lines = await waitFor('the lines', () => {
      const found = received.flatMap(linesOf)
      return ['one', 'two'].every((text) => found.some(({ line }) => line === text)) && found
    })
    const labels = {
      job: 'agent-steps',
      namespace: 'argo',
      pod: 'fix-7-implement-42',
      service_name: 'agent-steps',
      deployment_environment: 'staging',
      k8s_cluster_name: 'blue',
      k8s_namespace_name: 'argo',
    }
    for (const text of ['one', 'two'])
      expect(lines.find(({ line }) => line === text)).toEqual({
        line: text,
        labels,
        traceId: id('trace_id'),
        spanId: id('span_id'),
      })
  },
)

function linesOf({ resource, scopeLogs }: ResourceLogs) {
  const labels = Object.fromEntries(
    (resource?.attributes ?? []).flatMap(({ key, value }) =>
      INDEXED.includes(key) && value && 'stringValue' in value
        ? [[labelName(key), value.stringValue]]
        : [],
    ),
  )
  return scopeLogs.flatMap(({ logRecords }) =>
    logRecords.map(({ body, traceId, spanId }) => ({
      line: body && 'stringValue' in body ? body.stringValue : undefined,
      labels,
      traceId,
      spanId,
    })),
  )
}
