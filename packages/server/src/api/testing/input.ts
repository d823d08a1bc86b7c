// Small OTLP/JSON requests: for tests.

export const TRACE = '0af7651916cd43dd8448eb211c80319c'
export const START = 1_795_170_000_000_000_123n

interface SpanSketch {
  readonly id?: string
  readonly trace?: string
  readonly parent?: string
  readonly name?: string
  /** Attributes with text values. */
  readonly attributes?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

const texts = (attributes: Readonly<Record<string, string>>) =>
  Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }))

/** A request of one resource; fields of a sketch that OTLP knows go out as they are. */
export function tracesRequest(
  spans: readonly SpanSketch[],
  resource: Readonly<Record<string, string>> = { 'service.name': 'shop' },
): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: texts(resource) },
        scopeSpans: [
          {
            scope: { name: 'test' },
            spans: spans.map(({ id, trace, parent, attributes = {}, ...rest }, i) => ({
              traceId: trace ?? TRACE,
              spanId: id ?? (i + 1).toString(16).padStart(16, '0'),
              parentSpanId: parent ?? '',
              name: 'a span',
              kind: 1,
              startTimeUnixNano: String(START),
              endTimeUnixNano: String(START + 2_000_000_000n),
              attributes: texts(attributes),
              ...rest,
            })),
          },
        ],
      },
    ],
  })
}

interface LogSketch {
  readonly time: bigint
  readonly line: string
  readonly attributes?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

export function logsRequest(
  logs: readonly LogSketch[],
  resource: Readonly<Record<string, string>> = { 'service.name': 'shop' },
): string {
  return JSON.stringify({
    resourceLogs: [
      {
        resource: { attributes: texts(resource) },
        scopeLogs: [
          {
            logRecords: logs.map(({ time, line, attributes = {}, ...rest }) => ({
              timeUnixNano: String(time),
              body: { stringValue: line },
              attributes: texts(attributes),
              ...rest,
            })),
          },
        ],
      },
    ],
  })
}
