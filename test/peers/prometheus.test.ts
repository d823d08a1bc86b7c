// The real Prometheus, which scrapes the engine or has it all from a Collector, must know what the engine's own
// Prometheus API answers.

import { expect } from 'bun:test'
import { ATTRIBUTE, type Nanoseconds, SPAN_KINDS } from '@stepwell/model'
import { encodeProtobuf, keyValues, type RequestOf, type Span, type Sparse } from '@stepwell/otlp'
import { type Engine, startEngine } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { Collector } from './collector.ts'
import { beginnings, exemplars, startPrometheus, values } from './prometheus.ts'

const DERIVED = '{__name__=~"agent_.+",format=""}'
const AS_TEXT = '{__name__=~"agent_.+",format="text"}'
/** The same by way of a Collector. */
const COLLECTED = '{__name__=~"agent_.+",cluster="default",deployment_environment="production"}'
/** The engine's own have no job but the one that is scraped. */
const CONFLICTS = 'sum(stepwell_conflicting_spans_total{format=""})'

testWith(['prometheus'], 'what Prometheus scrapes is what the engine answers', async (path) => {
  const engine = await startEngine()
  const prometheus = await startPrometheus(path, [new URL(engine.urls.metrics).host])
  // Two rounds: counters go on, and each round's exemplars are the newest of their series for a while.
  for (const round of [1, 2]) {
    await send(engine, requestOf(spansOf(round)))
    // Another end of a span that has one.
    const [first] = spansOf(round)
    await send(engine, requestOf([{ ...first, name: 'another' }]))
    const counted = `sum(agent_step_duration_seconds_count{format=""}) == ${round * 6} and ${CONFLICTS} == ${round}`
    for (const url of [prometheus, engine.urls.prometheus]) {
      await waitFor(`${url} to count`, async () => (await values(url, counted)).length === 1)
    }
    const expected = await values(engine.urls.prometheus, DERIVED)
    expect(expected.length).toBeGreaterThan(100)
    expect(await values(prometheus, DERIVED)).toEqual(expected)
    await waitFor('the text to be scraped', async () => {
      return Bun.deepEquals(await values(prometheus, AS_TEXT), expected)
    }).catch(() => {})
    expect(await values(prometheus, AS_TEXT)).toEqual(expected)
  }
  const started = await beginnings(engine.urls.prometheus, DERIVED)
  expect(started.filter((line) => line.endsWith(' 0'))).toEqual(started)
  expect(await beginnings(prometheus, DERIVED)).toEqual(started)

  const left = await exemplars(engine.urls.prometheus, DERIVED)
  expect(left.length).toBeGreaterThan(20)
  expect(await exemplars(prometheus, DERIVED)).toEqual(left)
})

testWith(
  ['otelcol', 'prometheus'],
  'what the Collector sends to Prometheus is what the engine answers',
  async (otelcol, path) => {
    const engine = await startEngine()
    const prometheus = await startPrometheus(path, [])
    const collector = await Collector.start(otelcol, { prometheus, flush: '500ms' })
    const request = requestOf(spansOf(1))
    await send(engine, request)
    await collector.send(request)
    await waitFor('the engine to count', async () => {
      const counted = await values(
        engine.urls.prometheus,
        'sum(agent_step_duration_seconds_count) == 6',
      )
      return counted.length === 1
    })
    const expected = await values(engine.urls.prometheus, DERIVED)
    expect(expected.length).toBeGreaterThan(100)
    await waitFor('Prometheus to have as much', async () => {
      return Bun.deepEquals(await values(prometheus, COLLECTED), expected)
    }).catch(() => {})
    expect(await values(prometheus, COLLECTED)).toEqual(expected)
    // Every series begins with a zero, by the Collector's own clock.
    const started = await beginnings(prometheus, COLLECTED)
    expect(started.filter((line) => line.endsWith(' 0'))).toEqual(started)
    // An exemplar is dated by when the Collector counted.
    const undated = async (url: string, query: string) =>
      (await exemplars(url, query)).map((line) => line.replace(/ \S+$/, '')).sort()
    expect(await undated(prometheus, COLLECTED)).toEqual(
      await undated(engine.urls.prometheus, DERIVED),
    )
  },
)

testWith(['promtool'], 'promtool finds nothing wrong with the page', async (path) => {
  const engine = await startEngine()
  await send(engine, requestOf(spansOf(1)))
  const page = await fetch(`${engine.urls.metrics}/metrics`)
  expect(page.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const text = await page.text()
  expect(text).toContain('agent_step_storage_written_bytes_sum')
  const checked = Bun.spawn([path, 'check', 'metrics'], {
    stdin: new Blob([text]),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const said =
    (await new Response(checked.stdout).text()) + (await new Response(checked.stderr).text())
  expect([await checked.exited, said]).toEqual([0, ''])
})

/** Of every kind and both outcomes; in a series of its own each, so that one round has one exemplar of each bucket. */
function spansOf(round: number): Sparse<Span>[] {
  const now = BigInt(Date.now()) * 1_000_000n
  return SPAN_KINDS.flatMap((kind) =>
    [0.05, 0.3, 7, 100, 700, 20_000].map((seconds, index): Sparse<Span> => {
      const failed = index % 2 === 1
      return {
        traceId: String(round).padStart(32, '0'),
        spanId: `${SPAN_KINDS.indexOf(kind)}${index}`.padStart(16, 'f'),
        name: kind,
        startTimeUnixNano: (now - BigInt(seconds * 1e9)) as Nanoseconds,
        endTimeUnixNano: now as Nanoseconds,
        attributes: keyValues({
          [ATTRIBUTE.kind]: kind,
          [ATTRIBUTE.agent]: ['claude', 'a "quoted" \\ name\nof two\r\0lines # {} 1 😀'][
            index % 2
          ]!,
          [ATTRIBUTE.repo]: `repo-${index}`,
          [ATTRIBUTE.outcome]: failed ? 'failure' : 'success',
          ...(failed && { [ATTRIBUTE.errorType]: 'timeout' }),
          [ATTRIBUTE.stage]: 'quality',
          [ATTRIBUTE.gate]: 'lint',
          [ATTRIBUTE.gateResult]: failed ? 'fail' : 'pass',
          [ATTRIBUTE.taskResult]: 'done',
          [ATTRIBUTE.cpuTime]: seconds / 3,
          [ATTRIBUTE.memoryPeak]: 1_000_000 * 3 ** index,
          [ATTRIBUTE.storageWritten]: index,
        }),
      }
    }),
  )
}

const requestOf = (spans: readonly Sparse<Span>[]): Sparse<RequestOf['traces']> => ({
  resourceSpans: [
    {
      resource: { attributes: keyValues({ 'service.name': 'builder', 'service.namespace': 'ci' }) },
      scopeSpans: [{ spans }],
    },
  ],
})

async function send(engine: Engine, request: Sparse<RequestOf['traces']>): Promise<void> {
  const response = await fetch(`${engine.urls.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: encodeProtobuf('traces', request) as Uint8Array<ArrayBuffer>,
  })
  expect(response.status).toBe(200)
}
