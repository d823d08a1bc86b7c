// The webhook, as the one of the receivers whose messages say all: when it is told what, and what it is not told twice.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PROMETHEUS_TEXT } from '../../api/metrics/exposition.ts'
import { testConfig } from '../../api/testing/engine.ts'
import { Notifier } from '../notifier.ts'
import { OperatorNotifications } from '../operator.ts'
import { ManualClock } from '../testing/clock.ts'
import { firing, NOW, resolved } from '../testing/notification.ts'
import { TestReceiver } from '../testing/receiver.ts'
import { until } from '../testing/wait.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

let receiver: TestReceiver
let clock: ManualClock
let log: string[]
let dataDir: string
let operator: OperatorNotifications
let notifying: Notifier

beforeEach(() => {
  receiver = new TestReceiver()
  clock = new ManualClock(NOW)
  log = []
  dataDir = mkdtempSync(join(tmpdir(), 'stepwell-notify-'))
  operator = new OperatorNotifications()
})
afterEach(async () => {
  await receiver.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

function start(url = `${receiver.url}/hook/secret-path`): Notifier {
  const lines = log
  notifying = new Notifier({
    config: { ...testConfig(), webhook: url, externalLabels: { cluster: 'c' }, dataDir },
    operator,
    warn: (message) => lines.push(message),
    externalUrl: () => 'http://127.0.0.1:16686',
    clock,
  })
  return notifying
}

const path = () => join(dataDir, 'notify', 'webhook.json')

/** What it was told, one line a message: the alerts by their label `a`, those that have ended with a minus. */
const told = () =>
  receiver.posted.map(({ body }) =>
    body.alerts
      .map(({ labels, status }: { labels: { a: string }; status: string }) =>
        status === 'firing' ? labels.a : `-${labels.a}`,
      )
      .join(' '),
  )

const isTold = (...expected: readonly string[]) =>
  until(`it is told ${expected.join(', ')}; it was told ${told().join(', ')}`, () => {
    return told().length === expected.length
  }).then(() => expect(told()).toEqual([...expected]))

/** Moves the clock; what falls due is posted, and the next time that something is due is known. */
async function pass(milliseconds: number): Promise<void> {
  clock.advance(milliseconds)
  await until('it waits again, or has nothing to tell', () => {
    return clock.waits.length > 0 || waiting() === 0
  })
}

const waiting = () => {
  const text = PROMETHEUS_TEXT.write(notifying.families())
  return Number(/^stepwell_notifications_queue_length.* (\d+)$/m.exec(text)![1])
}

test('ten alerts of one name within the wait are one message, another name is another', async () => {
  const notifier = start()
  for (let a = 0; a < 10; a++) notifier.send([firing({ a: String(a) })])
  notifier.send([firing({ alertname: 'Other', a: 'x' })])
  await pass(9 * SECOND)
  expect(told()).toEqual([])
  await pass(SECOND)
  await isTold('0 1 2 3 4 5 6 7 8 9', 'x')
  expect(receiver.posted[0]!.path).toBe('/hook/secret-path')
})

test('what goes on firing is told again after 4 h, not when it is said again', async () => {
  const notifier = start()
  notifier.send([firing({ a: '1' })])
  await pass(10 * SECOND)
  await isTold('1')
  for (let minute = 1; minute < 240; minute++) {
    await pass(MINUTE)
    notifier.send([firing({ a: '1' }, clock.now())])
  }
  await isTold('1')
  await pass(MINUTE)
  await isTold('1', '1')
})

test('what is new or resolved is told, with what fires on, once a minute at the most', async () => {
  const notifier = start()
  notifier.send([firing({ a: '1' }), firing({ a: '2' })])
  await pass(10 * SECOND)
  await isTold('1 2')
  notifier.send([firing({ a: '3' }, clock.now()), resolved({ a: '1' }, clock.now())])
  await pass(59 * SECOND)
  await isTold('1 2')
  await pass(SECOND)
  await isTold('1 2', '-1 3 2')
  expect(receiver.posted[1]!.body).toMatchObject({ status: 'firing', truncatedAlerts: 0 })
  // Rules say for a while that it has ended.
  notifier.send([resolved({ a: '1' }, clock.now() - MINUTE), resolved({ a: '2' }, clock.now())])
  notifier.send([resolved({ a: '3' }, clock.now())])
  await pass(MINUTE)
  await isTold('1 2', '-1 3 2', '-2 -3')
  expect(receiver.posted[2]!.body).toMatchObject({ status: 'resolved' })
})

test('what comes and goes within the wait is not told', async () => {
  const notifier = start()
  notifier.send([firing({ a: '1' }), firing({ a: '2' })])
  notifier.send([resolved({ a: '1' })])
  await pass(10 * SECOND)
  await isTold('2')
  notifier.send([resolved({ a: '2' }, clock.now())])
  notifier.send([firing({ a: '2' }, clock.now())])
  notifier.send([firing({ a: '3' }, clock.now())])
  await pass(MINUTE)
  await isTold('2', '3 2')
})

test('what nobody speaks of any more has ended when word of it held no more', async () => {
  start().send([firing({ a: '1' })])
  await pass(10 * SECOND)
  await isTold('1')
  await pass(4 * MINUTE)
  await pass(10 * SECOND)
  await isTold('1', '-1')
  expect(receiver.posted[1]!.body.alerts[0].endsAt).toBe('2026-11-20T10:34:00Z')
})

test('what resolves while it is being told to fire is told to have ended', async () => {
  let answer = (_: Response) => {}
  const notifier = start()
  notifier.send([firing({ a: '1' })])
  const held = new Promise<Response>((resolve) => {
    answer = resolve
  })
  receiver.answer = () => held
  clock.advance(10 * SECOND)
  await until('it is being told', () => receiver.posted.length === 1)
  notifier.send([resolved({ a: '1' }, clock.now())])
  receiver.answer = () => new Response()
  answer(new Response())
  await until('it waits', () => clock.waits.length > 0)
  await pass(MINUTE)
  await isTold('1', '-1')
})

test('what fires again while it is told to have ended is told to fire', async () => {
  let answer = (_: Response) => {}
  const notifier = start()
  notifier.send([firing({ a: '1' })])
  await pass(10 * SECOND)
  await isTold('1')
  notifier.send([resolved({ a: '1' }, clock.now())])
  const held = new Promise<Response>((resolve) => {
    answer = resolve
  })
  receiver.answer = () => held
  clock.advance(MINUTE)
  await until('it is being told', () => receiver.posted.length === 2)
  notifier.send([firing({ a: '1' }, clock.now())])
  receiver.answer = () => new Response()
  answer(new Response())
  await until('it waits', () => clock.waits.length > 0)
  await pass(MINUTE)
  await isTold('1', '-1', '1')
})

test('of too many alerts the newest are dropped, and that is said once', async () => {
  const notifier = start()
  notifier.send(Array.from({ length: 10_003 }, (_, index) => firing({ a: String(index) })))
  notifier.send([firing({ a: '0' }), firing({ a: 'one more' })])
  expect(waiting()).toBe(10_000)
  expect(log).toEqual([expect.stringMatching(/are dropped: too many wait$/)])
})

test('after a restart, what had ended is told though the rules say nothing', async () => {
  const first = start()
  first.send([firing({ a: '1' })])
  await pass(10 * SECOND)
  await isTold('1')
  first.send([resolved({ a: '1' }, clock.now())])
  receiver.answer = () => new Response('', { status: 503 })
  await first.stop()
  receiver.answer = () => new Response()
  clock = new ManualClock(NOW + HOUR)
  start()
  await pass(10 * SECOND)
  await isTold('1', '-1', '-1')
})

test('after a restart nothing is told twice, and what has ended meanwhile is told', async () => {
  const first = start()
  first.send([firing({ a: '1' }), firing({ a: '2' }), firing({ a: '3' })])
  await pass(10 * SECOND)
  await isTold('1 2 3')
  // Told, and said to have ended a moment before the end.
  first.send([resolved({ a: '3' }, clock.now())])
  receiver.answer = () => new Response('', { status: 503 })
  await first.stop()
  receiver.answer = () => new Response()
  receiver.posted.length = 0
  clock = new ManualClock(NOW + HOUR)
  const second = start()
  // The rules take up what still fires as something that begins to fire.
  second.send([firing({ a: '1' }, clock.now())])
  await pass(10 * SECOND)
  await isTold('-3 1 2')
  await pass(3 * MINUTE)
  second.send([firing({ a: '1' }, clock.now())])
  await pass(MINUTE)
  await pass(MINUTE)
  await isTold('-3 1 2', '-2 1')
  expect(receiver.posted.at(-1)!.body.alerts[1].startsAt).toBe('2026-11-20T10:29:00Z')
})

test('without news a restart tells nothing; the 4 h go on', async () => {
  const first = start()
  first.send([firing({ a: '1' })])
  await pass(10 * SECOND)
  await isTold('1')
  await first.stop()
  clock = new ManualClock(NOW + 3 * HOUR)
  const second = start()
  second.send([firing({ a: '1' }, clock.now())])
  await pass(4 * MINUTE - SECOND)
  await isTold('1')
  second.send([{ ...firing({ a: '1' }, clock.now()), endsAt: clock.now() + 2 * HOUR }])
  await pass(HOUR)
  await isTold('1', '1')
})

test('another URL has been told nothing; the file holds no secret, and only its owner reads it', async () => {
  const url = receiver.url.replace('//', '//user:pass-word@')
  const first = start(`${url}/secret-path`)
  first.send([firing({ a: '1' })])
  await pass(10 * SECOND)
  await isTold('1')
  await first.stop()
  expect(readFileSync(path(), 'utf8')).not.toMatch(/secret-path|pass-word/)
  expect(statSync(path()).mode & 0o777).toBe(0o600)
  const second = start(`${url}/another-path`)
  second.send([firing({ a: '1' }, clock.now())])
  await pass(10 * SECOND)
  await isTold('1', '1')
})

test.each(['', 'no JSON', '{"version":2}', '[]', '{"version":1,"groups":7}'])(
  'a file that is damaged (%p) is said, and replaced',
  async (text) => {
    mkdirSync(join(dataDir, 'notify'))
    writeFileSync(path(), text.replace('{"version":1', `{"version":1,"receiver":"${digest()}"`))
    const notifier = start()
    expect(log).toEqual([expect.stringContaining(`${path()} cannot be read`)])
    notifier.send([firing({ a: '1' })])
    await pass(10 * SECOND)
    await isTold('1')
    expect(JSON.parse(readFileSync(path(), 'utf8')).groups).toHaveLength(1)
  },
)

const digest = () =>
  new Bun.CryptoHasher('sha256').update(`${receiver.url}/hook/secret-path`).digest('hex')

test('where the file cannot be written it is said once, and alerts go out', async () => {
  writeFileSync(join(dataDir, 'notify'), 'a file in the place of the folder')
  const notifier = start()
  log.length = 0
  notifier.send([firing({ a: '1' })])
  await pass(10 * SECOND)
  await isTold('1')
  notifier.send([resolved({ a: '1' }, clock.now())])
  await pass(MINUTE)
  await isTold('1', '-1')
  expect(log).toEqual([expect.stringContaining('cannot be written')])
  expect(existsSync(path())).toBe(false)
  rmSync(join(dataDir, 'notify'))
  notifier.send([firing({ a: '2' }, clock.now())])
  expect(existsSync(path())).toBe(true)
})

test('what failed is told later, as it is then; 429 says when; secrets are not in the log', async () => {
  const notifier = start()
  receiver.answer = () => new Response('busy', { status: 500 })
  notifier.send([firing({ a: '1' }), firing({ a: '2' })])
  await pass(10 * SECOND)
  await until('it pauses', () => clock.waits[0] === SECOND)
  receiver.answer = () => new Response('', { status: 429, headers: { 'retry-after': '17' } })
  await pass(SECOND)
  await until('it pauses', () => clock.waits[0] === 17 * SECOND)
  receiver.answer = () => new Response()
  notifier.send([resolved({ a: '1' }, clock.now())])
  await pass(17 * SECOND)
  await isTold('1 2', '1 2', '2')
  expect(log).toEqual([
    expect.stringMatching(
      /^alerts do not reach webhook http:\/\/127.0.0.1:\d+\/…, .+: it answers 500: busy$/,
    ),
    expect.stringMatching(/it answers 429$/),
    expect.stringMatching(/again$/),
  ])
  expect(log.join()).not.toContain('secret-path')
})

test('one alert that the receiver chokes on keeps back no other', async () => {
  const notifier = start()
  receiver.answer = () => {
    const [alert] = receiver.posted.at(-1)!.body.alerts
    return new Response('', { status: alert.labels.a === 'bad' ? 500 : 200 })
  }
  notifier.send([firing({ alertname: 'A', a: 'bad' }), firing({ alertname: 'B', a: 'good' })])
  await pass(10 * SECOND)
  await pass(SECOND)
  await until('the other is told', () => told().includes('good'))
})

test('a refusal for good is said once, and not sent again each minute', async () => {
  const notifier = start()
  receiver.answer = () => new Response('no_service', { status: 404 })
  notifier.send([firing({ a: '1' })])
  await pass(10 * SECOND)
  await isTold('1')
  for (let minute = 1; minute < 10; minute++) {
    notifier.send([firing({ a: '1' }, clock.now())])
    await pass(MINUTE)
  }
  await isTold('1')
  expect(log).toEqual([
    expect.stringMatching(/^alerts for webhook .+ are dropped: it answers 404: no_service$/),
  ])
})

test('more than 256 alerts of one name are told in parts', async () => {
  const notifier = start()
  notifier.send(Array.from({ length: 300 }, (_, index) => firing({ a: String(index) })))
  await pass(10 * SECOND)
  await until('it is told', () => receiver.posted.length === 1)
  expect(receiver.posted[0]!.body.alerts).toHaveLength(256)
  expect(receiver.posted[0]!.body.truncatedAlerts).toBe(44)
  await until('it waits', () => clock.waits.length > 0)
  await pass(MINUTE)
  await until('it is told', () => receiver.posted.length === 2)
  const names = receiver.posted.flatMap(({ body }, index) =>
    body.alerts
      .slice(0, index === 0 ? 256 : 44)
      .map(({ labels }: { labels: { a: string } }) => labels.a),
  )
  expect(new Set(names).size).toBe(300)
})

test('it stops where the other side hangs, and tells what it could not when it is there again', async () => {
  const first = start()
  receiver.answer = () => 'hang'
  first.send([firing({ a: '1' })])
  const stopped = first.stop()
  await until('it is being told', () => receiver.posted.length === 1)
  clock.advance(SECOND)
  await stopped
  receiver.answer = () => new Response()
  start().send([firing({ a: '1' }, clock.now())])
  await pass(10 * SECOND)
  await isTold('1', '1')
})
