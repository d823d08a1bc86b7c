// docs/production.md, followed: its commands in their order, with the real Collector, Prometheus and Alertmanager, on
// free ports by the variables that it names. What it says of Kubernetes, Grafana and Argo is not run here.

import { afterAll, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { json } from '../support/ask.ts'
import { plainEnvironment, root, temporaryFolder } from '../support/engine.ts'
import { freePort, testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import type { Alert } from './alertmanager.ts'
import { commands, Shell } from './page-shell.ts'

const PAGE = join(root, 'docs/production.md')
const PORTS = [
  'COLLECTOR_GRPC',
  'COLLECTOR_HTTP',
  'COLLECTOR_METRICS',
  'COLLECTOR_LOOP',
  'COLLECTOR_HEALTH',
  'COLLECTOR_SELF',
  'PROMETHEUS',
  'ALERTMANAGER',
  'STORE_GRPC',
  'STORE_HTTP',
  'JAEGER',
  'LOKI',
]
/** Rules are evaluated every 15 s; the Collector tells what it derived as often. */
const BLOCK_MILLISECONDS = 120_000

setDefaultTimeout(600_000)

let shell: Shell | undefined
afterAll(() => shell?.end())

testWith(
  ['otelcol', 'prometheus', 'promtool', 'prometheus-alertmanager', 'curl'],
  'docs/production.md leads from nothing to an alert in Alertmanager',
  async (_otelcol, _prometheus, _promtool, alertmanager) => {
    const home = temporaryFolder('production')
    const ports = freePorts()
    // As upstream names it.
    mkdirSync(join(home, 'bin'))
    symlinkSync(alertmanager!, join(home, 'bin/alertmanager'))
    const plain = plainEnvironment(home)
    const env = {
      ...plain,
      ...ports,
      WORK: join(home, 'trial'),
      HOLD: '15s',
      PATH: `${home}/bin:${plain.PATH}`,
    }
    shell = new Shell(root, env)
    const blocks = commands(PAGE)
    const end = blocks.pop()!
    const printed: string[] = []
    for (const block of blocks) printed.push(await shell.run(block, BLOCK_MILLISECONDS))
    const alerts = await json<Alert[]>(`http://127.0.0.1:${ports.ALERTMANAGER}/api/v2/alerts`)
    expect(alerts.map(({ labels }) => labels)).toContainEqual({
      alertname: 'AgentStepFailureRate',
      agent: 'coder',
      deployment_environment: 'trial',
      cluster: 'laptop',
      severity: 'warning',
      component: 'agent-steps',
    })
    // The exemplars that it shows last are traces of the store.
    const traceIds = printed.at(-1)!.match(/(?<="trace_id":")[0-9a-f]{32}/g) ?? []
    expect(traceIds).toHaveLength(3)
    for (const traceId of traceIds)
      await json(`http://127.0.0.1:${ports.JAEGER}/api/traces/${traceId}`)

    await shell.run(end, BLOCK_MILLISECONDS)
    await waitFor('all to end', async () => {
      const answers = await Promise.all(Object.values(ports).map(isTaken))
      return !answers.includes(true)
    })
  },
)

/** Each another, though none is taken yet. */
function freePorts(): Record<string, string> {
  const found = new Set<number>()
  while (found.size < PORTS.length) found.add(freePort())
  return Object.fromEntries([...found].map((port, index) => [PORTS[index]!, String(port)]))
}

const isTaken = (port: string): Promise<boolean> =>
  Bun.connect({ hostname: '127.0.0.1', port: Number(port), socket: { data() {} } }).then(
    (socket) => {
      socket.end()
      return true
    },
    () => false,
  )

test('docs/production.md leads to nothing that is not there', () => {
  const links = [...readFileSync(PAGE, 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
  expect(links.length).toBeGreaterThan(8)
  const dead = links
    .map(([, path]) => path!)
    .filter((path) => !existsSync(join(dirname(PAGE), path)))
  expect(dead).toEqual([])
})
