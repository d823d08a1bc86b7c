// One Alertmanager, by its API of version 2. It has a queue of its own, so that it delays no other when it is slow or
// down, and one request at a time, so that no older state of an alert overtakes a newer one.

import type { Alert } from './alert.ts'
import type { Clock } from './clock.ts'
import type { Endpoint } from './endpoint.ts'
import { Pause } from './pause.ts'
import { AlertQueue } from './queue.ts'

/** Prometheus' most alerts of a request. */
const BATCH = 256
const FIRST_PAUSE = 1000
const LONGEST_PAUSE = 30_000

export class Alertmanager {
  readonly endpoint: Endpoint
  readonly #queue: AlertQueue
  readonly #clock: Clock
  readonly #stopped = new AbortController()
  readonly #pause: Pause
  #busy = false
  #done = Promise.resolve()
  #stopping = false

  constructor(endpoint: Endpoint, clock: Clock, queue = new AlertQueue()) {
    this.endpoint = endpoint
    this.#clock = clock
    this.#queue = queue
    this.#pause = new Pause(clock, FIRST_PAUSE, LONGEST_PAUSE)
  }

  get queueLength(): number {
    return this.#queue.length
  }

  send(alerts: readonly Alert[]): void {
    this.#lost(this.#queue.put(alerts))
    this.#run()
  }

  /** What waits is sent, for so long at the most. */
  async stop(milliseconds: number): Promise<void> {
    this.#stopping = true
    this.#pause.end()
    const cancel = this.#clock.after(milliseconds, () => this.#stopped.abort())
    this.#run()
    await this.#done
    cancel()
    if (this.#queue.length > 0)
      this.endpoint.drop(this.#queue.length, 'they waited when the engine stopped')
  }

  #run(): void {
    if (this.#busy) return
    this.#busy = true
    this.#done = this.#work()
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      const { batch, useless } = this.#queue.take(BATCH, this.#clock.now())
      if (useless > 0) this.endpoint.drop(useless, 'they waited until they held no more')
      if (batch.length === 0) continue
      const body = batch.map(postableAlert)
      const outcome = await this.endpoint.post(body, batch.length, this.#stopped.signal)
      if (outcome.taken || outcome.lasting) {
        this.#pause.reset()
        continue
      }
      this.#lost(this.#queue.putBack(batch))
      if (this.#stopping) break
      await this.#pause.wait(outcome.retryAfter)
    }
    this.#busy = false
  }

  #lost(count: number): void {
    if (count > 0) this.endpoint.drop(count, 'too many wait')
  }
}

/** `postableAlert` of the API's definition, with the fields that Prometheus gives. */
const postableAlert = ({ labels, annotations, startsAt, endsAt, generatorUrl }: Alert) => ({
  ...(Object.keys(annotations).length > 0 && { annotations }),
  endsAt: new Date(endsAt).toISOString(),
  startsAt: new Date(startsAt).toISOString(),
  generatorURL: generatorUrl,
  labels,
})
