// Limits of queries: time, samples, and how many there are at once. Whoever asks too much is told so in the words of
// Prometheus with the same limits.

import { expect } from 'bun:test'
import { startEngine } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { startPlainPrometheus } from './prometheus.ts'

const EXPERIMENTAL = '--enable-feature=promql-experimental-functions'
const LIMITS = { timeout: '500ms', 'max-samples': '1000000', 'max-concurrency': '1' }

/** Few samples, and work for seconds: Prometheus looks at the clock when it is done. */
const LONG = {
  path: 'query_range',
  parameters: {
    query: 'mad_over_time(vector(time())[20000s:1s])',
    start: '1795600000',
    end: '1795601000',
    step: '1',
  },
}
const CHEAP = { path: 'query', parameters: { query: '1', time: '1795600000' } }

testWith(['prometheus'], 'limits are those of Prometheus', async (path) => {
  const flags = (prefix: string) =>
    Object.entries(LIMITS).map(([name, value]) => `--${prefix}${name}=${value}`)
  const [engine, prometheus] = await Promise.all([
    startEngine({ flags: flags('query-') }),
    startPlainPrometheus(path, [EXPERIMENTAL, ...flags('query.')]),
  ])
  const urls = [prometheus, engine.urls.prometheus]
  /** What both say, if they say the same. */
  const both = async (question: Question): Promise<unknown> => {
    const [theirs, ours] = await Promise.all(urls.map((url) => ask(url, question)))
    expect(ours).toEqual(theirs)
    return ours
  }
  expect(await both(CHEAP)).toMatchObject({ status: 200 })

  const samples = 'count_over_time(vector(1)[2000000s:1s])'
  expect(await both({ ...CHEAP, parameters: { ...CHEAP.parameters, query: samples } })).toEqual({
    status: 422,
    body: {
      status: 'error',
      errorType: 'execution',
      error: 'query processing would load too many samples into memory in query execution',
    },
  })

  const late = {
    status: 503,
    body: {
      status: 'error',
      errorType: 'timeout',
      error: 'query timed out in expression evaluation',
    },
  }
  const hasty = { ...LONG, parameters: { ...LONG.parameters, timeout: '100ms' } }
  expect(await both(hasty)).toEqual(late)

  // While one is at work, the next has to wait, as long as it is willing to.
  const working = both(LONG)
  const waiting = { ...CHEAP, parameters: { ...CHEAP.parameters, timeout: '50ms' } }
  for (const url of urls) {
    await waitFor(`a query to be refused by ${url}`, async () => {
      const { status, body } = await ask(url, waiting)
      if (status === 200) return false
      expect(body).toEqual({
        status: 'error',
        errorType: 'bad_data',
        error: 'invalid parameter "query": context deadline exceeded',
      })
      return true
    })
  }
  // Nor is it longer at work than it may.
  expect(await working).toEqual(late)
  expect(await both(CHEAP)).toMatchObject({ status: 200 })
})

interface Question {
  readonly path: string
  readonly parameters: Readonly<Record<string, string>>
}

async function ask(url: string, { path, parameters }: Question) {
  const asked = `${url}/api/v1/${path}?${new URLSearchParams(parameters)}`
  const response = await fetch(asked)
  return { status: response.status, body: await response.json() }
}
