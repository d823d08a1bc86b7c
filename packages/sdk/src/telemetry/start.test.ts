// A program with telemetry by one call, as a process of its own: on Bun from the sources, and on plain Node from a
// bundle. Every test asks what arrived at a receiver of OTLP, or lies in the spool.

import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { ATTRIBUTE, endAttributes, startAttributes } from '@stepwell/model'
import { type AnyValue, attributeText, keyValues, type Span } from '@stepwell/otlp'
import { type Collector, deadUrl, startCollector } from '../test/collector.ts'
import { buildPrograms, node, type Programs, RUNTIMES } from '../test/run.ts'

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const UNSAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
// Each starts processes, on a machine that may be busy.
setDefaultTimeout(60_000)

let programs: Programs
let collector: Collector
beforeAll(async () => {
  programs = await buildPrograms()
})
afterAll(() => programs[Symbol.dispose]())
beforeEach(() => {
  collector = startCollector()
})
afterEach(() => collector.stop())

const attributesOf = (span: Span): Record<string, AnyValue | undefined> =>
  Object.fromEntries(span.attributes.map(({ key, value }) => [key, value]))
const named = (spans: readonly Span[], name: string) => spans.find((span) => span.name === name)!

for (const runtime of RUNTIMES)
  describe.skipIf(runtime === 'node' && !node)(`on ${runtime}`, () => {
    const run = (ending: string, env: Record<string, string>, endpoint?: string) =>
      programs.start(runtime, ending, env, endpoint).ended()

    test('what is recorded is sent when the event loop is empty', async () => {
      const { code, stdout, stderr } = await run('quietly', {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=dev',
      })
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' })
      expect(collector.spans.map((span) => span.name).sort()).toEqual([
        'rex/earlier',
        'rex/plan',
        'work',
      ])
      const step = named(collector.spans, 'rex/plan')
      expect(step.attributes.toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual(
        keyValues({
          ...startAttributes('step', { step: 'plan', agent: 'rex' }),
          ...endAttributes('step', {}),
          half: 0.5,
          whole: 3,
          list: ['a'],
        }).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
      )
      expect(step).toMatchObject({ kind: 1, status: { code: 1, message: '' }, parentSpanId: '' })
      expect(named(collector.spans, 'work').parentSpanId).toBe(step.spanId)
      const earlier = named(collector.spans, 'rex/earlier')
      expect(earlier.endTimeUnixNano - earlier.startTimeUnixNano).toBe(1_500_000_000n)
      expect(new Set(collector.spans.map((span) => span.service))).toEqual(new Set(['agent-steps']))
      expect(collector.requests[0]?.headers.get('authorization')).toBe('Bearer x')
    })

    test('a step is announced while it runs, one that had ended already is not', async () => {
      await run('quietly', { STEPWELL_OTLP_ENDPOINT: collector.url, WORKFLOW_UID: 'u1' })
      const step = named(collector.spans, 'rex/plan')
      expect(collector.logs).toHaveLength(1)
      const [announcement] = collector.logs
      expect(announcement).toMatchObject({
        eventName: 'stepwell.step.started',
        body: { stringValue: 'rex/plan started' },
        traceId: step.traceId,
        spanId: step.spanId,
      })
      const said = (name: string) => attributeText(announcement!.attributes, name)
      expect(said(ATTRIBUTE.kind)).toBe('step')
      expect(said(ATTRIBUTE.startTime)).toBe(String(step.startTimeUnixNano))
      expect(said(ATTRIBUTE.parentSpanId)).toBe(step.parentSpanId)
    })

    test('a failure is sent though nobody catches its error', async () => {
      const { code, stderr } = await run('by an error', {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      })
      expect(code).toBe(1)
      expect(stderr).toContain('boom')
      const step = named(collector.spans, 'rex/plan')
      expect(attributesOf(step)['error.type']).toEqual({ stringValue: 'exception' })
      expect(step.status).toEqual({ code: 2, message: 'exception' })
      expect(step.events.map((event) => event.name)).toEqual(['exception'])
    })

    test('shutdown sends before exit; exit alone keeps', async () => {
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
      expect((await run('by shutdown', env)).code).toBe(3)
      expect(collector.spans.map((span) => span.name).sort()).toEqual(['rex/plan', 'work'])
      collector.spans.length = 0
      const exited = await run('by exit', env)
      expect(exited.code).toBe(3)
      expect(exited.spooled().map((span) => span.name)).toEqual(['rex/plan'])
      expect(exited.stderr).toMatch(/^stepwell: spans were not sent .*stepwell flush.*\n$/)
    })

    test('without a receiver the program ends as ever, one line says so, the spans are kept', async () => {
      const { code, stdout, stderr, spooled } = await run('quietly', {
        OTEL_EXPORTER_OTLP_ENDPOINT: deadUrl(),
      })
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
      expect(stderr).toMatch(/^stepwell: spans were not sent \(nobody answers at .*\n$/)
      expect(
        spooled()
          .map((span) => span.name)
          .sort(),
      ).toEqual(['rex/earlier', 'rex/plan', 'work'])
    })

    test('a flood, with nobody to take it meanwhile: none is lost, and Node has nothing to warn of', async () => {
      const { code, stderr, spooled } = await run('with a flood', {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      })
      expect(code).toBe(0)
      expect(stderr.trimEnd()).toMatch(/^stepwell: spans were not sent \(they came faster .*$/)
      const ids = [...collector.spans, ...spooled()].map(({ spanId }) => spanId)
      expect(new Set(ids).size).toBe(31_000)
      expect(collector.logs.length).toBeLessThan(500)
    })

    test('a receiver that says "later" is asked again; one that refuses is not', async () => {
      collector.answers.push(503, 429)
      await run('by shutdown', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
      expect(collector.spans.map((span) => span.name).sort()).toEqual(['rex/plan', 'work'])
      collector.answers.push(400)
      const refused = await run('by shutdown', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
      expect(refused.stderr).toMatch(/^stepwell: spans were refused: 127.0.0.1:\d+ answered 400\n$/)
      expect(refused.spooled()).toEqual([])
    })

    test('a span without a parent hangs under what the process was started in', async () => {
      await run('without parent', { TRACEPARENT: PARENT }, collector.url)
      expect(named(collector.spans, 'work')).toMatchObject({
        traceId: '0af7651916cd43dd8448eb211c80319c',
        parentSpanId: 'b7ad6b7169203331',
        flags: 0x301,
      })
    })

    test('in the root context nothing of that is a parent', async () => {
      await run('in the root context', { TRACEPARENT: PARENT }, collector.url)
      expect(named(collector.spans, 'work').parentSpanId).toBe('')
    })

    test('what the program calls is told of the step and the baggage', async () => {
      const { stdout } = await run('by a call', {}, collector.url)
      const { traceId, spanId } = named(collector.spans, 'rex/plan')
      expect(JSON.parse(stdout)).toEqual({
        traceparent: `00-${traceId}-${spanId}-01`,
        baggage: 'team=core',
      })
    })

    test('a span that cannot be encoded does not keep the others', async () => {
      const { code, stderr } = await run('with a span that is none', {}, collector.url)
      expect(code).toBe(0)
      expect(collector.spans.map((span) => span.name)).toEqual(['work'])
      expect(stderr).toMatch(/^stepwell: a span cannot be encoded: RangeError: .*\n$/)
    })

    test('a step under an unsampled parent is sent, what it does is not', async () => {
      await run('quietly', { TRACEPARENT: UNSAMPLED }, collector.url)
      expect(collector.spans.map((span) => [span.name, span.flags]).sort()).toEqual([
        ['rex/earlier', 0x301],
        ['rex/plan', 0x301],
      ])
    })

    test('the stage of a step decides its parent where the trace is computed', async () => {
      await run('with a stage', { WORKFLOW_UID: 'u1' }, collector.url)
      const hash = new Bun.CryptoHasher('sha256').update('stepwell/stage/u1/quality').digest('hex')
      expect(named(collector.spans, 'rex/plan').parentSpanId).toBe(hash.slice(0, 16))
    })

    test('no endpoint named: the engine that runs here', async () => {
      const data = mkdtempSync(join(programs.folder, 'data-'))
      const ready = { pid: process.pid, urls: { otlpHttp: collector.url } }
      await Bun.write(join(data, 'ready.json'), JSON.stringify(ready))
      await run('without parent', { STEPWELL_DATA: data })
      expect(collector.spans.map((span) => span.name)).toEqual(['work'])
    })

    test('secrets stay here: in attributes, events, errors, announcements', async () => {
      const file = join(programs.folder, 'rules.json')
      await Bun.write(file, '{ "redact": ["ACME-[0-9]{4}", "step|exception"] }')
      const env = { MY_TOKEN: 'correct-horse-battery', STEPWELL_ERROR_RULES: file }
      const { stderr } = await run('with secrets', env, collector.url)
      expect(stderr).toBe('')
      const text = JSON.stringify([collector.spans, collector.logs], (_, value) =>
        typeof value === 'bigint' ? String(value) : value,
      )
      expect(text.match(/hunter2|aHVudGVy|and more|abcdef"|correct-horse|ACME-1/g)).toBeNull()
      expect(collector.logs).toHaveLength(1)
      const [step] = collector.spans
      expect(attributesOf(step!)).toMatchObject({
        'stepwell.kind': { stringValue: 'step' },
        'error.type': { stringValue: 'exception' },
        header: { stringValue: 'Authorization: Bearer [REDACTED]' },
        'db.password': { stringValue: '[REDACTED]' },
        'gen_ai.token.type': { stringValue: 'input' },
      })
      const [called, exception] = step!.events
      expect(called!.attributes[0]!.value).toEqual({ stringValue: 'https://u:[REDACTED]@host/x' })
      expect(attributeText(exception!.attributes, 'exception.message')).toBe('refused: [REDACTED]')
    })

    test('options that are none are left out', async () => {
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
      const { code } = await run('with odd options', env)
      expect(code).toBe(0)
      expect(collector.spans.map(({ name, service }) => [name, service])).toEqual([
        ['work', 'agent-steps'],
      ])
    })

    test("the program's own OpenTelemetry SDK stays, and gets the spans", async () => {
      const { stdout } = await run('with its own SDK', {}, collector.url)
      expect(stdout).toBe('rex/plan\nflushed\n')
      expect(collector.requests).toEqual([])
    })

    test('OTEL_SDK_DISABLED sends nothing', async () => {
      const { code, stderr } = await run('quietly', { OTEL_SDK_DISABLED: 'true' }, collector.url)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(collector.requests).toEqual([])
    })

    test('no spans, or no announcements, where a signal has no exporter', async () => {
      await run('quietly', { OTEL_TRACES_EXPORTER: 'none' }, collector.url)
      expect([collector.spans.length, collector.logs.length]).toEqual([0, 1])
      await run('quietly', { OTEL_LOGS_EXPORTER: 'none' }, collector.url)
      expect([collector.spans.length, collector.logs.length]).toEqual([3, 1])
      const { stderr } = await run('quietly', { OTEL_TRACES_EXPORTER: 'zipkin' }, collector.url)
      expect(collector.spans.length).toBe(6)
      expect(stderr).toBe(
        'stepwell: OTEL_TRACES_EXPORTER=zipkin is ignored: otlp and none are known, and otlp is used\n',
      )
    })
  })
