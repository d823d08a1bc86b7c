// The request that is measured: spans of model calls as agents send them, about 300 bytes each.
import type { KeyValue, Span, Sparse, TracesRequest } from '../../packages/otlp/src/types.ts'

export const SPANS = 500

export function sample(): Sparse<TracesRequest> {
  return {
    resourceSpans: [
      {
        resource: { attributes: [text('service.name', 'agent-steps')] },
        scopeSpans: [
          {
            scope: { name: 'stepwell', version: '0.1.0' },
            spans: Array.from({ length: SPANS }, span),
          },
        ],
      },
    ],
  }
}

const text = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } })

function span(_: unknown, index: number): Sparse<Span> {
  const start = 1_795_168_801_260_780_453n + BigInt(index) * 1_000_003n
  return {
    traceId: (0x1000 + (index >> 4)).toString(16).padStart(32, '5b8e'),
    spanId: index.toString(16).padStart(16, 'c0ffee00'),
    parentSpanId: 'eee19b7ec3c1b174',
    name: `chat model-${index % 7}`,
    kind: 3,
    startTimeUnixNano: start,
    endTimeUnixNano: start + 730_000_000n,
    attributes: [
      text('gen_ai.operation.name', 'chat'),
      text('gen_ai.request.model', `model-${index % 7}`),
      { key: 'gen_ai.usage.input_tokens', value: { intValue: BigInt(62_409 + index) } },
      { key: 'gen_ai.usage.output_tokens', value: { intValue: BigInt(index) } },
      { key: 'gen_ai.request.temperature', value: { doubleValue: 0.7 } },
      text('session.id', `5f2c-${index}`),
    ],
    status: { code: 1 },
    flags: 257,
  }
}
