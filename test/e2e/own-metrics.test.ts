// What the engine's page says of itself, its PromQL knows, too: a rule on it needs no scraper.

import { expect, test } from 'bun:test'
import { json, number } from '../support/ask.ts'
import { startEngine, type Urls } from '../support/engine.ts'
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

  // A rule's figures are there once it has been evaluated, and series from the next tick on.
  const same = async () => Bun.deepEquals(await asked(urls), await shown(urls))
  await waitFor('all that is shown to be series', same).catch(() => {})
  expect(await asked(urls)).toEqual(await shown(urls))

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
    `${urls.prometheus}/api/v1/label/job/values?${OURS}`,
  )
  expect(labels.data).toEqual(['stepwell'])
})

const OURS = new URLSearchParams({ 'match[]': '{job="stepwell"}' })

const asText = (name: string, labels: Record<string, string>) =>
  `${name} ${JSON.stringify(Object.entries(labels).sort())}`

/** Of its page. */
async function shown({ metrics }: Urls): Promise<string[]> {
  const page = await (await fetch(`${metrics}/metrics`)).text()
  return (
    parseExposition(page)
      .filter(({ name }) => /^(stepwell|process)_/.test(name))
      // Derived, and there from the first conflict on.
      .filter(({ name }) => name !== 'stepwell_conflicting_spans_total')
      .map(({ name, labels }) => asText(name, { job: 'stepwell', ...labels }))
      .sort()
  )
}

async function asked({ prometheus }: Urls): Promise<string[]> {
  const { data } = await json<{ data: Record<string, string>[] }>(
    `${prometheus}/api/v1/series?${OURS}`,
  )
  return data.map(({ __name__: name, ...labels }) => asText(name!, labels)).sort()
}
