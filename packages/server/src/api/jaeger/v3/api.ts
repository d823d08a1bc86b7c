// Jaeger's v3 API: OTLP's own shapes over HTTP, what newer Jaeger pages and Grafana ask.

import type { StoredTrace } from '../../../store/types.ts'
import type { Engine } from '../../engine.ts'
import type { Answer, Api } from '../../http/router.ts'
import { kindName, operationName } from '../model.ts'
import { readTraceId } from '../parameters.ts'
import { JaegerV3Error, json, refuseJaegerV3 } from './answers.ts'
import { encodeTraces } from './encode.ts'
import { first, readSearch } from './parameters.ts'
import { summaryOf } from './summary.ts'

export function jaegerV3Api({ store }: Engine): Api {
  const get = (path: string, answer: Answer) => ({ methods: ['GET'] as const, path, answer })
  return {
    wrongMethod: 404,
    refuse: refuseJaegerV3,
    routes: [
      get('/api/v3/services', async () =>
        json(JSON.stringify({ services: (await store.services()).toSorted() })),
      ),
      get('/api/v3/operations', async ({ parameters }) => {
        const wanted = first(parameters, 'spanKind', 'span_kind')
        const operations = (await store.operations(first(parameters, 'service') ?? ''))
          .filter(({ kind }) => wanted === undefined || kindName(kind) === wanted)
          .map(({ name, kind }) => ({
            name: operationName(name),
            spanKind: kindName(kind) || UNSPECIFIED,
          }))
        return json(JSON.stringify({ operations }))
      }),
      get('/api/v3/traces/{id}', async ({ path }) => {
        const id = path.id!.length > 32 ? undefined : readTraceId(path.id!)
        const trace = id === undefined ? undefined : await store.trace(id)
        return json(encodeTraces(someOf(trace ? [trace] : [])))
      }),
      get('/api/v3/traces', async ({ parameters }) =>
        json(encodeTraces(someOf(await store.findTraces(readSearch(parameters))))),
      ),
      get('/api/v3/trace-summaries', async ({ parameters }) => {
        const traces = someOf(await store.findTraces(readSearch(parameters)))
        return json(JSON.stringify({ summaries: traces.map(summaryOf) }))
      }),
    ],
  }
}

// OpenTelemetry's default.
const UNSPECIFIED = 'internal'

/** Nothing found is an error here. */
function someOf(traces: readonly StoredTrace[]): readonly StoredTrace[] {
  if (traces.length === 0) throw new JaegerV3Error(404, 'No traces found')
  return traces
}
