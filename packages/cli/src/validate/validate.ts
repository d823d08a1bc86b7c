// `stepwell validate traces|metrics|logs|all`: real steps through the real way, and a look for all that they leave.

import { writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import type { Environment } from '@stepwell/model/environment'
import { lineOf } from '../doctor/check.ts'
import { type Parsed, parseDuration, parseFlags, UsageError } from '../flags.ts'
import { printHelp } from '../help.ts'
import type { Run } from '../verbs.ts'
import { examine, type Request } from './examine.ts'
import type { Finding, See } from './finding.ts'
import { junit } from './junit.ts'
import { Programs } from './programs.ts'
import { storesOf } from './stores.ts'
import {
  VALIDATE_ALL,
  VALIDATE_LOGS,
  VALIDATE_METRICS,
  VALIDATE_TRACES,
  type ValidateVerb,
} from './verbs.ts'

const validating =
  (verb: ValidateVerb): Run =>
  async (args, environment) => {
    const parsed = parseFlags(
      verb,
      args.map((word) => (word === '-p' ? '--parameter' : word)),
    )
    const { flags, rest } = parsed
    if (flags.has('--help')) return printHelp(verb)
    if (rest.length > 0) throw new UsageError(`${rest[0]} is too much: ${verb.usage}`)
    const request = requestOf(verb, parsed, environment)
    const report = flags.get('--junit')
    // Before anything is run: a report that cannot be kept is worth no run.
    if (report !== undefined) writeReport(report, '')
    const startedAt = new Date()
    const all: Finding[] = []
    const see: See = (findings) => {
      all.push(...findings)
      if (!flags.has('--json')) for (const finding of findings) console.log(lineOf(finding))
    }
    const programs = new Programs()
    let ended: Interrupted | undefined
    try {
      await Promise.race([examine(request, programs, see), untilSignal()])
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error
      ended = error
    } finally {
      programs.end()
    }
    if (report !== undefined) writeReport(report, junit(`stepwell ${verb.name}`, all, startedAt))
    const good = !ended && all.every(({ status }) => status !== 'fail')
    if (flags.has('--json')) console.log(JSON.stringify({ ok: good, checks: all }, undefined, 2))
    if (!ended) return good ? 0 : 1
    console.error(`stepwell: ${ended.signal}: not everything was looked for`)
    return 128 + constants.signals[ended.signal]
  }

export const validateTraces = validating(VALIDATE_TRACES)
export const validateMetrics = validating(VALIDATE_METRICS)
export const validateLogs = validating(VALIDATE_LOGS)
export const validateAll = validating(VALIDATE_ALL)

function requestOf(verb: ValidateVerb, parsed: Parsed, environment: Environment): Request {
  const { flags, lists } = parsed
  const from = flags.get('--argo')
  const parameters = lists.get('--parameter') ?? []
  if (from === undefined && parameters.length > 0)
    throw new UsageError(`-p ${parameters[0]} is of a workflow: name it by --argo`)
  const wrong = parameters.find((parameter) => !/^[^=]+=/.test(parameter))
  if (wrong !== undefined) throw new UsageError(`-p ${wrong} is no parameter: write NAME=VALUE`)
  const milliseconds = parseDuration('--limit', flags.get('--limit') ?? '60s')
  return {
    stores: storesOf(verb.stores, parsed, environment),
    limitMilliseconds: milliseconds,
    submission: from === undefined ? undefined : { from, parameters, milliseconds },
    environment,
  }
}

function writeReport(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new UsageError(`--junit ${file} cannot be written: ${(error as Error).message}`)
  }
}

class Interrupted extends Error {
  override readonly name = 'Interrupted'
  readonly signal: 'SIGINT' | 'SIGTERM'

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(signal)
    this.signal = signal
  }
}

function untilSignal(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Interrupted(signal)))
  })
}
