// `stepwell doctor`: the whole path of telemetry, a step at a time, with what to do about each that fails.

import { type Environment, isDisabled } from '@stepwell/model/environment'
import { ownResource } from '@stepwell/model/resource'
import { samplerWarning } from '@stepwell/model/sampler'
import { exportSettings, otlpVariables } from '@stepwell/otlp/export/settings'
import type { Signal } from '@stepwell/otlp/types'
import { type FoundEndpoint, foundEndpoints } from '../context/endpoints.ts'
import { parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { type Backend, backendOf } from '../query/backend.ts'
import { runningEngine } from '../run/engine.ts'
import { type Check, lineOf, ok, warn } from './check.ts'
import { checkClock } from './clock.ts'
import { checkExport, newTestSpan } from './deliver.ts'
import { checkPlace, checkSpool } from './here.ts'
import { checkNetwork } from './network.ts'
import { placesOf } from './places.ts'
import { checkQuery } from './query.ts'

export const DOCTOR: Verb = {
  name: 'doctor',
  usage: 'stepwell doctor [--json] [--query URL]',
  about:
    'Checks the whole path of telemetry: settings, name, port, certificate, a test span accepted and\nfound again, spool, clock. Says what to do about each failure. Exit code 1 where one failed.',
  flags: [
    { name: '--json', help: 'one JSON object: {ok, checks: [{name, status, message, advice}]}' },
    {
      name: '--query',
      value: 'URL',
      help: 'asked for the test span: Jaeger, Tempo, or the page (the engine’s, if one runs here)',
    },
  ],
  examples: [
    'stepwell doctor',
    'OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318 stepwell doctor --query http://jaeger:16686',
  ],
}

export async function doctor(args: readonly string[], environment: Environment): Promise<number> {
  const { flags, rest } = parseFlags(DOCTOR, args)
  if (flags.has('--help')) return printHelp(DOCTOR)
  if (rest.length > 0) throw new UsageError(`${rest[0]} is too much: ${DOCTOR.usage}`)
  const store = backendOf(flags, environment)
  const all: Check[] = []
  const see = (checks: readonly Check[]) => {
    all.push(...checks)
    if (!flags.has('--json')) for (const check of checks) console.log(lineOf(check))
  }
  await examine(store, environment, see)
  const good = all.every(({ status }) => status !== 'fail')
  if (flags.has('--json')) console.log(JSON.stringify({ ok: good, checks: all }, undefined, 2))
  return good ? 0 : 1
}

/** @param see is told of what was seen as it is seen. */
async function examine(
  store: Backend | undefined,
  environment: Environment,
  see: (checks: readonly Check[]) => void,
): Promise<void> {
  see(checkPlace(environment, process.cwd()))
  const sentences = new Set<string>()
  const say = (sentence: string) => void sentences.add(sentence)
  const engine = runningEngine(environment)
  const settings = exportSettings(otlpVariables(environment), engine, say)
  const endpoints = foundEndpoints(environment, engine, say)
  ownResource(environment, say)
  const sampler = samplerWarning(environment)
  if (sampler) say(sampler)
  see(settingChecks(sentences, environment))
  const signals = Object.keys(endpoints) as Signal[]
  see(signals.map((signal) => endpointCheck(signal, endpoints[signal])))
  const places = placesOf(
    signals.filter((signal) => endpoints[signal].exported),
    settings,
    (signal) => endpoints[signal].urlFrom,
    environment,
  )
  const reached = new Set<Signal>()
  const looked = await Promise.all(
    places.map(async (place) => {
      const checks = place.proxy ? [proxied(place.host, place.proxy)] : await checkNetwork(place)
      if (checks.at(-1)!.status === 'fail') return checks
      for (const signal of place.signals) reached.add(signal)
      return place.proxy ? checks : [...checks, await checkClock(place)]
    }),
  )
  for (const checks of looked) see(checks)
  const span = newTestSpan()
  const exported = await checkExport([...reached], settings, environment, span)
  see(exported)
  if (exported.some(({ name, status }) => name === 'export traces' && status !== 'fail'))
    see([await checkQuery(store, span)])
  see(checkSpool(environment))
}

function endpointCheck(signal: Signal, endpoint: FoundEndpoint): Check {
  const { url, urlFrom, protocol, exported } = endpoint
  const name = `endpoint ${signal}`
  if (exported) return ok(name, `${url}, ${protocol} (${urlFrom})`)
  const variable = `OTEL_${signal.toUpperCase()}_EXPORTER`
  return warn(name, `${variable}=none: ${signal} are not sent`, 'unset it to see them')
}

function settingChecks(sentences: ReadonlySet<string>, environment: Environment): Check[] {
  const checks = [...sentences].map((sentence) =>
    warn('settings', sentence, 'correct it, or leave it out'),
  )
  if (isDisabled(environment))
    checks.push(
      warn('settings', 'OTEL_SDK_DISABLED=true: exec sends nothing', 'unset it to see anything'),
    )
  return checks.length > 0 ? checks : [ok('settings', 'all are understood')]
}

const proxied = (host: string, proxy: string) =>
  ok(`proxy ${host}`, `reached through ${proxy}: name, port and certificate are its business`)
