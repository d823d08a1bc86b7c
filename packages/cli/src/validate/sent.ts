// Whether the telemetry of the steps was taken; where it was not, the whole way is looked at, as `doctor` does.

import type { Environment } from '@stepwell/model/environment'
import { exportSettings, otlpVariables } from '@stepwell/otlp/export/settings'
import type { Signal } from '@stepwell/otlp/types'
import { foundEndpoints } from '../context/endpoints.ts'
import { checkExport, newTestSpan } from '../doctor/deliver.ts'
import { checkNetwork } from '../doctor/network.ts'
import { placesOf } from '../doctor/places.ts'
import { runningEngine } from '../run/engine.ts'
import { type Finding, found, missing, remark } from './finding.ts'

export interface Sent {
  readonly findings: readonly Finding[]
  /** Those for which there is nothing to look. */
  readonly failed: ReadonlySet<Signal>
}

/** Metrics of steps are derived of their spans. */
const SIGNALS: readonly Signal[] = ['traces', 'logs']

/** @param warnings the wrapper's own. */
export async function checkSent(
  warnings: readonly string[],
  environment: Environment,
): Promise<Sent> {
  const engine = runningEngine(environment)
  const endpoints = foundEndpoints(environment, engine, () => {})
  const findings: Finding[] = []
  const failed = new Set<Signal>()
  const settings = warnings.filter((sentence) => !OF_DELIVERY.test(sentence))
  for (const sentence of settings)
    findings.push(remark('steps settings', sentence, 'correct it, or leave it out'))
  for (const signal of SIGNALS) {
    if (endpoints[signal].exported) continue
    failed.add(signal)
    const variable = `OTEL_${signal.toUpperCase()}_EXPORTER`
    findings.push(missing('steps sent', `${variable}=none: ${signal} are not sent`, 'unset it'))
  }
  const sent = SIGNALS.filter((signal) => !failed.has(signal))
  const [undelivered] = warnings.filter((sentence) => OF_DELIVERY.test(sentence))
  if (undelivered === undefined) {
    const urls = new Set(sent.map((signal) => endpoints[signal].url))
    if (sent.length > 0)
      findings.push(found('steps sent', `${[...urls].join(', ')} took all of it`))
    return { findings, failed }
  }
  const places = placesOf(
    sent,
    exportSettings(otlpVariables(environment), engine, () => {}),
    (signal) => endpoints[signal].urlFrom,
    environment,
  )
  const before = findings.length
  for (const place of places) {
    const checks = place.proxy ? [] : await checkNetwork(place)
    const problem = checks.find(({ status }) => status === 'fail')
    if (!problem) continue
    for (const signal of place.signals) failed.add(signal)
    findings.push(missing('steps sent', `${problem.name}: ${problem.message}`, problem.advice))
  }
  const reached = sent.filter((signal) => !failed.has(signal))
  const exports = exportSettings(otlpVariables(environment), engine, () => {})
  for (const { name, status, message, advice } of await checkExport(
    reached,
    exports,
    environment,
    newTestSpan(),
  )) {
    if (status !== 'fail') continue
    failed.add(name.replace('export ', '') as Signal)
    findings.push(missing('steps sent', message, advice))
  }
  // It was taken this time, and so the rest is worth a look.
  if (findings.length === before)
    findings.push(
      missing(
        'steps sent',
        undelivered.replace(/; it is kept in .*$/, ''),
        'see the receiver’s log',
      ),
    )
  return { findings, failed }
}

const OF_DELIVERY = /^telemetry was (not delivered|refused|taken in part)/
