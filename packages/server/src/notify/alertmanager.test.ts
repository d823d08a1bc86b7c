// Against a small server in place of an Alertmanager; test/peers has the real one.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { PROMETHEUS_TEXT } from '../api/metrics/exposition.ts'
import { Notifier } from './notifier.ts'
import { OperatorNotifications } from './operator.ts'
import { ManualClock } from './testing/clock.ts'
import { firing, NOW, resolved } from './testing/notification.ts'
import { TestReceiver } from './testing/receiver.ts'
import { until } from './testing/wait.ts'

const MINUTE = 60_000

let receiver: TestReceiver
let clock: ManualClock
let log: string[]
let operator: OperatorNotifications
const endings: (() => Promise<void>)[] = []

beforeEach(() => {
  receiver = new TestReceiver()
  clock = new ManualClock(NOW)
  log = []
  operator = new OperatorNotifications(() => NOW)
})
afterEach(async () => {
  for (const end of endings.splice(0)) await end()
  await receiver.stop()
})

function start(alertmanagers: readonly string[] = [receiver.url], externalLabels = {}): Notifier {
  const receivers = { webhook: undefined, slack: undefined, dataDir: '/nonexistent' }
  const config = { alertmanagers, externalLabels, ...receivers }
  const lines = log
  const warn = (message: string) => lines.push(message)
  return new Notifier({ config, operator, warn, externalUrl: () => '', clock })
}

/** The sample of `/metrics` for the first Alertmanager whose name begins like this. */
function metric(notifier: Notifier, name: string): number {
  const line = PROMETHEUS_TEXT.write(notifier.families())
    .split('\n')
    .find((each) => each.startsWith(`stepwell_notifications_${name}`))
  return Number(line?.split(' ').at(-1))
}

const namesOf = (posted = receiver.posted) =>
  posted.map(({ body }) => body.map((alert: { labels: { a: string } }) => alert.labels.a))

test('what is posted: external labels beside those of the rule, which win, and RFC 3339 times', async () => {
  start([`${receiver.url}/prefix/`], { cluster: 'golden', zone: 'x' }).send([
    firing({ a: '1', zone: 'mine' }, NOW, { summary: 'a & b' }),
    resolved({ a: '2' }),
  ])
  await until('it is posted', () => receiver.posted.length === 1)
  const [{ path, headers, body }] = receiver.posted as [(typeof receiver.posted)[number]]
  expect(path).toBe('/prefix/api/v2/alerts')
  expect(headers.get('content-type')).toBe('application/json')
  expect(headers.get('user-agent')).toStartWith('stepwell/')
  expect(body).toEqual([
    {
      annotations: { summary: 'a & b' },
      endsAt: '2026-11-20T10:34:00.000Z',
      startsAt: '2026-11-20T10:29:00.000Z',
      generatorURL: 'http://127.0.0.1:9090/graph?g0.expr=up&g0.tab=1',
      labels: { alertname: 'StepFails', a: '1', cluster: 'golden', zone: 'mine' },
    },
    {
      endsAt: '2026-11-20T10:30:00.000Z',
      startsAt: '2026-11-20T10:29:00.000Z',
      generatorURL: 'http://127.0.0.1:9090/graph?g0.expr=up&g0.tab=1',
      labels: { alertname: 'StepFails', a: '2', cluster: 'golden', zone: 'x' },
    },
  ])
})

test('credentials of the URL go into a header, and are shown nowhere', async () => {
  const url = receiver.url.replace('//', '//user%40x:se%3Acret@')
  receiver.answer = () => new Response('no', { status: 503 })
  const notifier = start([url])
  notifier.send([firing({})])
  await until('it is posted', () => log.length === 1)
  expect(receiver.posted[0]!.headers.get('authorization')).toBe(`Basic ${btoa('user@x:se:cret')}`)
  expect(notifier.alertmanagers).toEqual([`${receiver.url}/api/v2/alerts`])
  const told = [...log, JSON.stringify(operator.list), PROMETHEUS_TEXT.write(notifier.families())]
  expect(told.join()).not.toMatch(/cret|user/)
})

test('at the most 256 alerts are one request', async () => {
  start().send(Array.from({ length: 600 }, (_, index) => firing({ a: String(index) })))
  await until('all are posted', () => receiver.posted.length === 3)
  expect(receiver.posted.map(({ body }) => body.length)).toEqual([256, 256, 88])
  expect(namesOf().flat()).toEqual(Array.from({ length: 600 }, (_, index) => String(index)))
})

test('one that hangs does not delay another; the same one twice is one', async () => {
  const hanging = new TestReceiver()
  endings.push(() => hanging.stop())
  hanging.answer = () => 'hang'
  const notifier = start([hanging.url, receiver.url, `${receiver.url}/`])
  expect(notifier.alertmanagers).toHaveLength(2)
  for (const a of ['1', '2', '3']) {
    const count = receiver.posted.length
    notifier.send([firing({ a })])
    await until('it is posted', () => receiver.posted.length > count)
  }
  expect(namesOf()).toEqual([['1'], ['2'], ['3']])
  expect(hanging.posted.length).toBe(1)
  expect(metric(notifier, 'queue_length')).toBe(2)
})

test('what failed is sent again, later each time, in its newest state', async () => {
  const status = [500, 503, 429, 200]
  receiver.answer = () => new Response('busy', { status: status[receiver.posted.length - 1]! })
  const notifier = start()
  notifier.send([firing({ a: '1' }), firing({ a: '2' })])
  for (const wait of [1000, 2000, 4000]) {
    await until('it pauses', () => clock.waits[0] === wait)
    if (wait === 2000) notifier.send([resolved({ a: '1' })])
    clock.advance(wait)
  }
  await until('it is taken', () => metric(notifier, 'sent_total') === 2)
  expect(namesOf()).toEqual(Array(4).fill(['1', '2']))
  expect(receiver.posted.at(-1)!.body[0].endsAt).toBe(new Date(NOW).toISOString())
  expect(metric(notifier, 'errors_total')).toBe(6)
  expect(metric(notifier, 'dropped_total')).toBe(0)
  expect(log).toEqual([
    expect.stringMatching(/^alerts do not reach Alertmanager .+: it answers 500: busy$/),
    expect.stringMatching(/it answers 503: busy$/),
    expect.stringMatching(/it answers 429: busy$/),
    expect.stringMatching(/^alerts reach Alertmanager .+ again$/),
  ])
  expect(operator.list).toEqual([])
})

test('what is refused for good is said once, and what comes after it is sent', async () => {
  receiver.answer = () => new Response('bad\u001b[31m label\0', { status: 400 })
  const notifier = start()
  for (const a of ['1', '2']) {
    notifier.send([firing({ a })])
    await until('it is dropped', () => metric(notifier, 'dropped_total') === Number(a))
  }
  receiver.answer = () => new Response()
  notifier.send([firing({ a: '3' })])
  await until('it is taken', () => metric(notifier, 'sent_total') === 1)
  expect(namesOf()).toEqual([['1'], ['2'], ['3']])
  expect(log).toEqual([expect.stringMatching(/are dropped: it answers 400: bad \[31m label$/)])
})

test('what is taken is taken, however long the answer goes on', async () => {
  const endless = () => {
    const start = (controller: ReadableStreamDefaultController) => controller.enqueue('so')
    return new ReadableStream({ start, pull: () => new Promise(() => {}) })
  }
  receiver.answer = () => new Response(endless())
  const notifier = start()
  notifier.send([firing({ a: '1' })])
  await until('it is taken', () => metric(notifier, 'sent_total') === 1)
  notifier.send([firing({ a: '2' })])
  await until('it is taken', () => metric(notifier, 'sent_total') === 2)
  expect(namesOf()).toEqual([['1'], ['2']])
})

test('a redirect is not followed', async () => {
  receiver.answer = () => Response.redirect(`${receiver.url}/elsewhere`, 302)
  const notifier = start()
  notifier.send([firing({})])
  await until('it is dropped', () => metric(notifier, 'dropped_total') === 1)
  expect(receiver.posted.length).toBe(1)
  expect(log[0]).toContain('redirects are not followed')
})

test('while nobody answers, what holds no more is dropped: it would say that the alert has ended', async () => {
  const { port } = receiver
  await receiver.stop()
  const notifier = start()
  notifier.send([firing({ a: 'old' }), resolved({ a: 'ended' })])
  await until('it pauses', () => clock.waits.length === 1)
  expect(log[0]).toContain('connection refused')
  expect(operator.list.map(({ text }) => text)).toEqual([
    `Alerts do not reach Alertmanager ${receiver.url}/api/v2/alerts.`,
  ])
  receiver = new TestReceiver(port)
  notifier.send([firing({ a: 'new' }, NOW + 3 * MINUTE)])
  clock.advance(5 * MINUTE)
  await until('it is taken', () => metric(notifier, 'sent_total') === 2)
  expect(namesOf()).toEqual([['ended', 'new']])
  expect(metric(notifier, 'dropped_total')).toBe(1)
})

test('of too many the oldest are dropped, and that is said once', async () => {
  receiver.answer = () => 'hang'
  const notifier = start()
  const send = (from: number, count: number) =>
    notifier.send(Array.from({ length: count }, (_, index) => firing({ a: String(from + index) })))
  send(0, 1)
  await until('it is posted', () => receiver.posted.length === 1)
  send(1, 10_000)
  send(10_001, 5)
  send(10_006, 5)
  expect(metric(notifier, 'queue_length')).toBe(10_000)
  expect(metric(notifier, 'queue_capacity')).toBe(10_000)
  expect(metric(notifier, 'dropped_total')).toBe(10)
  expect(log).toEqual([expect.stringMatching(/are dropped: too many wait$/)])
})

test('what waits is sent when it stops', async () => {
  receiver.answer = () => new Response('busy', { status: 503 })
  const notifier = start()
  notifier.send([firing({ a: '1' })])
  await until('it pauses', () => clock.waits.length === 1)
  receiver.answer = () => new Response()
  await notifier.stop()
  expect(namesOf()).toEqual([['1'], ['1']])
})

test('it stops also where the other side hangs', async () => {
  receiver.answer = () => 'hang'
  const notifier = start()
  notifier.send([firing({})])
  await until('it is posted', () => receiver.posted.length === 1)
  const stopped = notifier.stop()
  clock.advance(1000)
  await stopped
  expect(metric(notifier, 'dropped_total')).toBe(1)
  expect(log).toEqual([expect.stringMatching(/waited when the engine stopped$/)])
})
