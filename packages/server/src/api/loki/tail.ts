// Live tail over WebSocket: /tail. First the newest lines so far, then each as it is indexed.

import type { Engine } from '../engine.ts'
import type { Asked, Route } from '../http/router.ts'
import type { Socket, SocketHandler } from '../http/socket.ts'
import { LokiError } from './answers.ts'
import { type Entry, entryOf } from './entry.ts'
import { nowOf, requireLogQuery } from './labels.ts'
import type { LogQuery } from './logql/ast.ts'
import { compilePipeline } from './logql/pipeline.ts'
import { checkLineLimit, readDelay, readLimit, readRange } from './parameters.ts'
import { wantsCategories } from './query.ts'
import { contentOf, readEntries } from './read.ts'
import { groupStreams } from './streams.ts'
import { TailQueue } from './tail-queue.ts'

/** As many as Loki allows. */
const MAX_TAILS = 10

export const tailRoutes = (engine: Engine): Route[] => {
  const tails = new Set<Tail>()
  return [
    {
      methods: ['GET'],
      path: '/loki/api/v1/tail',
      answer: (asked) => {
        const tail = new Tail(engine, readTail(engine, asked), () => tails.delete(tail))
        if (tails.size >= MAX_TAILS)
          throw new LokiError(
            `max concurrent tail requests limit exceeded, count > limit (${tails.size + 1} > ${MAX_TAILS})`,
          )
        return asked.upgrade({
          opened: (socket) => {
            tails.add(tail)
            tail.opened(socket)
          },
          drained: () => tail.drained(),
          closed: () => tail.closed(),
        })
      },
    },
  ]
}

interface TailQuery {
  readonly query: LogQuery
  /** Unix nanoseconds. */
  readonly start: bigint
  readonly end: bigint
  readonly limit: number
  readonly delayMilliseconds: number
  readonly categorize: boolean
}

function readTail(engine: Engine, { parameters, request }: Asked): TailQuery {
  const query = requireLogQuery(parameters.get('query') ?? '')
  const delayMilliseconds = readDelay(parameters) * 1000
  const limit = checkLineLimit(readLimit(parameters))
  const now = nowOf(engine)
  const { start } = readRange(parameters, now)
  return {
    query,
    start,
    end: now + 1n,
    limit,
    delayMilliseconds,
    categorize: wantsCategories(request),
  }
}

/** Lines that come soon after one another go out together. */
const GATHER_MILLISECONDS = 50
/** What may wait in the connection; the rest waits here, and what is too much is named as dropped. */
const MAX_UNSENT_BYTES = 1024 * 1024

class Tail implements SocketHandler {
  readonly #engine: Engine
  readonly #asked: TailQuery
  readonly #onEnd: () => void
  readonly #end = new AbortController()
  readonly #queue: TailQueue
  #socket: Socket | undefined
  #unsubscribe: (() => void) | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #pastIsShown = false

  constructor(engine: Engine, asked: TailQuery, onEnd: () => void) {
    this.#engine = engine
    this.#asked = asked
    this.#onEnd = onEnd
    this.#queue = new TailQueue(asked.delayMilliseconds)
  }

  opened(socket: Socket) {
    this.#socket = socket
    const pipeline = compilePipeline(this.#asked.query)
    // Listening begins before the past is read, so that nothing is missed between the two.
    this.#unsubscribe = this.#engine.store.subscribe({
      spans: () => {},
      logs: (logs) => {
        for (const log of logs) {
          const entry = pipeline(entryOf(log))
          if (entry) this.#queue.push(entry)
        }
        this.#schedule()
      },
    })
    this.#showPast().catch((error) => {
      console.error('Loki API: a live tail failed:', error)
      socket.close(1011, 'This is a fault of the engine; its log says more.')
    })
  }

  async #showPast() {
    const { query, start, end, limit } = this.#asked
    const past: Entry[] = []
    const scan = { start, end, direction: 'backward', signal: this.#end.signal } as const
    await readEntries(this.#engine, query, scan, (entry) => {
      past.push(entry)
      return past.length < limit
    })
    if (this.#end.signal.aborted) return
    // What came while they were read may be among them.
    const shown = new Set(past.map(contentWithTime))
    this.#queue.remove((entry) => shown.has(contentWithTime(entry)))
    if (past.length) this.#send(past.reverse(), [])
    this.#pastIsShown = true
    this.#flush()
  }

  drained() {
    this.#flush()
  }

  closed() {
    this.#end.abort()
    this.#unsubscribe?.()
    clearTimeout(this.#timer)
    this.#onEnd()
  }

  #schedule() {
    if (!this.#pastIsShown || this.#timer || this.#queue.size === 0) return
    const wait = Math.max(GATHER_MILLISECONDS, this.#queue.dueIn(Date.now()))
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#flush()
    }, wait)
  }

  #flush() {
    if (!this.#pastIsShown) return
    const socket = this.#socket!
    while (socket.getBufferedAmount() < MAX_UNSENT_BYTES) {
      const { entries, dropped } = this.#queue.take(Date.now())
      if (entries.length + dropped.length === 0) break
      this.#send(entries, dropped)
    }
    // A connection that is full calls again when it has room.
    if (socket.getBufferedAmount() < MAX_UNSENT_BYTES) this.#schedule()
  }

  #send(entries: readonly Entry[], dropped: readonly Entry[]) {
    const { categorize } = this.#asked
    this.#socket!.send(
      JSON.stringify({
        streams: groupStreams(entries, categorize),
        ...(categorize && { encodingFlags: ['categorize-labels'] }),
        ...(dropped.length && {
          dropped_entries: dropped.map(({ time, labels, metadata, parsed }) => ({
            timestamp: String(time),
            labels: categorize ? labels : { ...labels, ...metadata, ...parsed },
          })),
        }),
      }),
    )
  }
}

const contentWithTime = (entry: Entry) => `${entry.time} ${contentOf(entry)}`
