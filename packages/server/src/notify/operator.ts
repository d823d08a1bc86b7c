// What the operator should see while it lasts, as Prometheus' page has it: `/api/v1/notifications`.

export interface OperatorNotification {
  readonly text: string
  /** Milliseconds since the Unix epoch. */
  readonly date: number
  /** False once, for who listens, when it is over. */
  readonly active: boolean
}

/** Prometheus' sentence. */
export const RELOAD_FAILED = 'Configuration reload has failed.'
export const SHUTTING_DOWN = 'Stepwell is shutting down and gracefully stopping all operations.'

type Listener = (notification: OperatorNotification) => void

export class OperatorNotifications {
  readonly #now: () => number
  readonly #standing = new Map<string, OperatorNotification>()
  readonly #listeners = new Set<Listener>()

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  get list(): readonly OperatorNotification[] {
    return [...this.#standing.values()]
  }

  get listening(): number {
    return this.#listeners.size
  }

  /** What stands already gets the new date. */
  add(text: string): void {
    const notification = { text, date: this.#now(), active: true }
    this.#standing.set(text, notification)
    this.#tell(notification)
  }

  remove(text: string): void {
    const notification = this.#standing.get(text)
    if (notification === undefined) return
    this.#standing.delete(text)
    this.#tell({ ...notification, active: false })
  }

  /** Tells what stands, and from now on all that changes, until what it gives is called. */
  listen(listener: Listener): () => void {
    for (const notification of this.#standing.values()) listener(notification)
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(notification: OperatorNotification): void {
    for (const listener of this.#listeners) listener(notification)
  }
}
