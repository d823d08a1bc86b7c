// What is said of a rule's alerts, in the form that whoever is told takes.

import { oneLine, parse } from '@stepwell/promql'
import type { Notification } from '../../notify/notification.ts'
import { type AlertingEvaluation, RESEND_DELAY } from '../alerting.ts'

/** Evaluations, or what tells of them, that may fail before an alert is taken for resolved. */
const FAILURES = 4

/** @param interval milliseconds between evaluations */
export function noticesOf(
  evaluation: AlertingEvaluation,
  time: number,
  interval: number,
  externalUrl: string,
): Notification[] {
  const due = evaluation.takeDue(time)
  if (due.length === 0) return []
  const generatorUrl = `${externalUrl}${graphPath(queryText(evaluation.rule.expr))}`
  const validUntil = time + FAILURES * Math.max(interval, RESEND_DELAY)
  return due.map(({ labels, annotations, activeAt, firedAt = activeAt, resolvedAt }) => ({
    labels,
    annotations,
    startsAt: firedAt,
    endsAt: resolvedAt ?? validUntil,
    generatorUrl,
  }))
}

/** A rule's expression as Prometheus spells it. */
export const queryText = (expr: string): string => oneLine(parse(expr))

/** As Go's url.QueryEscape writes it. */
const graphPath = (query: string): string =>
  `/graph?g0.expr=${encodeURIComponent(query)
    .replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')}&g0.tab=1`
