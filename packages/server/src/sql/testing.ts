// For tests: a store with a little of everything in it.

import { keyValues } from '@stepwell/otlp'
import { TestData } from '../store/testing.ts'
import type { Store } from '../store/types.ts'

/** 2026-01-01T00:00:00Z, when all of it happens. */
export const T0 = 1_767_225_600_000_000_000n

const second = 1_000_000_000n
const resource = (name: string) => ({ attributes: keyValues({ 'service.name': name }) })

const TRACES = {
  resourceSpans: [
    {
      resource: resource('shop'),
      scopeSpans: [
        {
          scope: { name: 'http', version: '1' },
          spans: [
            {
              traceId: '0000000000000000000000000000000a',
              spanId: '0000000000000001',
              name: 'GET /x',
              kind: 2,
              startTimeUnixNano: T0,
              endTimeUnixNano: T0 + second / 2n,
              attributes: keyValues({ 'http.route': '/x', 'http.response.status_code': 200 }),
              status: { code: 2, message: 'broken' },
              events: [{ timeUnixNano: T0 + 1000n, name: 'late', attributes: keyValues({ n: 1 }) }],
              links: [{ traceId: 'f'.repeat(32), spanId: 'f'.repeat(16) }],
              traceState: 'a=b',
            },
            {
              traceId: '0000000000000000000000000000000a',
              spanId: '0000000000000002',
              parentSpanId: '0000000000000001',
              name: 'SELECT',
              kind: 3,
              startTimeUnixNano: T0 + 60n * second,
              endTimeUnixNano: T0 + 61n * second,
            },
          ],
        },
      ],
    },
    {
      resource: resource('agent-steps'),
      scopeSpans: [
        {
          spans: [
            {
              traceId: '0000000000000000000000000000000b',
              spanId: '0000000000000003',
              name: 'step lint',
              startTimeUnixNano: T0,
              endTimeUnixNano: T0 + 3n * second,
              attributes: keyValues({
                'stepwell.kind': 'step',
                agent: 'coder',
                'step.name': 'lint',
                outcome: 'failure',
                'error.type': 'timeout',
                'exit.code': 124,
                'pr.number': 7,
                'agent.step.cpu.time': 1.5,
              }),
            },
            {
              traceId: '0000000000000000000000000000000b',
              spanId: '0000000000000004',
              name: 'workflow nightly',
              startTimeUnixNano: T0,
              endTimeUnixNano: T0 + 5n * second,
              attributes: keyValues({
                'stepwell.kind': 'workflow',
                'workflow.name': 'nightly',
                outcome: 'failure',
                'cicd.pipeline.result': 'failure',
              }),
            },
          ],
        },
      ],
    },
  ],
}

const LOGS = {
  resourceLogs: [
    {
      resource: resource('shop'),
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: T0,
              severityNumber: 17,
              severityText: 'ERROR',
              body: { stringValue: 'no such route' },
              traceId: '0000000000000000000000000000000a',
              spanId: '0000000000000001',
              attributes: keyValues({ route: '/x' }),
            },
            { timeUnixNano: T0 + second, eventName: 'cart.filled' },
          ],
        },
      ],
    },
  ],
}

const METRICS = {
  resourceMetrics: [
    {
      resource: resource('shop'),
      scopeMetrics: [
        {
          metrics: [
            {
              name: 'queue.length',
              gauge: {
                dataPoints: [
                  { timeUnixNano: T0, asDouble: 2.5, attributes: keyValues({ queue: 'a' }) },
                ],
              },
            },
            {
              name: 'size',
              unit: 'By',
              exponentialHistogram: {
                aggregationTemporality: 2,
                dataPoints: [
                  {
                    timeUnixNano: T0,
                    count: 4n,
                    sum: 9.5,
                    scale: 1,
                    zeroCount: 1n,
                    positive: { offset: -1, bucketCounts: [2n, 0n, 1n] },
                  },
                ],
              },
            },
          ],
        },
      ],
    },
  ],
}

/** Four spans (a step and a workflow among them), two log records, a gauge and a native histogram. */
export async function filledStore(): Promise<{ data: TestData; store: Store }> {
  const data = new TestData()
  await data.accept('traces', TRACES)
  await data.accept('logs', LOGS)
  await data.accept('metrics', METRICS)
  data.now += 10_000
  return { data, store: (await data.openStore()).store }
}
