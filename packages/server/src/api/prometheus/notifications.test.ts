// test/peers holds the shapes against a real Prometheus.

import { afterEach, expect, test } from 'bun:test'
import { RELOAD_FAILED } from '../../notify/operator.ts'
import { startTestEngine, type TestEngine } from '../testing/engine.ts'

const endings: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

async function start(config: Parameters<typeof startTestEngine>[0] = {}): Promise<TestEngine> {
  const engine = await startTestEngine(config)
  endings.push(() => engine.stop())
  return engine
}

const data = async (engine: TestEngine, path: string) => {
  const response = await fetch(`${engine.url.prometheus}/api/v1/${path}`)
  return ((await response.json()) as { data: unknown }).data
}

/** Reads the events one after the other. */
async function listen(engine: TestEngine) {
  const response = await fetch(`${engine.url.prometheus}/api/v1/notifications/live`)
  const reader = response.body!.getReader()
  endings.push(() => reader.cancel())
  const next = async () => new TextDecoder().decode((await reader.read()).value)
  return { response, next, leave: () => reader.cancel() }
}

const event = (active: boolean) =>
  `data: {"text":"${RELOAD_FAILED}","date":"2026-11-20T10:30:00.000Z","active":${active}}\n\n`

test('Alertmanagers are named without their credentials', async () => {
  const alertmanagers = ['http://user:secret@127.0.0.1:9093/am', 'https://alerts.example.org']
  expect(await data(await start({ alertmanagers }), 'alertmanagers')).toEqual({
    activeAlertmanagers: [
      { url: 'http://127.0.0.1:9093/am/api/v2/alerts' },
      { url: 'https://alerts.example.org/api/v2/alerts' },
    ],
    droppedAlertmanagers: [],
  })
})

test('no answer has a secret of a URL', async () => {
  const engine = await start({
    alertmanagers: ['http://user:secret@127.0.0.1:9093/am'],
    webhook: 'http://user:secret@127.0.0.1/hook-secret?key=secret',
    slack: 'https://hooks.slack.com/services/secret',
  })
  const paths = [
    'alertmanagers',
    'notifications',
    'status/config',
    'status/flags',
    'status/runtimeinfo',
  ]
  const answers = [
    ...(await Promise.all(paths.map((path) => data(engine, path)))).map((each) =>
      JSON.stringify(each).replaceAll('"<secret>"', ''),
    ),
    await (await fetch(`${engine.url.metrics}/metrics`)).text(),
  ]
  expect(answers.join('\n')).toContain('am/api/v2/alerts')
  expect(answers.join('\n')).not.toMatch(/secret|user[:%@]/)
})

test('the operator sees what stands, and no more when it is over', async () => {
  const engine = await start()
  expect(await data(engine, 'notifications')).toEqual([])
  engine.operator.add(RELOAD_FAILED)
  engine.operator.add(RELOAD_FAILED)
  expect(await data(engine, 'notifications')).toEqual([
    { text: RELOAD_FAILED, date: '2026-11-20T10:30:00.000Z', active: true },
  ])
  engine.operator.remove(RELOAD_FAILED)
  expect(await data(engine, 'notifications')).toEqual([])
})

test('live: first what stands, then each change', async () => {
  const engine = await start()
  engine.operator.add(RELOAD_FAILED)
  const { response, next } = await listen(engine)
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  expect(response.headers.get('cache-control')).toBe('no-cache')
  expect(await next()).toBe(event(true))
  engine.operator.remove(RELOAD_FAILED)
  expect(await next()).toBe(event(false))
})

test('live: who listens while nothing stands is answered at once', async () => {
  const engine = await start()
  const { next } = await listen(engine)
  expect(await next()).toBe(':\n\n')
  engine.operator.add(RELOAD_FAILED)
  expect(await next()).toBe(event(true))
})

test('sixteen may listen; one that leaves makes room', async () => {
  const engine = await start()
  engine.operator.add(RELOAD_FAILED)
  const listeners = []
  for (let count = 0; count < 16; count++) listeners.push(await listen(engine))
  const url = `${engine.url.prometheus}/api/v1/notifications/live`
  const late = await fetch(url)
  expect(late.status).toBe(204)
  expect(engine.operator.listening).toBe(16)
  await listeners[0]!.leave()
  const limit = performance.now() + 10_000
  while (engine.operator.listening === 16 && performance.now() < limit) await Bun.sleep(2)
  expect(engine.operator.listening).toBe(15)
})
