// What the engine's page says of itself, its PromQL knows, too: a rule on it needs no scraper.

import { expect, test } from 'bun:test'
import { json, number } from '../support/ask.ts'
import { startEngine } from '../support/engine.ts'
import { parseExposition } from '../support/exposition.ts'
import { waitFor } from '../support/wait.ts'

test("the engine's own metrics are series, from their zero on", async () => {
  const { urls } = await startEngine()
  const headers = { 'content-type': 'application/json' }
  const refused = await fetch(`${urls.otlpHttp}/v1/traces`, { method: 'POST', headers, body: '{' })
  expect(refused.status).toBe(400)

  const malformed = 'stepwell_rejected_requests_total{reason="malformed",transport="http"}'
  const most = () => number(urls, `max_over_time(${malformed}[5m])`)
  await waitFor('a sample', async () => (await most()) === 1)
  expect(await number(urls, `min_over_time(${malformed}[5m])`)).toBe(0)

  const page = await (await fetch(`${urls.metrics}/metrics`)).text()
  const shown = parseExposition(page).filter(({ name }) => /^(stepwell|process)_/.test(name))
  const asked = new URLSearchParams({ 'match[]': '{job="stepwell"}' })
  const series = await json<{ data: Record<string, string>[] }>(
    `${urls.prometheus}/api/v1/series?${asked}`,
  )
  const text = (name: string, labels: Record<string, string>) =>
    `${name} ${JSON.stringify(Object.entries(labels).sort())}`
  expect(series.data.map(({ __name__: name, ...labels }) => text(name!, labels)).sort()).toEqual(
    shown
      // Derived, and there from the first conflict on.
      .filter(({ name }) => name !== 'stepwell_conflicting_spans_total')
      .map(({ name, labels }) => text(name, { job: 'stepwell', ...labels }))
      .sort(),
  )

  const metadata = await json<{ data: Record<string, unknown> }>(
    `${urls.prometheus}/api/v1/metadata?metric=stepwell_index_backlog_bytes`,
  )
  expect(metadata.data).toEqual({
    stepwell_index_backlog_bytes: [
      {
        type: 'gauge',
        help: 'Bytes of requests that were accepted and are not in the index yet',
        unit: 'bytes',
      },
    ],
  })
  const labels = await json<{ data: string[] }>(
    `${urls.prometheus}/api/v1/label/job/values?${asked}`,
  )
  expect(labels.data).toEqual(['stepwell'])
})
