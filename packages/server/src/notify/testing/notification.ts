import type { Notification } from '../notification.ts'

/** 2026-11-20T10:30:00Z */
export const NOW = Date.UTC(2026, 10, 20, 10, 30)
const MINUTE = 60_000

/** One that has fired for a minute at `at`, and holds for four more. */
export const firing = (
  labels: Readonly<Record<string, string>>,
  at = NOW,
  annotations: Readonly<Record<string, string>> = {},
): Notification => ({
  labels: { alertname: 'StepFails', ...labels },
  annotations,
  startsAt: at - MINUTE,
  endsAt: at + 4 * MINUTE,
  generatorUrl: 'http://127.0.0.1:9090/graph?g0.expr=up&g0.tab=1',
})

/** The same, resolved at `at`. */
export const resolved = (
  labels: Readonly<Record<string, string>>,
  at = NOW,
  annotations: Readonly<Record<string, string>> = {},
): Notification => ({ ...firing(labels, at, annotations), endsAt: at })
