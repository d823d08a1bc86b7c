// The real Collector, with this project's config, judged by the fixtures of derivation and held against the engine:
// the same spans give the same series.

import { afterAll, expect } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  ATTRIBUTE,
  DERIVED_METRICS,
  RESOURCE,
  SERVICE_NAME,
  SPAN_KINDS,
  TWIN,
} from '@stepwell/model'
import { type FixtureSpan, type FixtureValue, parseFixture } from '@stepwell/model/fixture'
import {
  decodeProtobuf,
  encodeProtobuf,
  keyValues,
  type RequestOf,
  type Span,
  type Sparse,
} from '@stepwell/otlp'
import {
  FixtureEngine,
  judge,
  labelText,
  tracesRequest,
} from '../../packages/server/src/derive/testing.ts'
import type { MetricFamily } from '../../packages/server/src/derive/types.ts'
import { generator } from '../../packages/server/src/store/testing.ts'
import { root } from '../support/engine.ts'
import type { ExposedSample } from '../support/exposition.ts'
import { testWith } from '../support/peers.ts'
import { Collector } from './collector.ts'
import { ScrapedHistory } from './history.ts'

const FOLDER = join(root, 'packages/model/fixtures')

/** Fixtures after which the two differ, as they must. What of them is alike is marked C all the same. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'conflicting-copy.txt': 'the Collector counts every copy of a span',
  'resent-span.txt': 'the Collector counts every copy of a span',
  'retention.txt': 'the Collector counts every copy of a span',
  'tasks.txt': 'the Collector counts every copy of a span',
}

const engines: FixtureEngine[] = []
afterAll(async () => {
  for (const { data } of engines) await data.remove()
})

let started: Promise<Collector> | undefined
const start = (path: string) => {
  started ??= Collector.start(path)
  return started
}

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))) {
  testWith(['otelcol'], `the Collector and the engine derive alike: ${file}`, async (path) => {
    const collector = await start(path)
    const engine = await FixtureEngine.start()
    engines.push(engine)
    const history = new ScrapedHistory()
    let page: readonly ExposedSample[] = []
    for (const event of parseFixture(readFileSync(join(FOLDER, file), 'utf8'), file)) {
      await engine.perform(event)
      const spans = event.type === 'arrive' ? event.sent.filter((one) => one.type === 'span') : []
      if (spans.length > 0) {
        await collector.send(tracesRequest(spans.map((span) => ofFixture(file, span))))
        page = samplesOf(file, await collector.samples())
        history.change(event.at, page)
      }
      if (event.type === 'samples' && event.scope === 'C') {
        throw new Error(`${file}:${event.line}: what is stored, and when, is the engine's alone`)
      }
      if (event.type !== 'expect' || event.scope !== 'C') continue
      const place = `${file}:${event.line}`
      const { given, expected } = await judge(history.source(event.at), event)
      expect([place, ...given]).toEqual([place, ...expected])
    }
    const [derived, exposed] = [derivedLines(engine.derived.families()), page.map(lineOf).sort()]
    if (DIFFERENT[file]) expect(exposed, DIFFERENT[file]).not.toEqual(derived)
    else expect(exposed).toEqual(derived)
  })
}

/** One Collector serves all fixtures: each has services of its own. */
const ofFixture = (file: string, span: FixtureSpan): FixtureSpan => ({
  ...span,
  resource: span.resource.map(({ key, value }) =>
    key === 'service.name' && 'stringValue' in value && value.stringValue
      ? { key, value: { stringValue: `${file}:${value.stringValue}` } }
      : { key, value },
  ),
})

const samplesOf = (file: string, samples: readonly ExposedSample[]): ExposedSample[] =>
  samples
    // The fixture of what names no service is the one without a job.
    .filter(({ labels: { job } }) => job?.includes(`${file}:`) ?? file === 'no-service.txt')
    .map(({ labels: { le, ...labels }, ...sample }) => ({
      ...sample,
      labels: {
        ...labels,
        ...(labels.job && { job: labels.job.replace(`${file}:`, '') }),
        // As Prometheus has it by OTLP: `1048576`, and not `1.048576e+06`.
        ...(le && { le: boundText(Number(le.replace('Inf', 'Infinity'))) }),
      },
    }))

const boundText = (le: number) => (le === Number.POSITIVE_INFINITY ? '+Inf' : String(le))

const lineOf = ({ name, labels, value }: Omit<ExposedSample, 'exemplar'>) =>
  `${name} ${labelText(labels)} ${value}`

const DERIVED = new Set(DERIVED_METRICS.map(({ prometheusName }) => prometheusName))

function derivedLines(families: readonly MetricFamily[]): string[] {
  const lines: string[] = []
  for (const family of families) {
    const { name } = family
    if (!DERIVED.has(name)) continue
    if (family.type !== 'histogram') {
      for (const { labels, value } of family.metrics) lines.push(lineOf({ name, labels, value }))
      continue
    }
    for (const { labels, buckets, sum, count } of family.metrics) {
      for (const { le, count: value } of buckets) {
        const bound = { ...labels, le: boundText(le) }
        lines.push(lineOf({ name: `${name}_bucket`, labels: bound, value }))
      }
      lines.push(
        lineOf({ name: `${name}_sum`, labels, value: sum }),
        lineOf({ name: `${name}_count`, labels, value: count }),
      )
    }
  }
  return lines.sort()
}

testWith(
  ['otelcol'],
  'the Collector counts a span once, whatever its trace was sampled by',
  async (path) => {
    const collector = await start(path)
    await collector.send(stepOf('sampled', { traceState: 'ot=th:8' }))
    const samples = await collector.samples()
    expect(samples.filter(isOf('sampled')).map(({ name, value }) => [name, value])).toEqual([
      ['agent_step_success_total', 1],
    ])
  },
)

testWith(['otelcol'], 'the Collector counts every span of many writers', async (path) => {
  const collector = await start(path)
  const [writers, requests] = [32, 12]
  await Promise.all(
    Array.from({ length: writers }, async () => {
      for (let n = 0; n < requests; n++) await collector.send(stepOf('crowd'))
    }),
  )
  const ofCrowd = (await collector.samples()).filter(({ labels }) => labels.agent === 'crowd')
  const counts = ofCrowd.filter(({ name }) => /_(count|total)$/.test(name))
  expect(counts.map(({ name, value }) => [name, value]).sort()).toEqual([
    ['agent_step_cpu_seconds_count', writers * requests],
    ['agent_step_duration_seconds_count', writers * requests],
    ['agent_step_success_total', writers * requests],
  ])
})

testWith(
  ['otelcol'],
  'what is no UTF-8 the engine refuses, and the Collector makes readable',
  async (path) => {
    const collector = await start(path)
    const body = Buffer.from(encodeProtobuf('traces', stepOf('broken-??')))
    body.set([0xff, 0xfe], body.indexOf('??'))
    await collector.sendEncoded(body)
    expect((await collector.samples()).filter(isOf('broken-\uFFFD\uFFFD'))).toMatchObject([
      { value: 1 },
    ])
    expect(() => decodeProtobuf('traces', body)).toThrow('not UTF-8')
  },
)

testWith(
  ['otelcol'],
  'the Collector and the engine derive alike: whatever is sent',
  async (path) => {
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
    console.log(`SEED=${seed}`)
    const random = generator(seed)
    const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!
    const collector = await start(path)
    const engine = await FixtureEngine.start()
    engines.push(engine)
    const name = `random-${seed}`
    for (let request = 0; request < 40; request++) {
      const sent = Array.from(
        { length: 1 + Math.floor(random() * 20) },
        (_, index): FixtureSpan => {
          const kind = one(SPAN_KINDS)
          const begin = request * 1000 + Math.floor(random() * 1000)
          return {
            type: 'span',
            kind,
            traceId: String(request + 1).padStart(32, '0'),
            spanId: String(index + 1).padStart(16, '0'),
            start: begin,
            end: begin + Math.floor(10 ** (random() * 8)) - 50,
            attributes: [
              { key: ATTRIBUTE.kind, value: { stringValue: kind } },
              ...READ.filter(() => random() < 0.6).map((key) => ({ key, value: one(ODD) })),
            ],
            resource: [{ key: RESOURCE.serviceName, value: { stringValue: SERVICE_NAME } }],
          }
        },
      )
      await engine.perform({ type: 'arrive', at: request * 1000, line: 0, sent })
      await collector.send(tracesRequest(sent.map((span) => ofFixture(name, span))))
    }
    const exposed = samplesOf(name, await collector.samples())
    expect(exposed.map(lineOf).sort()).toEqual(derivedLines(engine.derived.families()))
  },
)

const stepOf = (agent: string, more: Sparse<Span> = {}): Sparse<RequestOf['traces']> => ({
  resourceSpans: [
    {
      resource: { attributes: keyValues({ [RESOURCE.serviceName]: 'odd' }) },
      scopeSpans: [
        {
          spans: [
            {
              ...more,
              attributes: keyValues({
                [ATTRIBUTE.kind]: 'step',
                [ATTRIBUTE.agent]: agent,
                [ATTRIBUTE.outcome]: 'success',
                [ATTRIBUTE.cpuTime]: 0.5,
              }),
            },
          ],
        },
      ],
    },
  ],
})

const isOf = (agent: string) => (sample: ExposedSample) =>
  sample.labels.agent === agent && sample.name.endsWith('_total')

const READ = [
  TWIN.taskRunResult,
  ...new Set(
    DERIVED_METRICS.flatMap(({ labels, observes }) => [
      ...Object.values(labels),
      ...(typeof observes === 'object' ? [observes.attribute] : []),
    ]),
  ),
]

const ODD: FixtureValue[] = [
  ...[
    '',
    ' ',
    'a',
    'A',
    'success',
    'failure',
    'skip',
    '42',
    '1.5',
    '-1',
    '1e3',
    '0x10',
    ' 7',
    'ü😀',
  ],
  ...['a'.repeat(300), '→'.repeat(100), '"\\\n\t{}', '1'.repeat(300), '1e999', 'Infinity', 'NaN'],
].map((stringValue): FixtureValue => ({ stringValue }))
ODD.push(
  ...[0n, 42n, -1n, 2n ** 63n - 1n].map((intValue) => ({ intValue })),
  ...[0.5, 42, 1e21, 1e-7, 1e300, Number.NaN, Number.POSITIVE_INFINITY].map((doubleValue) => ({
    doubleValue,
  })),
  { boolValue: true },
  { bytesValue: Uint8Array.of(0, 255, 16) },
  { bytesValue: new Uint8Array() },
  { arrayValue: { values: [] } },
  { arrayValue: { values: [{ stringValue: '<a&b>' }, { intValue: 1n }, { doubleValue: 2 }] } },
)
