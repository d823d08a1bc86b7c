// The Prometheus HTTP API, request by request, right and wrong ones: the engine answers as the real Prometheus that was
// fed the same metrics.

import { expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { startEngine } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { startPlainPrometheus } from './prometheus.ts'
import { type Answer, ask } from './prometheus-api/answers.ts'
import { requests, timesBefore } from './prometheus-api/feed.ts'
import { type Request, requestsFor } from './prometheus-api/requests.ts'

testWith(['prometheus'], 'the engine answers requests as Prometheus does', async (path) => {
  const times = timesBefore(Date.now() / 1000)
  const [engine, prometheus] = await Promise.all([startEngine(), startPlainPrometheus(path, FLAGS)])
  for (const body of requests(times)) {
    await send(`${engine.urls.otlpHttp}/v1/metrics`, body)
    await send(`${prometheus}/api/v1/otlp/v1/metrics`, body)
  }
  const differences: { request: Request; theirs: Answer; ours: Answer }[] = []
  for (const request of requestsFor(times)) {
    const [theirs, ours] = await Promise.all([
      ask(prometheus, request),
      ask(engine.urls.prometheus, request),
    ])
    if (!Bun.deepEquals(theirs, ours)) differences.push({ request, theirs, ours })
  }
  if (process.env.DIFFERENCES) {
    writeFileSync(process.env.DIFFERENCES, JSON.stringify(differences, null, 1))
  }
  expect(differences.slice(0, 5)).toEqual([])
})

async function send(url: string, body: string): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
}

/** What the engine always does. */
const FEATURES = [
  'promql-experimental-functions',
  'promql-delayed-name-removal',
  'promql-binop-fill-modifiers',
  'promql-per-step-stats',
  'exemplar-storage',
]

const FLAGS = ['--web.enable-otlp-receiver', `--enable-feature=${FEATURES.join(',')}`]
