// One receiver that has no Alertmanager before it: alerts of one name are one message, told when something begins to
// fire or ends, again every few hours, and once over a restart.

import { type Alert, keyed } from '../alert.ts'
import type { Clock } from '../clock.ts'
import type { Endpoint } from '../endpoint.ts'
import { Pause } from '../pause.ts'
import { AlertGroup, type GroupMessage, TIMING, type Timing } from './group.ts'
import type { ToldFile } from './told-file.ts'

export interface Format {
  /** Alerts that a message may have. */
  readonly most: number
  body(message: GroupMessage): unknown
}

/** Alerts that are kept in mind. */
const CAPACITY = 10_000
const FIRST_PAUSE = 1000
const LONGEST_PAUSE = 5 * 60_000

export class Receiver {
  readonly endpoint: Endpoint
  readonly #clock: Clock
  readonly #format: Format
  readonly #file: ToldFile
  readonly #timing: Timing
  /** By alert name. One that could not be told goes behind the others. */
  readonly #groups = new Map<string, AlertGroup>()
  readonly #pause: Pause
  readonly #stopped = new AbortController()
  #pausedUntil = Number.NEGATIVE_INFINITY
  #cancel = () => {}
  #busy = false
  #done = Promise.resolve()
  #stopping = false

  constructor(
    endpoint: Endpoint,
    format: Format,
    file: ToldFile,
    clock: Clock,
    timing: Timing = TIMING,
  ) {
    this.endpoint = endpoint
    this.#format = format
    this.#file = file
    this.#clock = clock
    this.#timing = timing
    this.#pause = new Pause(clock, FIRST_PAUSE, LONGEST_PAUSE)
    this.#restore()
  }

  get queueLength(): number {
    let count = 0
    for (const group of this.#groups.values()) count += group.news
    return count
  }

  send(alerts: readonly Alert[]): void {
    const now = this.#clock.now()
    let size = 0
    for (const group of this.#groups.values()) size += group.size
    let changed = false
    let lost = 0
    for (const alert of alerts) {
      const name = alert.labels.alertname ?? ''
      const known = this.#groups.get(name)
      if (alert.resolved && known === undefined) continue
      if (!alert.resolved && !known?.has(alert) && size++ >= CAPACITY) {
        lost++
        continue
      }
      const group = known ?? new AlertGroup(name, this.#timing)
      this.#groups.set(name, group)
      if (group.take(alert, now)) changed = true
      if (group.size === 0) this.#groups.delete(name)
    }
    if (lost > 0) this.endpoint.drop(lost, 'too many wait')
    // Where the disk was full, there may be room now.
    if (changed || this.#file.isBehind) this.#save()
    this.#arm()
  }

  /** What is new is told, for so long at the most; what was not told is when the engine is there again. */
  async stop(milliseconds: number): Promise<void> {
    this.#stopping = true
    this.#cancel()
    const cancel = this.#clock.after(milliseconds, () => this.#stopped.abort())
    await this.#done
    for (const group of [...this.#groups.values()])
      if (group.news > 0 && !(await this.#tell(group))) break
    if (this.#file.isBehind) this.#save()
    cancel()
  }

  #arm(): void {
    if (this.#busy || this.#stopping) return
    this.#cancel()
    let due = Number.POSITIVE_INFINITY
    for (const group of this.#groups.values()) due = Math.min(due, group.dueAt ?? due)
    if (due === Number.POSITIVE_INFINITY) return
    const wait = Math.max(due, this.#pausedUntil) - this.#clock.now()
    this.#cancel = this.#clock.after(Math.max(wait, 0), () => {
      this.#busy = true
      this.#done = this.#work()
    })
  }

  async #work(): Promise<void> {
    for (const group of [...this.#groups.values()]) {
      const now = this.#clock.now()
      if (group.expire(now)) this.#save()
      if (group.isToBeTold(now) && !(await this.#tell(group))) break
      if (group.size === 0) this.#groups.delete(group.name)
    }
    this.#busy = false
    this.#arm()
  }

  /** Says whether another can be told. */
  async #tell(group: AlertGroup): Promise<boolean> {
    const message = group.message(this.#format.most)
    const body = this.#format.body(message)
    const outcome = await this.endpoint.post(body, message.alerts.length, this.#stopped.signal)
    const now = this.#clock.now()
    if (outcome.taken || outcome.lasting) {
      this.#pause.reset()
      group.delivered(message, now)
      this.#save()
      return true
    }
    this.#pausedUntil = now + this.#pause.take(outcome.retryAfter)
    group.failed(now)
    // One that the receiver chokes on must not keep back the others.
    this.#groups.delete(group.name)
    if (group.size > 0) this.#groups.set(group.name, group)
    return false
  }

  #save(): void {
    const groups = [...this.#groups.values()].flatMap(({ name, toldAt, told }) => {
      if (toldAt === undefined || told.length === 0) return []
      const alerts = told.map(({ alert: { key, ...alert }, validFor }) => ({ ...alert, validFor }))
      return [{ name, toldAt, alerts }]
    })
    this.#file.write(groups)
  }

  /** What fired fires on for as long as if it had been said just now: the rules have that time to say it. */
  #restore(): void {
    const now = this.#clock.now()
    for (const { name, toldAt, alerts } of this.#file.read()) {
      const known = alerts.map(({ validFor, ...alert }) => ({
        alert: keyed(alert),
        validFor,
        validUntil: now + validFor,
        told: true,
      }))
      const group = new AlertGroup(name, this.#timing)
      group.restore(known, toldAt, now)
      this.#groups.set(name, group)
    }
    this.#arm()
  }
}
