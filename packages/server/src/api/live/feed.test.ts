import { afterEach, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { startTestEngine } from '../testing/engine.ts'
import { logsRequest, START, TRACE, tracesRequest } from '../testing/input.ts'
import { FakeStore } from '../testing/store.ts'
import { type FeedOptions, LiveFeed, type Subscription } from './feed.ts'

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0)) await end()
})

function openFeed(options: FeedOptions = {}) {
  const store = new FakeStore()
  const feed = new LiveFeed(store, options)
  endings.push(() => feed.close())
  return { store, feed, read: (subscription: Subscription = {}) => readFeed(feed, subscription) }
}

interface Message {
  readonly id: string | undefined
  readonly event: string | undefined
  readonly data: string | undefined
  readonly comment: string | undefined
}

/** Reads one block of the stream after the other. */
function readFeed(feed: LiveFeed, subscription: Subscription) {
  const reader = feed.open(subscription).getReader()
  const decoder = new TextDecoder()
  let buffer = ''
  const next = async (): Promise<Message> => {
    while (!buffer.includes('\n\n')) {
      const { value, done } = await reader.read()
      if (done) throw new Error('the feed ended')
      buffer += decoder.decode(value, { stream: true })
    }
    const end = buffer.indexOf('\n\n')
    const lines = buffer.slice(0, end).split('\n')
    buffer = buffer.slice(end + 2)
    const field = (name: string) =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
    return {
      id: field('id'),
      event: field('event'),
      data: field('data'),
      comment: lines.find((line) => line.startsWith(':')),
    }
  }
  return { next, cancel: () => reader.cancel() }
}

test('spans come as partial Jaeger traces, one event for each trace', async () => {
  const { store, read } = openFeed()
  const { next } = read()
  expect(await next()).toMatchObject({ event: undefined, comment: ': stepwell live feed' })
  store.acceptTraces(tracesRequest([{ name: 'one' }, { name: 'other', trace: 'f'.repeat(32) }]))
  const [first, second] = [await next(), await next()]
  expect(first.event).toBe('spans')
  const trace = JSON.parse(first.data!)
  expect(trace).toMatchObject({
    traceID: TRACE,
    spans: [{ operationName: 'one', startTime: 1_795_170_000_000_000, processID: 'p1' }],
    processes: { p1: { serviceName: 'shop' } },
  })
  expect(JSON.parse(second.data!).traceID).toBe('f'.repeat(32))
  expect(Number(second.id)).toBe(Number(first.id) + 1)
})

test("logs come in the shape of Loki's tail", async () => {
  const { store, read } = openFeed()
  const { next } = read()
  await next()
  store.acceptLogs(
    logsRequest([
      { time: START, line: 'hello', traceId: TRACE, eventName: 'stepwell.step.started' },
    ]),
  )
  const { event, data } = await next()
  expect(event).toBe('logs')
  expect(JSON.parse(data!)).toEqual({
    streams: [
      {
        stream: { service_name: 'shop' },
        values: [
          [
            String(START),
            'hello',
            { event_name: 'stepwell.step.started', trace_id: TRACE, detected_level: 'unknown' },
          ],
        ],
      },
    ],
  })
})

test('a subscription to a trace has that trace alone', async () => {
  const { store, read } = openFeed()
  const { next } = read({ traceId: TRACE })
  await next()
  store.acceptTraces(tracesRequest([{ trace: 'f'.repeat(32) }]))
  store.acceptTraces(tracesRequest([{ name: 'mine' }]))
  expect(JSON.parse((await next()).data!).spans[0].operationName).toBe('mine')
})

test('Last-Event-ID goes on from there', async () => {
  const { store, read } = openFeed()
  const first = read()
  const { id } = await first.next()
  await first.cancel()
  store.acceptTraces(tracesRequest([{ name: 'while away' }]))
  const { next } = read({ lastEventId: id })
  await next()
  expect(JSON.parse((await next()).data!).spans[0].operationName).toBe('while away')
})

test('an id that the ring no longer has, or never had, is answered by a reset', async () => {
  const { store, feed, read } = openFeed({ maxBytes: 2000 })
  const { next } = read()
  const { id } = await next()
  for (let i = 0; i < 20; i++)
    store.acceptTraces(tracesRequest([{ id: `${i + 10}`.padStart(16, '0') }]))
  for (const lastEventId of [id, '17', '99999999999999999999', 'x']) {
    const late = readFeed(feed, { lastEventId })
    const opening = await late.next()
    if (lastEventId === 'x' || lastEventId?.length === 20) expect(opening.id).toBeDefined()
    else expect((await late.next()).event).toBe('reset')
    store.acceptTraces(tracesRequest([{ trace: 'e'.repeat(32), id: 'e'.repeat(16), name: 'new' }]))
    await late.cancel()
  }
})

test('a reader that falls behind is told so, and goes on with what is new', async () => {
  const { store, read } = openFeed({ maxBytes: 2000 })
  const { next } = read()
  await next()
  for (let i = 0; i < 20; i++)
    store.acceptTraces(tracesRequest([{ id: `${i + 10}`.padStart(16, '0') }]))
  expect((await next()).event).toBe('reset')
  store.acceptTraces(tracesRequest([{ id: 'abcdef0123456789', name: 'after the reset' }]))
  expect(JSON.parse((await next()).data!).spans[0].operationName).toBe('after the reset')
})

test('a quiet feed says that it lives', async () => {
  const { read } = openFeed({ heartbeatMilliseconds: 5 })
  const { next } = read()
  await next()
  expect(await next()).toMatchObject({ comment: ':', event: undefined })
})

test('without readers nothing is kept, and the store has no listener', async () => {
  const { store, feed, read } = openFeed({ heartbeatMilliseconds: 5, lingerMilliseconds: 0 })
  expect(store.listening).toBe(0)
  const { next, cancel } = read()
  await next()
  expect(store.listening).toBe(1)
  await cancel()
  expect(feed.size).toBe(0)
  await until(() => store.listening === 0)
})

test('a client that does not read is dropped', async () => {
  const { store, feed } = openFeed({ heartbeatMilliseconds: 5, patienceMilliseconds: 20 })
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () => new Response(feed.open({}), { headers: { 'content-type': 'text/event-stream' } }),
  })
  endings.push(() => server.stop(true))
  const socket = connect(server.port!, '127.0.0.1')
  socket.on('error', () => {})
  endings.push(() => socket.destroy())
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  socket.pause()
  await until(() => feed.size === 1)
  // More than the buffers of both ends hold.
  const filler = 'x'.repeat(200_000)
  let round = 0
  await until(() => {
    round++
    store.acceptLogs(logsRequest([{ time: START + BigInt(round), line: filler }]))
    store.logs.length = 0
    return feed.size === 0
  })
  expect(feed.size).toBe(0)
})

test('over HTTP', async () => {
  const engine = await startTestEngine()
  endings.push(engine.stop)
  const response = await fetch(`${engine.url.ui}/api/live?trace=${TRACE}`)
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  const reader = response.body!.getReader()
  await reader.read()
  engine.store.acceptTraces(tracesRequest([{ name: 'live' }]))
  const { value } = await reader.read()
  expect(new TextDecoder().decode(value)).toMatch(
    /^id: \d+\nevent: spans\ndata: \{.*"live".*\}\n\n$/,
  )
  await reader.cancel()
})

async function until(condition: () => boolean) {
  const limit = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > limit) throw new Error('waited 10 s')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
