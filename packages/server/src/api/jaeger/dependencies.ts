// Which service calls which: /api/dependencies.

import { serviceNameOf } from '../../store/dictionary.ts'
import type { StoredTrace } from '../../store/types.ts'
import type { Engine } from '../engine.ts'
import type { Asked, Route } from '../http/router.ts'
import { jaegerAnswer } from './answers.ts'
import { readMilliseconds } from './parameters.ts'

const LOOKBACK_MILLISECONDS = 86_400_000n
/** Calls are counted in the newest traces of the window, as many as can be read while somebody waits. */
const TRACES = 1000

export const dependencyRoutes = (engine: Engine): Route[] => [
  { methods: ['GET'], path: '/api/dependencies', answer: (asked) => dependencies(engine, asked) },
]

interface Dependency {
  readonly parent: string
  readonly child: string
  callCount: number
}

async function dependencies({ store, now }: Engine, asked: Asked): Promise<Response> {
  const { parameters } = asked
  const end = readMilliseconds(parameters, 'endTs') ?? BigInt(now())
  const start = end - (readMilliseconds(parameters, 'lookback') ?? LOOKBACK_MILLISECONDS)
  const traces = await store.findTraces({
    start: start * 1_000_000n,
    end: end * 1_000_000n,
    limit: TRACES,
  })
  const service = parameters.get('service')
  const data = countCalls(traces).filter(
    ({ parent, child }) => !service || parent === service || child === service,
  )
  return jaegerAnswer(asked, { data })
}

/** Calls between spans, of one service too. */
function countCalls(traces: readonly StoredTrace[]): Dependency[] {
  const calls = new Map<string, Dependency>()
  for (const { spans } of traces) {
    const services = new Map(
      spans.map(({ span, resource }) => [span.spanId, serviceNameOf(resource)]),
    )
    for (const { span } of spans) {
      const parent = services.get(span.parentSpanId)
      if (parent === undefined) continue
      const child = services.get(span.spanId)!
      const key = JSON.stringify([parent, child])
      const call = calls.get(key) ?? { parent, child, callCount: 0 }
      call.callCount++
      calls.set(key, call)
    }
  }
  return [...calls.values()]
}
