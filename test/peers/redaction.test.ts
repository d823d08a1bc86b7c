// What the gateway takes out of spans and log records, whoever sends them.

import { expect } from 'bun:test'
import { ATTRIBUTE, type Nanoseconds, RESOURCE, type SpanId, type TraceId } from '@stepwell/model'
import { REDACTED } from '@stepwell/model/redact/index'
import { privateKey, TOKENS } from '@stepwell/model/redact/testing/samples'
import { encodeProtobuf, keyValues } from '@stepwell/otlp'
import { generator } from '../../packages/server/src/store/testing.ts'
import { type JaegerTrace, json, lines } from '../support/ask.ts'
import { startEngine } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { CollectorProcess } from './collector-process.ts'
import { behind } from './whole-gateway.ts'

const TRACE = '5'.repeat(32) as TraceId
const PASSWORD = 'hunter2hunter2'

const random = generator(1)
const token = TOKENS.github!(random)

/** Secrets with the text around them, in which a `?` stands for each. */
const TEXTS: readonly (readonly [secret: string, text: string])[] = [
  ...Object.values(TOKENS).map((make) => [make(random), 'say ? now'] as const),
  [privateKey(random).join('\n'), 'before ? after'],
  ...[
    'curl -H "Authorization: ?"',
    'postgres://me:?@host/db',
    '{"apiKey":"?","n":1}',
    '{\\"secret\\":\\"?\\"}',
    'tool --password ? -z',
  ].map((text) => [PASSWORD, text] as const),
  [`Bearer ${PASSWORD}`, 'curl -H "Authorization: ?"'],
  [`id=${PASSWORD}`, 'Cookie: ?'],
]
const BEFORE = TEXTS.map(([secret, text]) => text.replace('?', secret))
const AFTER = TEXTS.map(([, text]) => text.replace('?', REDACTED))
const ORDINARY = [
  '"max_tokens": 4096, PWD=/srv/main',
  'commit 3f786850e387550fdab836ed7e6dc881de23',
]

const named = (texts: readonly string[]) =>
  Object.fromEntries(texts.map((text, index) => [`text.${index}`, text]))

const NAMED = { 'db.password': PASSWORD, 'http.request.header.authorization': PASSWORD }

const CARELESS = {
  ...named([...BEFORE, ...ORDINARY]),
  ...NAMED,
  'process.command_args': ['--key', token, 'kept'],
}
const CAREFUL = {
  ...named([...AFTER, ...ORDINARY]),
  'process.command_args': `["--key","${REDACTED}","kept"]`,
}

testWith(['otelcol'], 'secrets do not pass the gateway; what is none does', async (otelcol) => {
  const engine = await startEngine()
  const settings = behind(engine, 'http://127.0.0.1:1')
  const config = 'otel-collector-config.yaml'
  const gateway = await new CollectorProcess(otelcol, config, settings).start()
  const attributes = keyValues(CARELESS)
  const resource = {
    attributes: [...attributes, ...keyValues({ [RESOURCE.serviceName]: 'careless' })],
  }
  const now = (BigInt(Date.now()) * 1_000_000n) as Nanoseconds
  const step = keyValues({
    [ATTRIBUTE.kind]: 'step',
    [ATTRIBUTE.agent]: 'careless',
    [ATTRIBUTE.repo]: `https://me:${PASSWORD}@host/shop`,
    [ATTRIBUTE.outcome]: 'success',
  })
  const span = {
    traceId: TRACE,
    spanId: '5'.repeat(16) as SpanId,
    name: `fetch ${token}`,
    startTimeUnixNano: now,
    endTimeUnixNano: now,
    status: { code: 2, message: `password=${PASSWORD}` },
    attributes: [...attributes, ...step],
    events: [{ name: `fetched ${token}`, attributes }],
  } as const
  // What has no JSON hides nothing that stands beside it.
  const ratio = { key: 'ratio', value: { doubleValue: Number.NaN } }
  const spanId = '6'.repeat(16) as SpanId
  const values = [{ stringValue: 'kept' }, { stringValue: `say ${token} now` }]
  const nested = [
    { key: 'list', value: { arrayValue: { values } } },
    { key: 'map', value: { kvlistValue: { values: keyValues({ deep: token }) } } },
  ]
  const eventless = { ...span, spanId, attributes: [...attributes, ratio, ...nested], events: [] }
  const scopeSpans = [{ spans: [span, eventless] }]
  await gateway.send({ resourceSpans: [{ resource, scopeSpans }] })

  const found = await waitFor('the trace to arrive', async () => {
    const url = `${engine.urls.ui}/api/traces/${TRACE}`
    return (await json<{ data: JaegerTrace[] }>(url).catch(() => undefined))?.data[0]
  })
  expect(found.spans).toHaveLength(2)
  for (const arrived of found.spans) {
    expect(arrived.operationName).toBe(`fetch ${REDACTED}`)
    const tags = Object.fromEntries(arrived.tags.map(({ key, value }) => [key, value]))
    for (const name of Object.keys(NAMED)) expect(tags).not.toHaveProperty([name])
    expect(tags).toMatchObject({
      ...CAREFUL,
      'otel.status_description': `password=${REDACTED}`,
    })
  }
  expect(JSON.stringify(found)).toContain(`fetched ${REDACTED}`)
  expect(JSON.stringify(found)).toContain('kept')
  expect(JSON.stringify(found)).not.toContain(token.slice(-12))
  // Their event and their resource as well.
  hasNoSecret(JSON.stringify(found))

  // A label is text like any other, and no other label has gone.
  const series = await waitFor('the step to be counted', async () =>
    (await gateway.exposed()).find(({ name }) => name === 'agent_step_success_total'),
  )
  expect(series.labels).toEqual({
    job: 'careless',
    agent: 'careless',
    repo: `https://me:${REDACTED}@host/shop`,
    cluster: 'default',
    deployment_environment: 'production',
  })

  const bodies = [
    ...[...BEFORE, ...ORDINARY].map((stringValue) => ({ stringValue })),
    { kvlistValue: { values: [{ key: 'deep', value: { kvlistValue: { values: attributes } } }] } },
  ]
  const logRecords = bodies.map((body, index) => ({
    traceId: TRACE,
    timeUnixNano: (now + BigInt(index)) as Nanoseconds,
    body,
    attributes,
  }))
  const request = { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }
  await gateway.sendEncoded('logs', encodeProtobuf('logs', request))
  const said = await waitFor('the lines to arrive', async () => {
    const all = await lines(engine.urls, '{service_name="careless"}')
    return all.length === bodies.length && all
  })
  expect(said).toEqual(expect.arrayContaining([...AFTER, ...ORDINARY]))
  hasNoSecret(said.join('\n'))
})

function hasNoSecret(text: string): void {
  for (const [secret] of TEXTS) expect(text).not.toContain(secret.slice(-12))
}
