// Alerts on their way out: what is posted is what a real Prometheus posts for the same rule, and a real Alertmanager
// takes it.

import { afterAll, expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Notification } from '@stepwell/server/notify/notification'
import { Notifier } from '@stepwell/server/notify/notifier'
import { OperatorNotifications, RELOAD_FAILED } from '@stepwell/server/notify/operator'
import { startTestEngine, testConfig } from '../../packages/server/src/api/testing/engine.ts'
import type { Timing } from '../../packages/server/src/notify/receivers/group.ts'
import { type Posted, TestReceiver } from '../../packages/server/src/notify/testing/receiver.ts'
import { json } from '../support/ask.ts'
import { startEngine, temporaryFolder } from '../support/engine.ts'
import { freePort, startPeer, testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { type Alert, Alertmanager, type Message } from './alertmanager.ts'

const MINUTE = 60_000

const endings: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const end of endings) await end()
})

function receiver(): TestReceiver {
  const started = new TestReceiver()
  endings.push(() => started.stop())
  return started
}

interface Further {
  readonly webhook?: string
  readonly externalUrl?: string
  readonly timing?: Timing
}

function notifier(
  alertmanagers: readonly string[],
  externalLabels: Readonly<Record<string, string>> = {},
  { webhook, externalUrl = '', timing }: Further = {},
): Notifier {
  const dataDir = temporaryFolder('notifier')
  const started = new Notifier({
    config: { ...testConfig(), alertmanagers, externalLabels, webhook, dataDir },
    operator: new OperatorNotifications(),
    warn: () => {},
    externalUrl: () => externalUrl,
    timing,
  })
  endings.push(() => started.stop())
  return started
}

const EXTERNAL = { cluster: 'golden', zone: 'x' }
const EXTERNAL_URL = 'http://example.org/path'
const LASTS = {
  alert: 'Lasts',
  expr: 'vector(7) > 5',
  labels: { severity: 'page', cluster: 'mine', 'with.dot': 'ü', none: '' },
  annotations: { summary: 'it is {{ $value }} & <b>', empty: '' },
}
/** Five seconds of ten. */
const COMES_AND_GOES = { alert: 'ComesAndGoes', expr: 'vector(time()) % 10 < 5' }
const GROUPS = [{ name: 'g', interval: '1s', rules: [LASTS, COMES_AND_GOES] }]

function rulesFile(): string {
  const path = join(temporaryFolder('rules'), 'rules.json')
  writeFileSync(path, JSON.stringify({ groups: GROUPS }))
  return path
}

/** With these rules; it posts below /prefix. */
async function startPrometheus(path: string, alertmanager: string) {
  const folder = temporaryFolder('notifying-prometheus')
  const config = join(folder, 'prometheus.json')
  const address = `127.0.0.1:${freePort()}`
  const alertmanagers = [
    {
      path_prefix: '/prefix',
      basic_auth: { username: 'user', password: 'pa:ss' },
      static_configs: [{ targets: [new URL(alertmanager).host] }],
    },
  ]
  const global = { external_labels: EXTERNAL }
  const settings = { global, rule_files: [rulesFile()], alerting: { alertmanagers } }
  writeFileSync(config, JSON.stringify(settings))
  await startPeer(
    [
      path,
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      `--web.external-url=${EXTERNAL_URL}`,
      '--web.route-prefix=/',
      '--web.enable-lifecycle',
    ],
    `http://${address}/-/ready`,
  )
  return { url: `http://${address}`, config }
}

testWith(
  ['prometheus'],
  'what is posted is what Prometheus posts for the same rules',
  async (path) => {
    const [theirs, ours] = [receiver(), receiver()]
    await startPrometheus(path, theirs.url)
    await startEngine({
      flags: [
        ...['--rules', rulesFile(), '--external-url', EXTERNAL_URL],
        ...Object.entries(EXTERNAL).flatMap(([name, value]) => [
          '--external-label',
          `${name}=${value}`,
        ]),
        ...['--alertmanager', `${ours.url.replace('//', '//user:pa%3Ass@')}/prefix`],
      ],
    })
    const kinds = await waitFor('both to post all', () => {
      const [a, b] = [theirs, ours].map(({ posted }) => kindsOf(posted))
      return a!.size === 3 && b!.size === 3 && [a, b]
    })
    expect(kinds[1]).toEqual(kinds[0]!)
    expect(requestOf(ours.posted[0]!)).toEqual(requestOf(theirs.posted[0]!))
  },
)

interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
}

/** The first of each that was posted: times as their form, and for how long it holds if it is not resolved. */
function kindsOf(posted: readonly Posted[]): Map<string, object> {
  const kinds = new Map<string, object>()
  for (const alert of posted.flatMap(({ body }) => body as PostedAlert[])) {
    const { startsAt, endsAt, labels, ...rest } = alert
    const [start, end] = [startsAt, endsAt].map(Date.parse) as [number, number]
    const isResolved = end - start < MINUTE
    const form = (text: string) => text.replace(/\d/g, '0')
    const kind = {
      ...rest,
      labels,
      startsAt: form(startsAt),
      endsAt: form(endsAt),
      holds: isResolved ? undefined : end - start,
    }
    const name = `${labels.alertname} ${isResolved ? 'resolved' : 'firing'}`
    if (!kinds.has(name)) kinds.set(name, kind)
  }
  return kinds
}

const requestOf = ({ path, headers }: Posted) =>
  [path, ...['content-type', 'authorization'].map((name) => headers.get(name))] as const

testWith(['prometheus'], 'the API says where alerts go as Prometheus says it', async (path) => {
  const alertmanager = receiver()
  const prometheus = await startPrometheus(path, alertmanager.url)
  const url = alertmanager.url.replace('//', '//user:pa%3Ass@')
  const engine = await startEngine({ flags: ['--alertmanager', `${url}/prefix`] })
  const ask = (of: string) => json(`${of}/api/v1/alertmanagers`)
  const expected = await waitFor('Prometheus to know it', async () => {
    const answer = await ask(prometheus.url)
    return JSON.stringify(answer).includes('/prefix') && answer
  })
  expect(await ask(engine.urls.prometheus)).toEqual(expected)
})

testWith(['prometheus'], 'what the operator should see has its shape', async (path) => {
  const prometheus = await startPrometheus(path, receiver().url)
  writeFileSync(prometheus.config, 'no: [')
  await fetch(`${prometheus.url}/-/reload`, { method: 'POST' })
  const engine = await startTestEngine()
  endings.push(() => engine.stop())
  engine.operator.add(RELOAD_FAILED)
  const [theirs, ours] = await Promise.all([prometheus.url, engine.url.prometheus].map(shown))
  expect(ours).toEqual(theirs!)
  expect(theirs!.list).toContain(RELOAD_FAILED)
})

/** Its list, the first of its events, and their type; without the times. */
async function shown(url: string) {
  const list = await (await fetch(`${url}/api/v1/notifications`)).text()
  const response = await fetch(`${url}/api/v1/notifications/live`)
  const reader = response.body!.getReader()
  const event = new TextDecoder().decode((await reader.read()).value)
  await reader.cancel()
  const [undatedList, undatedEvent] = [list, event].map((text) =>
    text.trimEnd().replace(/"date":"[\d-]+T[\d:.]+Z"/, '"date"'),
  )
  return { list: undatedList, event: undatedEvent, type: response.headers.get('content-type') }
}

const notification = (name: string, startsAt: number, endsAt: number): Notification => ({
  labels: { alertname: name, agent: 'coder' },
  annotations: { summary: `${name} & <more>` },
  startsAt,
  endsAt,
  generatorUrl: 'http://127.0.0.1:9090/graph?g0.expr=up&g0.tab=1',
})

const named = async (alertmanager: Alertmanager, name: string): Promise<Alert | undefined> =>
  (await alertmanager.alerts()).find(({ labels }) => labels.alertname === name)

testWith(
  ['prometheus-alertmanager'],
  'two Alertmanagers are told all: one that was down, the newest when it comes back',
  async (path) => {
    const [up, down] = [await Alertmanager.start(path), await Alertmanager.start(path)]
    const sink = notifier(
      [up, down].map(({ address }) => `http://${address}`),
      { zone: 'x' },
    )
    await down.end()
    const [startsAt, endsAt] = [Date.now() - MINUTE, Date.now() + 4 * MINUTE]
    sink.send([notification('One', startsAt, endsAt), notification('Two', startsAt, endsAt)])
    const found = await waitFor('the alert', () => named(up, 'One'))
    expect(found).toMatchObject({
      labels: { alertname: 'One', agent: 'coder', zone: 'x' },
      annotations: { summary: 'One & <more>' },
      startsAt: new Date(startsAt).toISOString(),
      endsAt: new Date(endsAt).toISOString(),
      generatorURL: 'http://127.0.0.1:9090/graph?g0.expr=up&g0.tab=1',
      status: { state: 'active' },
    })
    // What is resolved while it is down must not come back to life there.
    sink.send([notification('One', startsAt, Date.now())])
    await waitFor('it to be resolved', async () => (await named(up, 'One')) === undefined)
    await down.start()
    await waitFor('the other to know what fires', () => named(down, 'Two'))
    expect(await named(down, 'One')).toBeUndefined()
    await waitFor('both to have called their webhooks', () =>
      [up, down].every(({ messages }) =>
        messages.some(({ status, groupLabels }) => {
          return status === 'firing' && groupLabels.alertname === 'Two'
        }),
      ),
    )
    expect(
      up.messages.map(({ status, groupLabels }) => `${groupLabels.alertname} ${status}`),
    ).toContain('One resolved')
  },
)

interface WebhookMessage extends Message {
  readonly alerts: readonly (Message['alerts'][number] & { readonly fingerprint: string })[]
}

testWith(
  ['prometheus-alertmanager'],
  'the webhook is called as Alertmanager calls it',
  async (path) => {
    const [theirs, ours] = [receiver(), receiver()]
    const folder = temporaryFolder('alertmanager')
    const route = { receiver: 'webhook', group_by: ['alertname'], group_wait: '0s' }
    const config = {
      route: { ...route, group_interval: '1s' },
      receivers: [{ name: 'webhook', webhook_configs: [{ url: theirs.url }] }],
    }
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
    const url = `http://127.0.0.1:${freePort()}`
    await startPeer(
      [
        path,
        `--config.file=${join(folder, 'config.json')}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=${new URL(url).host}`,
        `--web.external-url=${url}`,
        '--cluster.listen-address=',
      ],
      `${url}/-/ready`,
    )
    const sink = notifier([url], EXTERNAL, {
      webhook: ours.url,
      externalUrl: url,
      timing: { wait: 0, interval: 0, repeat: 3_600_000 },
    })
    const [startsAt, endsAt] = [Math.floor(Date.now() / MINUTE) * MINUTE, Date.now() + 4 * MINUTE]
    const one = notification('One "quoted" \\', startsAt, endsAt)
    const two: Notification = {
      ...one,
      labels: { ...one.labels, agent: 'ü😀', z: '1' },
      startsAt: startsAt + 10,
    }
    const last = (posted: readonly Posted[]) => {
      const body = posted.at(-1)?.body as WebhookMessage | undefined
      const byFingerprint = (a: { fingerprint: string }, b: { fingerprint: string }) =>
        a.fingerprint < b.fingerprint ? -1 : 1
      return body && { ...body, alerts: [...body.alerts].sort(byFingerprint) }
    }
    const both = (what: string, status: string, count: number) =>
      waitFor(what, () =>
        [theirs, ours].every(({ posted }) => {
          const message = last(posted)
          return message?.status === status && message.alerts.length === count
        }),
      )
    sink.send([one, two])
    await both('both to be told that they fire', 'firing', 2)
    expect(last(ours.posted)).toEqual(last(theirs.posted)!)
    const resolvedAt = Date.now()
    sink.send([one, two].map((each) => ({ ...each, endsAt: resolvedAt })))
    await both('both to be told that they are resolved', 'resolved', 2)
    expect(last(ours.posted)).toEqual(last(theirs.posted)!)
    expect(ours.posted[0]!.headers.get('content-type')).toBe(
      theirs.posted[0]!.headers.get('content-type'),
    )
  },
)
