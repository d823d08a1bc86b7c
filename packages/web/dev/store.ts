// What the mock engine was "sent", and who listens to its live feed.

import type { JaegerTrace } from '../src/api/jaeger.ts'
import type { LokiStreams } from '../src/api/loki.ts'

export type Emitted = { readonly spans: JaegerTrace } | { readonly logs: LokiStreams }

export interface LiveEvent {
  readonly id: number
  readonly event: 'spans' | 'logs'
  readonly traceId: string
  readonly data: unknown
}

export function createStore() {
  const traces = new Map<string, JaegerTrace[]>()
  const logs: LokiStreams[] = []
  const listeners = new Set<(event: LiveEvent) => void>()
  let sequence = 0

  const tell = (event: Omit<LiveEvent, 'id'>) => {
    const numbered = { id: ++sequence, ...event }
    for (const listener of listeners) listener(numbered)
  }
  return {
    add(emitted: Emitted): void {
      if ('spans' in emitted) {
        const { spans } = emitted
        const known = traces.get(spans.traceID)
        if (known) known.push(spans)
        else traces.set(spans.traceID, [spans])
        tell({ event: 'spans', traceId: spans.traceID, data: spans })
      } else {
        logs.push(emitted.logs)
        const traceId = metadataOf(emitted.logs).trace_id ?? ''
        tell({ event: 'logs', traceId, data: { streams: [emitted.logs] } })
      }
    },
    listen(listener: (event: LiveEvent) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    services: () => [
      ...new Set(
        [...traces.values()]
          .flat()
          .flatMap((part) => Object.values(part.processes).map((process) => process.serviceName)),
      ),
    ],
    trace: (id: string) => (traces.has(id) ? [whole(traces.get(id)!)] : undefined),
    /** Traces with a span of the service that has all the tags, the newest first. */
    search(service: string, tags: Readonly<Record<string, string>>, limit: number): JaegerTrace[] {
      const found = [...traces.values()].filter((parts) =>
        parts.some(
          (part) =>
            Object.values(part.processes).some((process) => process.serviceName === service) &&
            part.spans.some((span) =>
              Object.entries(tags).every(([key, value]) =>
                span.tags?.some((tag) => tag.key === key && String(tag.value) === value),
              ),
            ),
        ),
      )
      const started = (parts: readonly JaegerTrace[]) =>
        Math.min(...parts.slice(0, 50).map((part) => part.spans[0]!.startTime))
      return found
        .sort((a, b) => started(b) - started(a))
        .slice(0, limit)
        .map(whole)
    },
    /** The newest records whose metadata pass, those of one metadata set in one stream, as Loki groups them. */
    query(
      isWanted: (metadata: Readonly<Record<string, string>>) => boolean,
      start: bigint,
      end: bigint,
      limit: number,
    ): LokiStreams[] {
      const found = logs.filter((stream) => {
        const time = BigInt(stream.values[0]![0])
        return time >= start && time < end && isWanted(metadataOf(stream))
      })
      found.sort((a, b) => (BigInt(a.values[0]![0]) < BigInt(b.values[0]![0]) ? 1 : -1))
      return found.slice(0, limit).map(({ stream, values }) => {
        const [time, text, metadata] = values[0]!
        return { stream, values: [[time, text, { structuredMetadata: metadata }]] }
      })
    },
  }
}

export type Store = ReturnType<typeof createStore>

const metadataOf = (stream: LokiStreams) => stream.values[0]![2] as Readonly<Record<string, string>>

/** The parts of a trace as one, each with its process under a name of its own. */
function whole(parts: readonly JaegerTrace[]): JaegerTrace {
  const names = new Map<string, string>()
  const processes: Record<string, JaegerTrace['processes'][string]> = {}
  const spans = parts.flatMap((part) =>
    part.spans.map((span) => {
      const process = part.processes[span.processID]!
      const name = names.get(process.serviceName) ?? `p${names.size + 1}`
      names.set(process.serviceName, name)
      processes[name] = process
      return { ...span, processID: name }
    }),
  )
  return { traceID: parts[0]!.traceID, spans, processes }
}
