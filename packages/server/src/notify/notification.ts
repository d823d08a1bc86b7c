// What the rules say of their alerts, and who is told.

import type { Labels } from '@stepwell/promql'

/** Of one alert, as it is now. Times are milliseconds since the Unix epoch. */
export interface Notification {
  /** `alertname` among them; external labels are not. */
  readonly labels: Labels
  readonly annotations: Labels
  /** Since when it fires. */
  readonly startsAt: number
  /** When it was resolved; of one that fires, in the future: until when this holds if nothing more is said. */
  readonly endsAt: number
  /** Where its rule's expression can be looked at. */
  readonly generatorUrl: string
}

export interface AlertSink {
  /** Takes what is due, and returns at once. */
  send(notifications: readonly Notification[]): void
}
