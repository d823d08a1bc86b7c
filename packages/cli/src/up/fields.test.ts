// Every field of the protos is kept: what comes back is what was sent, over each transport and in each encoding.

import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import {
  type AnyValue,
  CONTENT_TYPE,
  encodeJson,
  encodeProtobuf,
  type KeyValue,
  type LogRecord,
  type LogsRequest,
  type Signal,
  type TracesRequest,
} from '@stepwell/otlp'
import { JournalReader } from '@stepwell/server/journal/reader'
import { cleanUp, spawnEngine, temporaryFolder } from './test/engine-process.ts'
import { fullRequest } from './test/full-request.ts'

afterAll(cleanUp)

const SIGNALS = ['traces', 'logs', 'metrics'] as const
const ENCODINGS = ['protobuf', 'json'] as const
type Encoding = (typeof ENCODINGS)[number]

/** With a field that nobody knows at its end, or its beginning. */
function bodyOf(signal: Signal, encoding: Encoding, id: number, now: number) {
  const request = fullRequest(signal, id, now)
  if (encoding === 'json') {
    return Buffer.from(
      encodeJson(signal, request).replace('{', '{"unknown":[{"a":12345678901234567890}],'),
    )
  }
  return Buffer.concat([encodeProtobuf(signal, request), Buffer.from([0xc2, 0x3e, 1, 0x78])])
}

test('traces by Jaeger’s v3 API, logs by Loki’s, and every byte in the journal', async () => {
  const dataDir = temporaryFolder()
  const engine = spawnEngine(dataDir)
  const { urls } = await engine.ready()
  const now = Date.now() - 1000
  const sent: { signal: Signal; encoding: Encoding; body: Buffer<ArrayBuffer> }[] = []
  for (const signal of SIGNALS) {
    for (const [index, encoding] of ENCODINGS.entries()) {
      const body = bodyOf(signal, encoding, index + 1, now)
      const answer = await fetch(`${urls.otlpHttp}/v1/${signal}`, {
        method: 'POST',
        headers: { 'content-type': CONTENT_TYPE[encoding] },
        body,
      })
      const text = await answer.text()
      expect([signal, encoding, answer.status, text]).toEqual([
        ...[signal, encoding, 200],
        encoding === 'json' ? '{}' : '',
      ])
      sent.push({ signal, encoding, body })
    }
  }

  for (const [index] of ENCODINGS.entries()) {
    const traces = fullRequest('traces', index + 1, now)
    const { traceId } = traces.resourceSpans[0]!.scopeSpans[0]!.spans[0]!
    const trace = await fetch(`${urls.ui}/api/v3/traces/${traceId}`)
    expect(((await trace.json()) as { result: unknown }).result).toEqual(asJaegerHasIt(traces))
    const logs = fullRequest('logs', index + 1, now)
    expect(await lokiLines(urls.loki!, logs)).toMatchObject(asLokiHasThem(logs))
  }

  engine.kill('SIGTERM')
  expect(await engine.exited).toBe(0)
  const reader = new JournalReader(join(dataDir, 'journal'), { warn: () => {} })
  const kept = [...reader.replay(undefined)].flat().map(({ signal, encoding, body }) => ({
    ...{ signal, encoding },
    body: Buffer.from(body),
  }))
  reader.close()
  expect(kept).toEqual(sent)
}, 60_000)

/** OTLP/JSON without the schema URLs of resources and scopes, which Jaeger does not keep. */
function asJaegerHasIt(request: TracesRequest): unknown {
  const resourceSpans = request.resourceSpans.map(({ resource, scopeSpans }) => ({
    resource,
    scopeSpans: scopeSpans.map(({ scope, spans }) => ({ scope, spans })),
  }))
  return JSON.parse(encodeJson('traces', { resourceSpans }))
}

interface LokiAnswer {
  readonly data: {
    readonly result: readonly {
      readonly stream: Readonly<Record<string, string>>
      readonly values: readonly (readonly [string, string])[]
    }[]
  }
}

interface Line {
  readonly time: string
  readonly labels: Readonly<Record<string, string>>
}

/** The lines of the request's trace, in order of time. */
async function lokiLines(loki: string, request: LogsRequest): Promise<Line[]> {
  const [{ traceId, timeUnixNano }] = recordsOf(request) as [LogRecord]
  const start = String(timeUnixNano - 10n ** 10n)
  const query = `{service_name="unknown_service"} | trace_id="${traceId}"`
  const parameters = new URLSearchParams({ query, start, direction: 'forward' })
  const answer = await fetch(`${loki}/loki/api/v1/query_range?${parameters}`)
  const { result } = ((await answer.json()) as LokiAnswer).data
  const lines = result.flatMap(({ stream, values }) =>
    values.map(([time]) => ({ time, labels: stream })),
  )
  return lines.sort((a, b) => (a.time < b.time ? -1 : 1))
}

const recordsOf = (request: LogsRequest): LogRecord[] =>
  request.resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords))

/** What is a label of each line: all but schema URLs, the resource's dropped count and entities, which Loki does not keep. */
function asLokiHasThem(request: LogsRequest): Line[] {
  return request.resourceLogs.flatMap(({ resource, scopeLogs }) =>
    scopeLogs.flatMap(({ scope, logRecords }) =>
      logRecords.map((record) => ({
        time: String(record.timeUnixNano),
        labels: {
          ...labelsOf(resource!.attributes),
          ...labelsOf(scope!.attributes),
          ...labelsOf(record.attributes),
          scope_name: scope!.name,
          scope_version: scope!.version,
          scope_dropped_attributes_count: String(scope!.droppedAttributesCount),
          observed_timestamp: String(record.observedTimeUnixNano),
          severity_number: String(record.severityNumber),
          severity_text: record.severityText,
          dropped_attributes_count: String(record.droppedAttributesCount),
          flags: String(record.flags),
          trace_id: record.traceId,
          span_id: record.spanId,
          event_name: record.eventName,
        },
      })),
    ),
  )
}

function labelsOf(attributes: readonly KeyValue[]): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const { key, value } of attributes) Object.assign(labels, labelsOfValue(label(key), value))
  return labels
}

const label = (key: string) => key.replaceAll('.', '_')

function labelsOfValue(name: string, value: AnyValue = {}): Record<string, string> {
  if ('kvlistValue' in value) {
    const inner = value.kvlistValue.values.map((each) => ({ ...each, key: `${name}.${each.key}` }))
    return labelsOf(inner)
  }
  if ('arrayValue' in value) return { [name]: expect.stringMatching(/^\[.+\]$/) }
  if ('bytesValue' in value) return { [name]: Buffer.from(value.bytesValue).toString('base64') }
  return { [name]: String(Object.values(value)[0]) }
}
