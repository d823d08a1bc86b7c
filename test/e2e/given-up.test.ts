// Who asks for much and goes away costs nothing any more, wherever the query was.

import { afterAll, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { cleanUp, startEngine } from '../support/engine.ts'
import { waitFor } from '../support/wait.ts'

afterAll(cleanUp)

/** Few samples, and work for half a minute. */
const LONG = {
  path: 'query_range',
  parameters: {
    query: 'mad_over_time(vector(time())[20000s:1s])',
    start: '1795600000',
    end: '1795611000',
    step: '1',
  },
}
const CHEAP = { path: 'query', parameters: { query: '1', time: '1795600000' } }

test('a query that runs, and one that waits, end with who asked', async () => {
  const engine = await startEngine({ flags: ['--query-max-concurrency', '1'] })
  const url = engine.urls.prometheus
  const [first, second] = [new AbortController(), new AbortController()]
  const asked = [ask(url, LONG, first.signal), ask(url, LONG, second.signal)]
  await waitFor('the first to be at work', async () => {
    const impatient = { ...CHEAP, parameters: { ...CHEAP.parameters, timeout: '20ms' } }
    return (await ask(url, impatient)).status !== 200
  })
  // The one that waits goes first: it must not come to its turn.
  second.abort()
  first.abort()
  const gone = await Promise.allSettled(asked)
  expect(gone.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  // It would be their turn for half a minute.
  expect(await ask(url, CHEAP)).toMatchObject({ status: 200 })
  await waitFor('the engine to have nothing to do', async () => {
    const before = processorTime(engine.pid)
    await Bun.sleep(500)
    return processorTime(engine.pid) - before < 10
  })
})

interface Question {
  readonly path: string
  readonly parameters: Readonly<Record<string, string>>
}

async function ask(url: string, { path, parameters }: Question, signal?: AbortSignal) {
  const asked = `${url}/api/v1/${path}?${new URLSearchParams(parameters)}`
  const response = await fetch(asked, signal ? { signal } : {})
  return { status: response.status, body: await response.json() }
}

/** Of all its threads, in hundredths of a second (proc(5), stat). */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return Number(fields[11]) + Number(fields[12])
}
