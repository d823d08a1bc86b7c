// Sends alerts to all that the settings name.

import { join } from 'node:path'
import type { Labels } from '@stepwell/promql'
import type { EngineConfig } from '../config/config.ts'
import type { MetricFamily } from '../derive/types.ts'
import { type Alert, alertOf } from './alert.ts'
import { Alertmanager } from './alertmanager.ts'
import { type Clock, systemClock } from './clock.ts'
import { notificationFamilies } from './counts.ts'
import { Endpoint, withoutCredentials } from './endpoint.ts'
import type { AlertSink, Notification } from './notification.ts'
import type { OperatorNotifications } from './operator.ts'
import { QUEUE_CAPACITY } from './queue.ts'
import type { Timing } from './receivers/group.ts'
import { type Format, Receiver } from './receivers/receiver.ts'
import { slackFormat } from './receivers/slack.ts'
import { ToldFile } from './receivers/told-file.ts'
import { webhookFormat } from './receivers/webhook.ts'

interface Destination {
  readonly endpoint: Endpoint
  /** Alerts that wait. */
  readonly queueLength: number
  send(alerts: readonly Alert[]): void
  /** Sends what waits, for so many milliseconds at the most. */
  stop(milliseconds: number): Promise<void>
}

export interface NotifierOptions {
  readonly config: Pick<
    EngineConfig,
    'alertmanagers' | 'webhook' | 'slack' | 'externalLabels' | 'dataDir'
  >
  readonly operator: OperatorNotifications
  /** Takes sentences for the log. */
  readonly warn: (message: string) => void
  /** Where the engine is looked at; empty where it can't be. */
  readonly externalUrl: () => string
  readonly clock?: Clock
  readonly timing?: Timing | undefined
}

/** The engine has 3 s to end. */
const DRAIN_MILLISECONDS = 1000

export class Notifier implements AlertSink {
  readonly #options: NotifierOptions
  readonly #clock: Clock
  readonly #alertmanagers: readonly Alertmanager[]
  readonly #destinations: readonly Destination[]
  readonly #created: number

  constructor(options: NotifierOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#created = this.#clock.now()
    const urls = new Set(options.config.alertmanagers.map(alertsUrl))
    this.#alertmanagers = [...urls].map((url) => {
      const shown = withoutCredentials(url)
      const labels = { integration: 'alertmanager', alertmanager: shown }
      return new Alertmanager(this.#endpoint('Alertmanager', url, shown, labels), this.#clock)
    })
    const { webhook, slack } = options.config
    this.#destinations = [
      ...this.#alertmanagers,
      ...this.#receivers('webhook', 'webhook', webhook, webhookFormat(options.externalUrl)),
      ...this.#receivers('slack', 'Slack', slack, slackFormat(options.externalUrl)),
    ]
  }

  /** Where alerts are posted to, without credentials. */
  get alertmanagers(): readonly string[] {
    return this.#alertmanagers.map(({ endpoint }) => endpoint.shown)
  }

  send(notifications: readonly Notification[]): void {
    if (notifications.length === 0) return
    const { externalLabels } = this.#options.config
    const now = this.#clock.now()
    const alerts = notifications.map((each) => alertOf(each, externalLabels, now))
    for (const destination of this.#destinations) destination.send(alerts)
  }

  families(): MetricFamily[] {
    const counted = this.#destinations.map(({ endpoint: { labels, counts }, queueLength }) => {
      return { labels, counts, queueLength }
    })
    return notificationFamilies(counted, {
      alertmanagers: this.#alertmanagers.length,
      capacity: QUEUE_CAPACITY,
      created: this.#created,
    })
  }

  async stop(): Promise<void> {
    await Promise.all(this.#destinations.map((each) => each.stop(DRAIN_MILLISECONDS)))
  }

  #receivers(name: string, what: string, url: string | undefined, format: Format): Receiver[] {
    if (url === undefined) return []
    const { config, warn, timing } = this.#options
    // Whoever knows more of it can post there too.
    const shown = `${new URL(url).origin}/…`
    const endpoint = this.#endpoint(what, url, shown, { integration: name })
    const file = new ToldFile(join(config.dataDir, 'notify', `${name}.json`), url, warn)
    return [new Receiver(endpoint, format, file, this.#clock, timing)]
  }

  #endpoint(what: string, url: string, shown: string, labels: Labels): Endpoint {
    const { warn, operator } = this.#options
    return new Endpoint({ url, what, shown, labels, clock: this.#clock, warn, operator })
  }
}

/** The URL of a setting may have a prefix. */
function alertsUrl(text: string): string {
  const url = new URL(text)
  url.pathname = join(url.pathname, 'api/v2/alerts')
  return url.href
}
