// Alerts that come and go, a receiver that fails now and then, restarts: in the end the receiver believes what is true,
// and on the way each message had something new.

import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testConfig } from '../../api/testing/engine.ts'
import { Notifier } from '../notifier.ts'
import { OperatorNotifications } from '../operator.ts'
import { ManualClock } from '../testing/clock.ts'
import { firing, NOW, resolved } from '../testing/notification.ts'
import { TestReceiver } from '../testing/receiver.ts'
import { until } from '../testing/wait.ts'

const SECOND = 1000
/** It fires all the time: something is always to be waited for. */
const ALWAYS = '0'

function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * below)
  }
}

test('a receiver believes what is true, and each message has something new', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const random = generator(seed)
  const dataDir = mkdtempSync(join(tmpdir(), 'stepwell-notify-'))
  const clock = new ManualClock(NOW)
  const receiver = new TestReceiver()
  let isFailing = false
  const believed = new Set<string>()
  const wrong: string[] = []
  receiver.answer = () => {
    if (isFailing) return new Response('', { status: 503 })
    let isNews = false
    for (const { labels, status } of receiver.posted.at(-1)!.body.alerts) {
      if (believed.has(labels.a) !== (status === 'firing')) isNews = true
      if (status === 'firing') believed.add(labels.a)
      else believed.delete(labels.a)
    }
    if (!isNews) wrong.push(`message ${receiver.posted.length} has nothing new`)
    return new Response()
  }
  const start = () =>
    new Notifier({
      config: { ...testConfig(), webhook: receiver.url, dataDir },
      operator: new OperatorNotifications(),
      warn: () => {},
      externalUrl: () => '',
      clock,
      timing: { wait: 10 * SECOND, interval: 60 * SECOND, repeat: Number.POSITIVE_INFINITY },
    })
  let notifier = start()
  const fire = new Set([ALWAYS])
  const send = () => notifier.send([...fire].map((a) => firing({ a }, clock.now())))
  const pass = async (milliseconds: number) => {
    send()
    clock.advance(milliseconds)
    await until('it waits', () => clock.waits.length > 0)
  }
  for (let step = 0; step < 400; step++) {
    const a = String(1 + random(6))
    const action = random(10)
    if (action < 3) fire.add(a)
    else if (action < 5 && fire.delete(a)) notifier.send([resolved({ a }, clock.now())])
    // Its rule is gone, or fails: nobody says that it has ended.
    else if (action < 6) fire.delete(a)
    else if (action < 7) isFailing = random(2) === 0
    else if (action < 8) {
      await notifier.stop()
      notifier = start()
    } else await pass((1 + random(59)) * SECOND)
    send()
  }
  isFailing = false
  for (let minute = 0; minute < 15; minute++) await pass(60 * SECOND)
  await until(`it believes what is true (seed ${seed})`, () => {
    return [...believed].sort().join() === [...fire].sort().join()
  })
  expect(wrong, `seed ${seed}`).toEqual([])
  expect(receiver.posted.length).toBeGreaterThan(20)
  await notifier.stop()
  await receiver.stop()
  rmSync(dataDir, { recursive: true })
})
