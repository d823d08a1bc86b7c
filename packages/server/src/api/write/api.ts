// What the ports of the Prometheus API take in: remote write, and OTLP where Prometheus' own receiver has it.

import { answered, type Endpoint } from '../../ingest/endpoint.ts'
import { otlpEndpoint } from '../../ingest/http-otlp.ts'
import { WRITE_PATH, writeEndpoint } from '../../ingest/http-write.ts'
import type { Engine } from '../engine.ts'
import type { Api, Route } from '../http/router.ts'

export function writeApi({ intake }: Pick<Engine, 'intake'>): Api {
  const warn = (message: string) => console.error(`stepwell: ${message}`)
  const route = (path: string, endpoint: Endpoint): Route => ({
    methods: ['POST'],
    path,
    answer: ({ request }) =>
      answered(endpoint, request, intake, warn, () => endpoint.take(request)),
  })
  const otlp = (['metrics', 'traces', 'logs'] as const).map((signal) =>
    route(`/api/v1/otlp/v1/${signal}`, otlpEndpoint(signal, intake, { warn })),
  )
  return { routes: [route(WRITE_PATH, writeEndpoint(intake, { warn })), ...otlp] }
}
