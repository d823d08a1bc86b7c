// An OpenTelemetry SDK that keeps spans in memory, registered as a program would register its own.

import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace'

export interface Recording {
  /** Spans that have ended, oldest first. */
  spans(): readonly ReadableSpan[]
  /** The one span of that name. */
  span(name: string): ReadableSpan
  stop(): void
}

export function startRecording(): Recording {
  const exporter = new InMemorySpanExporter()
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
  )
  context.setGlobalContextManager(new AsyncLocalStorageContextManager())
  const spans = () => exporter.getFinishedSpans()
  return {
    spans,
    span(name) {
      const found = spans().filter((span) => span.name === name)
      if (found.length !== 1) throw new Error(`${found.length} spans are named ${name}`)
      return found[0]!
    },
    stop() {
      trace.disable()
      context.disable()
    },
  }
}
