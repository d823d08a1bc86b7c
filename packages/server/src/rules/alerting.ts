// An alerting rule: which of its alerts are pending, firing or resolved, from one evaluation to the next.

import { type FloatHistogram, isStale, type Labels, type Matcher } from '@stepwell/promql'
import { instantVector, keyOf, merged, type RuleSample, type Setting } from './evaluate.ts'
import type { AlertingRule } from './file.ts'
import type { Environment, Sample } from './template/sample.ts'
import { expandTemplate } from './template/template.ts'

export type AlertState = 'pending' | 'firing' | 'inactive'

/** Times are milliseconds since the Unix epoch. */
export interface Alert {
  readonly labels: Labels
  readonly annotations: Labels
  readonly state: AlertState
  readonly value: number | FloatHistogram
  /** Since when its condition has held. */
  readonly activeAt: number
  readonly firedAt?: number
  /** Since when its condition has held no more, while it is kept firing. */
  readonly keepFiringSince?: number
  readonly resolvedAt?: number
  /** When somebody was last told of it. */
  readonly lastSentAt?: number
}

type Kept = { -readonly [K in keyof Alert]: Alert[K] }

const TIMES = ['activeAt', 'firedAt', 'keepFiringSince', 'resolvedAt', 'lastSentAt'] as const

/** For so long a resolved alert is known, so that whoever is told of it hears that too. */
const RESOLVED_RETENTION = 15 * 60_000

/** Who is told of alerts is told again after this. */
export const RESEND_DELAY = 60_000

/** After a longer pause nothing is taken up: an alert begins anew. */
export const PAUSE_TOLERANCE = 60 * 60_000

export class AlertingEvaluation {
  readonly rule: AlertingRule
  readonly #setting: Setting
  #alerts = new Map<string, Kept>()
  /** Since when alerts have been active that the next evaluation may find again, by the key of their series. */
  #restored = new Map<string, number>()

  constructor(rule: AlertingRule, setting: Setting) {
    this.rule = rule
    this.#setting = setting
  }

  /** All that are known: the resolved ones, which are inactive, too. */
  get alerts(): readonly Alert[] {
    return [...this.#alerts.values()]
  }

  /** Goes on with the alerts of a rule that is the same, or as good as. */
  takeOver(alerts: Iterable<Alert>): void {
    for (const alert of alerts) this.#alerts.set(keyOf(alert.labels), { ...alert })
  }

  /**
   * Those that somebody is to be told of at `time`: what fires, at once and again each minute; what is resolved, for as
   * long as it is known, unless nobody heard of it before.
   */
  takeDue(time: number): Alert[] {
    const due = [...this.#alerts.values()].filter((alert) => isDue(alert, time))
    for (const alert of due) alert.lastSentAt = time
    return due.map((alert) => ({ ...alert }))
  }

  /** The clock has been set back to `time`: nothing happened after it. */
  turnBack(time: number): void {
    for (const alert of this.#alerts.values())
      for (const name of TIMES)
        if (alert[name] !== undefined) alert[name] = Math.min(alert[name], time)
  }

  /** Those of the alerts that are pending or firing, by key. */
  get series(): ReadonlyMap<string, Labels> {
    const active = [...this.#alerts.values()].filter(({ state }) => state !== 'inactive')
    const all = active.flatMap((alert) => this.#samples(alert, 0))
    return new Map(all.map(({ labels }) => [keyOf(labels), labels]))
  }

  /**
   * Takes up what `ALERTS_FOR_STATE` says of the alerts before a pause, which ends at `time`: one that fired fires again
   * at once if its condition still holds, one that was pending goes on where it was. Gives the series that were going on.
   */
  async restore(time: number): Promise<ReadonlyMap<string, Labels>> {
    const { rule } = this
    const matchers: Matcher[] = [
      { name: '__name__', type: '=~', value: 'ALERTS|ALERTS_FOR_STATE' },
      { name: 'alertname', type: '=', value: rule.name },
    ]
    // What a template makes is not known before.
    for (const [name, value] of rule.labels)
      if (!value.includes('{{')) matchers.push({ name, type: '=', value })
    const start = time - PAUSE_TOLERANCE
    const going = new Map<string, Labels>()
    for (const { labels, samples } of await this.#setting.source.select({
      matchers,
      start,
      end: time,
    })) {
      const { timestamps, values } = samples
      const last = values.length - 1
      if (last < 0 || isStale(values, last)) continue
      going.set(keyOf(labels), labels)
      if (labels.__name__ !== 'ALERTS_FOR_STATE') continue
      const activeAt = values[last]! * 1000
      const seenAt = timestamps[last]!
      const hadFired = seenAt - activeAt >= rule.for
      this.#restored.set(
        keyOf(merged(Object.entries(labels), [['__name__', '']])),
        hadFired ? activeAt : activeAt + (time - seenAt),
      )
    }
    return going
  }

  /** @throws {Error} where there is no result; the alerts stay as they are, or are gone where there are too many */
  async evaluate(time: number, queryOffset: number, limit: number): Promise<RuleSample[]> {
    const { rule } = this
    const vector = await instantVector(this.#setting, rule.expr, time - queryOffset)
    const found = await this.#found(vector, time)
    for (const [key, alert] of found) {
      const known = this.#alerts.get(key)
      if (known && known.state !== 'inactive') {
        known.value = alert.value
        known.annotations = alert.annotations
      } else this.#alerts.set(key, alert)
    }
    this.#restored.clear()
    const active = [...this.#alerts].filter(([key, alert]) =>
      this.#advance(key, alert, found.has(key), time),
    )
    if (limit > 0 && active.length > limit) {
      this.#alerts = new Map()
      throw new Error(`exceeded limit of ${limit} with ${active.length} alerts`)
    }
    return active.flatMap(([, alert]) => this.#samples(alert, time - queryOffset))
  }

  /** The alerts of a result, as new ones. */
  async #found(vector: readonly Sample[], time: number): Promise<Map<string, Kept>> {
    const { rule } = this
    const { externalLabels = {}, externalUrl = '' } = this.#setting
    const environment: Environment = {
      time,
      externalLabels,
      externalUrl,
      query: (query) => instantVector(this.#setting, query, time),
    }
    const found = new Map<string, Kept>()
    for (const sample of vector) {
      const expanded = async (texts: ReadonlyMap<string, string>) => {
        const pairs: [string, string][] = []
        for (const [name, text] of texts)
          pairs.push([
            name,
            await expandTemplate(`__alert_${rule.name}`, text, sample, environment),
          ])
        return pairs
      }
      const labels = merged(
        Object.entries(sample.labels),
        [['__name__', '']],
        await expanded(rule.labels),
        [['alertname', rule.name]],
      )
      const key = keyOf(labels)
      if (found.has(key))
        throw new Error(
          'vector contains metrics with the same labelset after applying alert labels',
        )
      found.set(key, {
        labels,
        // Unlike a label, an annotation may be empty.
        annotations: Object.fromEntries(await expanded(rule.annotations)),
        state: 'pending',
        value: sample.value,
        activeAt: this.#restored.get(keyOf(this.#seriesLabels(labels))) ?? time,
      })
    }
    return found
  }

  /** Moves an alert to where it is now; says whether it is pending or firing. */
  #advance(key: string, alert: Kept, holds: boolean, time: number): boolean {
    const { rule } = this
    if (holds) delete alert.keepFiringSince
    else {
      let keeps = false
      if (alert.state === 'firing' && rule.keepFiringFor > 0) {
        alert.keepFiringSince ??= time
        keeps = time - alert.keepFiringSince < rule.keepFiringFor
      }
      const isOld = alert.resolvedAt !== undefined && time - alert.resolvedAt > RESOLVED_RETENTION
      if (alert.state === 'pending' || isOld) this.#alerts.delete(key)
      if (!keeps) {
        if (alert.state !== 'inactive') {
          alert.state = 'inactive'
          alert.resolvedAt = time
        }
        return false
      }
    }
    if (alert.state === 'pending' && time - alert.activeAt >= rule.for) {
      alert.state = 'firing'
      alert.firedAt = time
    } else if (alert.state === 'firing' && time - alert.activeAt < rule.for) {
      // Its rule has been made more patient.
      alert.state = 'pending'
      delete alert.firedAt
      delete alert.lastSentAt
      delete alert.keepFiringSince
    }
    return true
  }

  /** As Prometheus has it: of a label whose template came to nothing, the template itself stays. */
  #seriesLabels(labels: Labels): Labels {
    return merged(this.rule.labels, Object.entries(labels))
  }

  #samples({ labels, state, activeAt }: Alert, time: number): RuleSample[] {
    const all = Object.entries(this.#seriesLabels(labels))
    return [
      {
        labels: merged(all, [
          ['__name__', 'ALERTS'],
          ['alertstate', state],
        ]),
        time,
        value: 1,
      },
      {
        labels: merged(all, [['__name__', 'ALERTS_FOR_STATE']]),
        time,
        value: Math.floor(activeAt / 1000),
      },
    ]
  }
}

function isDue({ state, resolvedAt, lastSentAt }: Alert, time: number): boolean {
  if (state === 'pending') return false
  if (lastSentAt === undefined) return state === 'firing'
  return (resolvedAt ?? lastSentAt) > lastSentAt || lastSentAt + RESEND_DELAY < time
}
