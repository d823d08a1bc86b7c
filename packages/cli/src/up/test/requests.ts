// Small OTLP requests, each with one span that can be told from all others.

import { encodeJson, encodeProtobuf, type Sparse, type TracesRequest } from '@stepwell/otlp'

/** `id`: 1 to 2^48; it becomes the span id and, with the same digits, the trace id. */
export function oneSpan(id: number): Sparse<TracesRequest> {
  const digits = id.toString(16).padStart(16, '0')
  const now = BigInt(Date.now()) * 1_000_000n
  return {
    resourceSpans: [
      {
        resource: {
          attributes: [{ key: 'service.name', value: { stringValue: 'up-test' } }],
        },
        scopeSpans: [
          {
            spans: [
              {
                traceId: digits + digits,
                spanId: digits,
                name: `span ${id}`,
                startTimeUnixNano: now - 1_000_000n,
                endTimeUnixNano: now,
              },
            ],
          },
        ],
      },
    ],
  }
}

export const traceIdOf = (id: number): string => id.toString(16).padStart(16, '0').repeat(2)
export const protobufOf = (id: number): Uint8Array => encodeProtobuf('traces', oneSpan(id))
export const jsonOf = (id: number): string => encodeJson('traces', oneSpan(id))

/** Posts one span; resolves with the status. Rejects when the connection breaks. */
export async function post(otlpHttp: string, id: number, encoding: 'protobuf' | 'json') {
  const answer = await fetch(`${otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: {
      'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
    },
    body: encoding === 'json' ? jsonOf(id) : Buffer.from(protobufOf(id)),
  })
  await answer.arrayBuffer()
  return answer.status
}
