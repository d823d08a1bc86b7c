// promtool asks the engine as it asks a Prometheus that was fed the same metrics, and prints the same.

import { expect } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startEngine, temporaryFolder } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { startPrometheus } from './prometheus.ts'
import { requests, timesBefore } from './prometheus-api/feed.ts'

testWith(['prometheus', 'promtool'], 'promtool prints the same of both', async (path, promtool) => {
  const times = timesBefore(Date.now() / 1000)
  const [engine, prometheus] = await Promise.all([startEngine(), startPrometheus(path, [])])
  const urls = [prometheus, engine.urls.prometheus] as const
  for (const body of requests(times)) {
    await send(`${engine.urls.otlpHttp}/v1/metrics`, body)
    await send(`${prometheus}/api/v1/otlp/v1/metrics`, body)
  }
  const at = String(times.last)
  const range = [`--start=${times.first}`, `--end=${at}`]
  const both = async (command: string, flags: readonly string[], ...rest: string[]) => {
    const [theirs, ours] = await Promise.all(
      urls.map((url) => run(promtool, ['query', command, ...flags, url, ...rest])),
    )
    expect(ours).toEqual(theirs!)
    expect(ours!.code).toBe(rest[0] === 'sum(' ? 1 : 0)
    return ours!.said
  }
  expect(await both('instant', [`--time=${at}`], 'queue_length')).toHaveLength(4)
  await both('instant', [`--time=${at}`], 'size_bytes')
  await both('instant', [`--time=${at}`, '--format=json'], 'odd_values')
  await both('instant', [`--time=${at}`], 'sum(')
  await both('range', [...range, '--step=30s'], 'sum by (code) (rate(requests_total[1m]))')
  expect(
    await both('series', [...range, '--match=requests_total', '--match=size_bytes']),
  ).toHaveLength(4)
  await both('labels', range, 'queue')

  for (const [type, name] of [
    ['histogram', 'latency_seconds_bucket'],
    ['histogram', 'size_bytes'],
  ] as const) {
    const [theirs, ours] = await Promise.all(
      urls.map((url) => {
        const flags = [`--type=${type}`, `--match=${name}`, `--time=${at}`, '--duration=10m']
        return run(promtool, ['query', 'analyze', `--server=${url}`, ...flags])
      }),
    )
    expect(ours).toEqual(theirs!)
    expect(ours!.code).toBe(0)
  }

  for (const state of ['healthy', 'ready']) {
    const [theirs, ours] = await Promise.all(
      urls.map((url) => run(promtool, ['check', state, `--url=${url}`])),
    )
    expect(ours).toEqual(theirs!)
  }

  const folder = temporaryFolder('promtool')
  const debug = await run(promtool, ['debug', 'metrics', engine.urls.prometheus], folder)
  expect(debug.code).toBe(0)
  expect(existsSync(join(folder, 'debug.tar.gz'))).toBe(true)
  const archive = Bun.gunzipSync(await Bun.file(join(folder, 'debug.tar.gz')).bytes())
  expect(new TextDecoder().decode(archive)).toContain('stepwell_received_requests_total')
})

/** Its lines are in the order of the storage. */
async function run(program: string, args: readonly string[], cwd = '.') {
  const ran = Bun.spawn([program, ...args], { cwd, stdout: 'pipe', stderr: 'pipe' })
  const said = await new Response(ran.stdout).text()
  const complained = await new Response(ran.stderr).text()
  const lines = said.split('\n').filter((line) => line !== '')
  return { code: await ran.exited, said: lines.sort(), complained }
}

async function send(url: string, body: string): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
}
