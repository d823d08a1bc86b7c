// Whether the telemetry of the steps was taken; where it was not, the whole way is looked at, as `doctor` does.

import type { Environment } from '@stepwell/model/environment'
import { exportSettings, otlpVariables } from '@stepwell/otlp/export/settings'
import type { Signal } from '@stepwell/otlp/types'
import { foundEndpoints } from '../context/endpoints.ts'
import { type Check, fail } from '../doctor/check.ts'
import { checkExport, newTestSpan } from '../doctor/deliver.ts'
import { checkNetwork } from '../doctor/network.ts'
import { placesOf } from '../doctor/places.ts'
import { type EngineUrls, runningEngine } from '../run/engine.ts'
import { type Finding, found, missing, remark } from './finding.ts'

export interface Sent {
  readonly findings: readonly Finding[]
  /** Those for which there is nothing to look. */
  readonly failed: ReadonlySet<Signal>
}

/** Metrics of steps are derived of their spans. */
const SIGNALS: readonly Signal[] = ['traces', 'logs']

const OF_DELIVERY = /^telemetry was (not delivered|refused|taken in part)/

/**
 * @param warnings the wrapper's own
 * @param wanted signals that are looked for: what becomes of the others is worth a remark
 */
export async function checkSent(
  warnings: readonly string[],
  wanted: ReadonlySet<Signal>,
  environment: Environment,
): Promise<Sent> {
  const engine = runningEngine(environment)
  const endpoints = foundEndpoints(environment, engine, () => {})
  const sent = SIGNALS.filter((signal) => endpoints[signal].exported)
  const off = SIGNALS.filter((signal) => !endpoints[signal].exported)
  const problems = new Map<Signal, Check>()
  for (const signal of off) {
    const variable = `OTEL_${signal.toUpperCase()}_EXPORTER`
    problems.set(signal, fail('', `${variable}=none: ${signal} are not sent`, 'unset it'))
  }
  const undelivered = warnings.find((sentence) => OF_DELIVERY.test(sentence))
  if (undelivered !== undefined)
    for (const [signal, check] of await whyUndelivered(sent, environment, engine))
      problems.set(signal, check)

  const findings = warnings
    .filter((sentence) => !OF_DELIVERY.test(sentence))
    .map((sentence) => remark('steps settings', sentence, 'correct it, or leave it out'))
  const told = new Set<string>()
  // What fails both is said once, and of the one that is looked for.
  for (const isWanted of [true, false])
    for (const [signal, { message, advice }] of problems) {
      if (wanted.has(signal) !== isWanted || told.has(message)) continue
      findings.push((isWanted ? missing : remark)('steps sent', message, advice))
      told.add(message)
    }
  const taken = sent.filter((signal) => !problems.has(signal))
  const receivers = new Set(
    taken.map(
      (signal) => `${new URL(endpoints[signal].url).origin} (${endpoints[signal].protocol})`,
    ),
  )
  // What was refused then, and is taken now.
  if (undelivered !== undefined && sent.length === taken.length)
    findings.push(
      missing(
        'steps sent',
        undelivered.replace(/; it is kept in .*$/, ''),
        'see the receiver’s log',
      ),
    )
  else if (receivers.size > 0)
    findings.push(found('steps sent', `${[...receivers].join(', ')} took them`))
  return { findings, failed: new Set(problems.keys()) }
}

/** By signal: the first thing on its way that fails. */
async function whyUndelivered(
  signals: readonly Signal[],
  environment: Environment,
  engine: EngineUrls | undefined,
): Promise<Map<Signal, Check>> {
  const settings = exportSettings(otlpVariables(environment), engine, () => {})
  const endpoints = foundEndpoints(environment, engine, () => {})
  const problems = new Map<Signal, Check>()
  for (const place of placesOf(
    signals,
    settings,
    (signal) => endpoints[signal].urlFrom,
    environment,
  )) {
    const checks = place.proxy ? [] : await checkNetwork(place)
    const problem = checks.find(({ status }) => status === 'fail')
    if (problem) for (const signal of place.signals) problems.set(signal, named(problem))
  }
  const reached = signals.filter((signal) => !problems.has(signal))
  for (const check of await checkExport(reached, settings, environment, newTestSpan()))
    if (check.status === 'fail')
      problems.set(check.name.replace('export ', '') as Signal, named(check))
  return problems
}

const named = ({ name, message, advice }: Check): Check => fail(name, `${name}: ${message}`, advice)
