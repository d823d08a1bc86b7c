// The way to Loki by OTLP: lines of real steps through the real Collector, and the labels that Loki makes of them by the
// pack's config.

import { expect } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  decodeProtobuf,
  encodeProtobuf,
  type KeyValue,
  keyValues,
  type ResourceLogs,
} from '@stepwell/otlp'
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
    const { gateway, lines } = await gatewayToLoki(path)
    const folder = temporaryFolder('step')
    await stepwell(['exec', '--output-dir', folder, '--', 'sh', '-c', 'echo one; echo two >&2'], {
      ...plainEnvironment(folder),
      OTEL_EXPORTER_OTLP_ENDPOINT: gateway.otlpHttp,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_RESOURCE_ATTRIBUTES: 'k8s.namespace=argo,k8s.pod.name=fix-7-implement-42',
    })
    const id = (name: string) => readFileSync(join(folder, name), 'utf8').trim()
    for (const line of ['one', 'two'])
      expect(await lines(line)).toMatchObject([
        { line, labels: LABELS, traceId: id('trace_id'), spanId: id('span_id') },
      ])
  },
)

testWith(['otelcol'], 'and so do those that Fluent Bit sends there', async (path) => {
  const { gateway, lines } = await gatewayToLoki(path)
  const ids = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '00f067aa0ba902b7' }
  const beside = { 'log.iostream': 'stdout', level: 'info' }
  const of = { 'k8s.pod.name': LABELS.pod, 'k8s.namespace.name': LABELS.namespace }
  // As a real one sends it by fluent-bit-otlp.yaml: a container's lines in a resource that says nothing.
  const told = {
    body: { stringValue: 'token=ghp_0123456789abcdefghijABCDEFGHIJ012345' },
    attributes: keyValues({ ...beside, ...ids, ...of }),
    traceId: ids.trace_id,
    spanId: ids.span_id,
    severityText: 'info',
  }
  const plain = { body: { stringValue: 'plain' }, attributes: keyValues({ ...beside, ...of }) }
  const logRecords = [told, plain]
  const request = { resourceLogs: [{ resource: {}, scopeLogs: [{ scope: {}, logRecords }] }] }
  await gateway.sendEncoded('logs', encodeProtobuf('logs', request))

  expect(await lines('plain')).toMatchObject([{ labels: LABELS, attributes: beside, traceId: '' }])
  const [redacted] = await lines('token=[REDACTED]')
  expect(redacted).toMatchObject({ labels: LABELS, traceId: ids.trace_id, spanId: ids.span_id })
  // Said once: two of a name beside a line would be one too many.
  expect(redacted!.attributes).toEqual(beside)
})

const LABELS = {
  job: 'agent-steps',
  namespace: 'argo',
  pod: 'fix-7-implement-42',
  service_name: 'agent-steps',
  deployment_environment: 'staging',
  k8s_cluster_name: 'blue',
  k8s_namespace_name: 'argo',
}

/** A gateway that sends logs to what keeps them as they come. */
async function gatewayToLoki(path: string | undefined) {
  const received: ResourceLogs[] = []
  const loki = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      if (new URL(request.url).pathname !== '/otlp/v1/logs')
        return new Response('', { status: 404 })
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
  /** Those of this text, once there is one. */
  const lines = (text: string) =>
    waitFor(`the line ${text}`, () => {
      const found = received.flatMap(linesOf).filter(({ line }) => line === text)
      return found.length > 0 && found
    })
  return { gateway, lines }
}

function linesOf({ resource, scopeLogs }: ResourceLogs) {
  const labels = Object.entries(texts(resource?.attributes ?? []))
    .filter(([name]) => INDEXED.includes(name))
    .map(([name, value]) => [labelName(name), value])
  return scopeLogs.flatMap(({ logRecords }) =>
    logRecords.map(({ body, attributes, traceId, spanId }) => ({
      line: body && 'stringValue' in body ? body.stringValue : undefined,
      labels: Object.fromEntries(labels) as Record<string, string>,
      attributes: texts(attributes),
      traceId,
      spanId,
    })),
  )
}

const texts = (attributes: readonly KeyValue[]): Record<string, string> =>
  Object.fromEntries(
    attributes.flatMap(({ key, value }) =>
      value && 'stringValue' in value ? [[key, value.stringValue]] : [],
    ),
  )
