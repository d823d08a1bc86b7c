// What waits for one Alertmanager: of each alert the newest state, in the place where its oldest one stood.

import type { Alert } from './alert.ts'

/** Prometheus' capacity. */
export const QUEUE_CAPACITY = 10_000

/** For so long it is worth telling that an alert has ended: so long the rules say it again. */
const RESOLVED_MILLISECONDS = 15 * 60_000

export class AlertQueue {
  readonly #capacity: number
  #waiting = new Map<string, Alert>()

  constructor(capacity = QUEUE_CAPACITY) {
    this.#capacity = capacity
  }

  get length(): number {
    return this.#waiting.size
  }

  /** Gives how many of the oldest had to go. */
  put(alerts: readonly Alert[]): number {
    for (const alert of alerts) this.#waiting.set(alert.key, alert)
    return this.#shrink()
  }

  /** Takes the first ones out, and what is of no use any more. */
  take(most: number, now: number): { readonly batch: readonly Alert[]; readonly useless: number } {
    const batch: Alert[] = []
    let useless = 0
    for (const [key, alert] of this.#waiting) {
      if (batch.length === most) break
      this.#waiting.delete(key)
      if (isOfUse(alert, now)) batch.push(alert)
      else useless++
    }
    return { batch, useless }
  }

  /** What could not be sent waits in front again, unless something newer is known of it. Gives how many had to go. */
  putBack(batch: readonly Alert[]): number {
    const back = batch.filter(({ key }) => !this.#waiting.has(key))
    this.#waiting = new Map([...back.map((alert) => [alert.key, alert] as const), ...this.#waiting])
    return this.#shrink()
  }

  #shrink(): number {
    const excess = Math.max(this.#waiting.size - this.#capacity, 0)
    for (const key of [...this.#waiting.keys()].slice(0, excess)) this.#waiting.delete(key)
    return excess
  }
}

/** That an alert fires holds until its end: told later, it would say that the alert has ended. */
const isOfUse = ({ resolved, endsAt }: Alert, now: number): boolean =>
  now < (resolved ? endsAt + RESOLVED_MILLISECONDS : endsAt)
