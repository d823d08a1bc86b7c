// The client of Prometheus' own query editor (`@prometheus-io/codemirror-promql`), as Grafana and others complete with it.

import { afterAll, expect, test } from 'bun:test'
import { HTTPPrometheusClient } from '@prometheus-io/codemirror-promql/dist/esm/client/prometheus.js'
import { requests, timesBefore } from '../peers/prometheus-api/feed.ts'
import { cleanUp, startEngine } from '../support/engine.ts'

afterAll(cleanUp)

test.each(['GET', 'POST'] as const)(
  'the editor completes from the engine, by %s',
  async (httpMethod) => {
    const engine = await startEngine()
    for (const body of requests(timesBefore(Date.now() / 1000))) {
      const headers = { 'content-type': 'application/json' }
      const sent = await fetch(`${engine.urls.otlpHttp}/v1/metrics`, {
        method: 'POST',
        headers,
        body,
      })
      expect(sent.status).toBe(200)
    }
    const errors: unknown[] = []
    const client = new HTTPPrometheusClient({
      url: engine.urls.prometheus,
      httpMethod,
      httpErrorHandler: (error) => errors.push(error),
    })
    expect(await client.metricNames()).toEqual(
      expect.arrayContaining(['queue_length', 'requests_total']),
    )
    expect(await client.labelNames()).toEqual(
      expect.arrayContaining(['code', 'http_route', 'queue']),
    )
    const names = ['__name__', 'instance', 'job', 'queue']
    expect((await client.labelNames('queue_length')).sort()).toEqual(names)
    expect((await client.labelValues('code')).sort()).toEqual(['200', '404', '500'])
    expect((await client.labelValues('queue', 'queue_length')).sort()).toEqual(['a', 'b', 'ü <&>'])
    expect((await client.metricMetadata()).requests_total).toEqual([
      expect.objectContaining({ type: 'counter' }),
    ])
    expect(await client.series('queue_length', [], 'queue')).toHaveLength(4)
    expect(await client.flags()).toMatchObject({
      'query.max-concurrency': '20',
      'query.timeout': '2m',
    })
    expect(errors).toEqual([])
  },
)
