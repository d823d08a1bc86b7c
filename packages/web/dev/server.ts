// A stand-in for the engine, for working on the page alone and for its tests: the same routes and shapes, and the
// same content policy. See README.md.

import { join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  CHECKOUT,
  FEATURES,
  featureRun,
  hostileStep,
  largeRun,
  lostRun,
  unreportedRun,
} from './scenarios.ts'
import { createStore, type LiveEvent, type Store } from './store.ts'
import { createWorld, playAt, type World } from './world.ts'

const PAGE = fileURLToPath(new URL('../../../dist/web', import.meta.url))

const POLICY =
  "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'"

export interface Mock {
  readonly url: string
  readonly store: Store
  /** A world in real time, for scenarios that a test plays step by step. */
  readonly world: World
  readonly stop: () => Promise<void>
}

/** `port` 0: any free one. `hasFeed: false`: a back end without `/api/live`. */
export function startMock(options: { port: number; hasFeed?: boolean }): Mock {
  const store = createStore()
  const world = createWorld(store, () => Date.now())
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: options.port,
    idleTimeout: 0,
    fetch: (request) => {
      const url = new URL(request.url)
      if (url.pathname === '/api/live')
        return options.hasFeed === false
          ? notFound()
          : liveFeed(store, url.searchParams.get('trace'))
      return answer(store, url) ?? page(url.pathname)
    },
  })
  return { url: `http://127.0.0.1:${server.port}`, store, world, stop: () => server.stop(true) }
}

function answer(store: Store, { pathname, searchParams }: URL): Response | undefined {
  const data = (value: unknown) =>
    Response.json({ data: value, total: 0, limit: 0, offset: 0, errors: null })
  if (pathname === '/api/services') return data(store.services())
  const id = searchParams.get('traceID')
  if (pathname === '/api/traces' && id !== null) return data(store.trace(id) ?? [])
  if (pathname === '/api/traces')
    return data(
      store.search(
        searchParams.get('service') ?? '',
        JSON.parse(searchParams.get('tags') ?? '{}'),
        Number(searchParams.get('limit') ?? 20),
      ),
    )
  if (pathname === '/loki/api/v1/query_range') {
    const result = store.query(
      filterOf(searchParams.get('query') ?? ''),
      BigInt(searchParams.get('start') ?? 0),
      BigInt(searchParams.get('end') ?? 0),
      Number(searchParams.get('limit') ?? 100),
    )
    return Response.json({ status: 'success', data: { resultType: 'streams', result } })
  }
  return undefined
}

/** The label filters of the page's own queries: `| name="text"` and `| name=~"expression"`. */
function filterOf(query: string) {
  const filters = [...query.matchAll(/\| (\w+)(=~|=)("(?:[^"\\]|\\.)*")/g)].map(
    ([, name = '', operator, text = '""']) => {
      const wanted = JSON.parse(text) as string
      const expression = operator === '=~' ? new RegExp(`^(?:${wanted})$`) : undefined
      return (metadata: Readonly<Record<string, string>>) =>
        expression ? expression.test(metadata[name] ?? '') : metadata[name] === wanted
    },
  )
  return (metadata: Readonly<Record<string, string>>) => filters.every((filter) => filter(metadata))
}

function liveFeed(store: Store, trace: string | null): Response {
  const encoder = new TextEncoder()
  let stop = () => {}
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(': connected\n\n'))
      stop = store.listen(({ id, event, traceId, data }: LiveEvent) => {
        if (trace !== null && trace !== traceId) return
        controller.enqueue(
          encoder.encode(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
        )
      })
    },
    cancel: () => stop(),
  })
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
  })
}

const notFound = () => new Response('404 page not found\n', { status: 404 })

/** A file of the built page, or, for the page's own addresses, the page. */
async function page(pathname: string): Promise<Response> {
  const headers = { 'content-security-policy': POLICY }
  const path = join(PAGE, normalize(pathname))
  const file = Bun.file(path)
  if (path.startsWith(`${PAGE}/`) && (await file.exists())) return new Response(file, { headers })
  if (/\.\w+$/.test(pathname) || pathname.startsWith('/api/')) return notFound()
  return new Response(Bun.file(join(PAGE, 'index.html')), { headers })
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** A past: runs that ended in every way, over three days before `now`. */
export function playHistory(store: Store, now: number, spans = 10_000): void {
  playAt(store, now - 71 * HOUR, (world) => largeRun(world, spans))
  playAt(store, now - 50 * HOUR, hostileStep)
  for (let index = 0; index < 20; index++) {
    const feature = FEATURES[(index * 7) % FEATURES.length]!
    const name = `${feature.template}-${(index * 7919 + 4242).toString(36)}`
    playAt(store, now - (48 - index * 2) * HOUR, (world) => featureRun(world, { ...feature, name }))
  }
  playAt(store, now - 3 * HOUR, unreportedRun)
  playAt(store, now - 42 * MINUTE, lostRun)
  playAt(store, now - 25 * MINUTE, (world) => featureRun(world, FEATURES[2]!))
  playAt(store, now - 11 * MINUTE, (world) => featureRun(world, CHECKOUT))
}

/** Plays live runs for ever, each `pause` milliseconds after the one before. */
async function playLive({ world }: Mock, pause: number): Promise<never> {
  setInterval(() => world.announceRunning(), 10_000)
  for (let index = 0; ; index++) {
    const feature = FEATURES[index % FEATURES.length]!
    const name = `${feature.template}-${Date.now().toString(36).slice(-5)}`
    for (const wait of featureRun(world, { ...feature, name })) await Bun.sleep(wait * 2)
    await Bun.sleep(pause)
  }
}

if (import.meta.main) {
  const at = process.argv.indexOf('--port')
  const mock = startMock({ port: at < 0 ? 5173 : Number(process.argv[at + 1]) })
  playHistory(mock.store, Date.now())
  process.stdout.write(`${mock.url}\n`)
  await playLive(mock, 30_000)
}
