// An alert on its way out: what it is known by, and whether it still fires.

import type { Labels } from '@stepwell/promql'
import { keyOf } from '../rules/evaluate.ts'
import type { Notification } from './notification.ts'

export interface Alert extends Notification {
  /** Equal for equal labels: the same alert. */
  readonly key: string
  readonly resolved: boolean
}

/** A rule's own label wins over an external one, as in Prometheus. */
export function alertOf(notification: Notification, external: Labels, now: number): Alert {
  const labels = { ...external, ...notification.labels }
  return keyed({ ...notification, labels, resolved: notification.endsAt <= now })
}

export const keyed = (alert: Omit<Alert, 'key'>): Alert => ({ ...alert, key: keyOf(alert.labels) })

/** As Go writes a time: no zeros at the end of the fraction. */
export const timeText = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace(/\.?0+Z$/, 'Z')
