// The alerts of one name, as a receiver without an Alertmanager knows them: which of them it has been told of, and when
// it is to be told again.

import type { Alert } from '../alert.ts'

export interface Timing {
  /** So long after something new the others of its kind are waited for. */
  readonly wait: number
  /** A group is told of at the most so often. */
  readonly interval: number
  /** What goes on firing is told again. */
  readonly repeat: number
}

/** Milliseconds. Alertmanager waits for 30 s and 5 min; it tells many people, and we the one at the desk. */
export const TIMING: Timing = { wait: 10_000, interval: 60_000, repeat: 4 * 3_600_000 }

/** An alert as it is now. */
export interface KnownAlert {
  readonly alert: Alert
  /** Milliseconds for which word of it holds: it has ended when nothing more is said for so long. */
  readonly validFor: number
  readonly validUntil: number
  /** The receiver believes that it fires. */
  readonly told: boolean
}

export interface GroupMessage {
  readonly name: string
  /** What is new comes first. */
  readonly alerts: readonly (Alert & { readonly isNew: boolean })[]
  /** Alerts of the group that are not among them. */
  readonly truncated: number
}

const NEVER = Number.POSITIVE_INFINITY

/** It must be told that it fires, or that it does so no more. */
const isNew = ({ alert, told }: KnownAlert): boolean => told === alert.resolved

export class AlertGroup {
  readonly name: string
  readonly #timing: Timing
  readonly #known = new Map<string, KnownAlert>()
  #news = 0
  #toldAt: number | undefined
  /** Since when there has been something new. */
  #newSince: number | undefined
  /** A message is under way. */
  #telling = false

  constructor(name: string, timing: Timing) {
    this.name = name
    this.#timing = timing
  }

  /** Takes up what an earlier process had told. */
  restore(known: readonly KnownAlert[], toldAt: number, now: number): void {
    for (const each of known) this.#set(each)
    this.#toldAt = toldAt
    this.#seeNews(now)
  }

  get size(): number {
    return this.#known.size
  }

  /** Alerts that the receiver must hear of. */
  get news(): number {
    return this.#news
  }

  /** When it was told last, and what it has been told: what outlasts the process. */
  get toldAt(): number | undefined {
    return this.#toldAt
  }
  get told(): readonly KnownAlert[] {
    return [...this.#known.values()].filter(({ told }) => told)
  }

  has({ key }: Alert): boolean {
    return this.#known.has(key)
  }

  /** Says whether what outlasts the process has changed. */
  take(alert: Alert, now: number): boolean {
    const known = this.#known.get(alert.key)
    if (alert.resolved && known === undefined) return false
    if (alert.resolved && !known?.told && !this.#telling) {
      // It has come and gone before anybody was told.
      this.#forget(alert.key)
      this.#seeNews(now)
      return false
    }
    const goesOn = known !== undefined && !known.alert.resolved
    // After a restart the rules take up an alert as one that begins to fire then.
    const startsAt = goesOn ? Math.min(known.alert.startsAt, alert.startsAt) : alert.startsAt
    const told = known?.told ?? false
    this.#set({
      alert: { ...alert, startsAt },
      validFor: alert.resolved ? 0 : alert.endsAt - now,
      validUntil: alert.endsAt,
      told,
    })
    this.#seeNews(now)
    return told && goesOn === alert.resolved
  }

  /** What nobody has spoken of for too long has ended. Says whether there was such. */
  expire(now: number): boolean {
    let any = false
    for (const known of this.#known.values()) {
      const { alert, validUntil } = known
      if (alert.resolved || validUntil > now) continue
      this.#set({ ...known, alert: { ...alert, resolved: true, endsAt: validUntil } })
      any = true
    }
    if (any) this.#seeNews(now)
    return any
  }

  /** When something is to be done: told, or found to have ended. Undefined where there is nothing. */
  get dueAt(): number | undefined {
    let due = this.#tellAt
    for (const { alert, validUntil } of this.#known.values())
      if (!alert.resolved) due = Math.min(due, validUntil)
    return due === NEVER ? undefined : due
  }

  isToBeTold(now: number): boolean {
    return this.#tellAt <= now
  }

  /** @param most alerts */
  message(most: number): GroupMessage {
    this.#telling = true
    const alerts = [...this.#known.values()]
      .map((known) => ({ ...known.alert, isNew: isNew(known) }))
      .sort((a, b) => Number(b.isNew) - Number(a.isNew) || (a.key < b.key ? -1 : 1))
    const told = alerts.slice(0, most)
    return { name: this.name, alerts: told, truncated: alerts.length - told.length }
  }

  /** It could not be told. */
  failed(now: number): void {
    this.#telling = false
    for (const [key, { alert, told }] of this.#known) if (alert.resolved && !told) this.#forget(key)
    this.#seeNews(now)
  }

  /** The receiver has been told; meanwhile, something may have changed again. */
  delivered({ alerts }: GroupMessage, now: number): void {
    this.#telling = false
    for (const { key, resolved } of alerts) {
      const known = this.#known.get(key)!
      if (resolved && known.alert.resolved) this.#forget(key)
      else this.#set({ ...known, told: !resolved })
    }
    this.#toldAt = now
    this.#newSince = undefined
    this.#seeNews(now)
  }

  get #tellAt(): number {
    const { wait, interval, repeat } = this.#timing
    const toldAt = this.#toldAt ?? -NEVER
    if (this.#newSince !== undefined) return Math.max(this.#newSince + wait, toldAt + interval)
    const isFiring = [...this.#known.values()].some(({ alert }) => !alert.resolved)
    return isFiring && this.#toldAt !== undefined ? toldAt + repeat : NEVER
  }

  #seeNews(now: number): void {
    this.#newSince = this.news > 0 ? (this.#newSince ?? now) : undefined
  }

  #set(known: KnownAlert): void {
    const before = this.#known.get(known.alert.key)
    this.#known.set(known.alert.key, known)
    this.#news += Number(isNew(known)) - Number(before !== undefined && isNew(before))
  }

  #forget(key: string): void {
    const known = this.#known.get(key)
    if (known !== undefined && isNew(known)) this.#news--
    this.#known.delete(key)
  }
}
