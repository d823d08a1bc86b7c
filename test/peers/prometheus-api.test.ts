// The Prometheus HTTP API, request by request, right and wrong ones: the engine answers as the real Prometheus that was
// fed the same metrics.

import { expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startEngine, temporaryFolder } from '../support/engine.ts'
import { freePort, startPeer, testWith } from '../support/peers.ts'
import { type Answer, ask } from './prometheus-api/answers.ts'
import { requests, timesBefore } from './prometheus-api/feed.ts'
import { type Request, requestsFor } from './prometheus-api/requests.ts'

testWith(['prometheus'], 'the engine answers requests as Prometheus does', async (path) => {
  const times = timesBefore(Date.now() / 1000)
  const [engine, prometheus] = await Promise.all([startEngine(), startPrometheus(path)])
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

async function startPrometheus(path: string): Promise<string> {
  const folder = temporaryFolder('prometheus')
  const config = join(folder, 'prometheus.json')
  writeFileSync(config, '{}')
  const address = `127.0.0.1:${freePort()}`
  await startPeer(
    [
      path,
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--web.enable-otlp-receiver',
      `--enable-feature=${FEATURES.join(',')}`,
    ],
    `http://${address}/-/ready`,
  )
  return `http://${address}`
}

/** What the engine always does. */
const FEATURES = [
  'promql-experimental-functions',
  'promql-delayed-name-removal',
  'promql-binop-fill-modifiers',
  'promql-per-step-stats',
  'exemplar-storage',
]
