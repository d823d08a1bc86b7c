import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { emptyTelemetry, withSpans } from '../model/merge.ts'
import { buildRun } from '../model/run.ts'
import { summarize } from '../model/summary.ts'
import { microseconds, textOf } from '../model/telemetry.ts'
import { type JaegerTrace, spansOf } from './jaeger.ts'

const trace: JaegerTrace = {
  traceID: 't',
  spans: [
    {
      traceID: 't',
      spanID: 'a',
      operationName: 'codex/plan',
      references: [
        { refType: 'FOLLOWS_FROM', traceID: 'other', spanID: 'x' },
        { refType: 'CHILD_OF', traceID: 't', spanID: 'w' },
      ],
      startTime: 1_795_168_800_000_001,
      duration: 5,
      tags: [
        { key: 'stepwell.kind', type: 'string', value: 'step' },
        { key: 'otel.status_code', type: 'string', value: 'ERROR' },
        { key: 'error', type: 'bool', value: true },
        { key: 'otel.status_description', type: 'string', value: 'exit code: 1' },
      ],
      logs: [
        {
          timestamp: 1_795_168_800_000_003,
          fields: [
            { key: 'event', type: 'string', value: 'exception' },
            { key: 'exception.message', type: 'string', value: 'boom' },
          ],
        },
      ],
      processID: 'p1',
    },
    {
      traceID: 't',
      spanID: 'b',
      operationName: 'chat',
      startTime: 1,
      duration: 0,
      tags: [{ key: 'stepwell.kind', value: 'no kind of ours' }],
      processID: 'absent',
    },
  ],
  processes: { p1: { serviceName: 'agent-steps', tags: [{ key: 'host.name', value: 'h' }] } },
}

describe("Jaeger's spans", () => {
  const [a, b] = spansOf(trace)

  test('in our own terms', () => {
    expect(a).toMatchObject({
      parentSpanId: 'w',
      kind: 'step',
      failed: true,
      statusMessage: 'exit code: 1',
      service: 'agent-steps',
      start: microseconds(1_795_168_800_000_001),
      links: [{ traceId: 'other', spanId: 'x' }],
    })
    expect(a!.events).toEqual([
      {
        time: microseconds(1_795_168_800_000_003),
        name: 'exception',
        attributes: [{ key: 'exception.message', type: 'string', value: 'boom' }] as never,
      },
    ])
    expect(textOf(a!.resource, 'host.name')).toBe('h')
  })

  test('that lack what is optional', () => {
    expect(b).toMatchObject({
      parentSpanId: undefined,
      kind: undefined,
      failed: false,
      service: '',
    })
  })
})

const golden = join(import.meta.dir, '../../../../../shared/golden/jaeger/trace.json')

interface Golden {
  readonly cases: readonly {
    readonly name: string
    readonly response: { readonly json?: { readonly data?: JaegerTrace[] } }
  }[]
}

describe.skipIf(!existsSync(golden))('answers of a real Jaeger (../shared/golden)', () => {
  const runOf = (name: string) => {
    const { cases } = JSON.parse(readFileSync(golden, 'utf8')) as Golden
    const spans = cases.find((one) => one.name === name)!.response.json!.data!.flatMap(spansOf)
    return { spans, run: buildRun(withSpans(emptyTelemetry('t'), spans), microseconds(2e15)) }
  }

  test('a workflow is a tree of everything, under the workflow', () => {
    const { spans, run } = runOf('a workflow')
    expect(run.nodes).toHaveLength(spans.length)
    expect(run.nodes[0]!.kind).toBe('workflow')
    expect(run.below[0]).toBe(spans.length - 1)
    expect(summarize(run)).toMatchObject({
      title: 'feature-pipeline',
      state: 'success',
      reported: true,
    })
  })

  test('a failed workflow says which step it was', () => {
    const { run } = runOf('a failed workflow')
    const summary = summarize(run)!
    expect(summary.state).toBe('failure')
    expect(summary.failure).toMatchObject({ state: 'failure', errorType: expect.any(String) })
  })

  test.each([
    'two roots',
    'parent absent',
    'clock skew',
    'zero and sub-microsecond durations',
    'all value kinds',
    'no service name',
    'links',
    'events',
  ])('%s: nothing is dropped', (name) => {
    const { spans, run } = runOf(name)
    expect(run.nodes.filter(({ reported }) => reported)).toHaveLength(
      new Set(spans.map(({ spanId }) => spanId)).size,
    )
  })
})
