// `stepwell validate traces|metrics|logs|all`: real steps through the real way, and a look for all that they leave.

import { writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import type { Environment } from '@stepwell/model/environment'
import type { Signal } from '@stepwell/otlp/types'
import { lineOf } from '../doctor/check.ts'
import { type Parsed, parseDuration, parseFlags, UsageError } from '../flags.ts'
import { printHelp } from '../help.ts'
import type { Run } from '../verbs.ts'
import { submitWorkflow } from './argo.ts'
import { type Finding, found, missing, notLooked } from './finding.ts'
import { junit } from './junit.ts'
import { checkLoki } from './loki.ts'
import { checkPage } from './page.ts'
import { Programs } from './programs.ts'
import { checkPrometheus } from './prometheus.ts'
import { reach } from './reach.ts'
import { type Limit, limitFromNow } from './search.ts'
import { Elsewhere } from './seen.ts'
import { checkSent } from './sent.ts'
import { runSteps } from './steps.ts'
import { type Store, type StoreKind, storesOf } from './stores.ts'
import { checkTraces } from './traces.ts'
import {
  VALIDATE_ALL,
  VALIDATE_LOGS,
  VALIDATE_METRICS,
  VALIDATE_TRACES,
  type ValidateVerb,
} from './verbs.ts'
import type { Wanted } from './wanted.ts'

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
    const startedAt = new Date()
    const all: Finding[] = []
    const see = (findings: readonly Finding[]) => {
      all.push(...findings)
      if (!flags.has('--json')) for (const finding of findings) console.log(lineOf(finding))
    }
    const programs = new Programs()
    const interrupted = untilSignal()
    try {
      await Promise.race([examine(request, programs, see), interrupted])
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error
      console.error(`stepwell: ${error.message}: not everything was looked for`)
      return 128 + constants.signals[error.signal]
    } finally {
      programs.end()
      const file = flags.get('--junit')
      if (file !== undefined) writeJunit(file, junit(`stepwell ${verb.name}`, all, startedAt))
    }
    const good = all.every(({ status }) => status !== 'fail')
    if (flags.has('--json')) console.log(JSON.stringify({ ok: good, checks: all }, undefined, 2))
    return good ? 0 : 1
  }

export const validateTraces = validating(VALIDATE_TRACES)
export const validateMetrics = validating(VALIDATE_METRICS)
export const validateLogs = validating(VALIDATE_LOGS)
export const validateAll = validating(VALIDATE_ALL)

interface Request {
  readonly stores: readonly Store[]
  readonly limitMilliseconds: number
  /** A workflow template that is submitted in place of steps of our own. */
  readonly argo: { readonly from: string; readonly parameters: readonly string[] } | undefined
  readonly environment: Environment
}

function requestOf(verb: ValidateVerb, parsed: Parsed, environment: Environment): Request {
  const { flags, lists } = parsed
  const from = flags.get('--argo')
  const parameters = lists.get('--parameter') ?? []
  if (from === undefined && parameters.length > 0)
    throw new UsageError(`-p ${parameters[0]} is of a workflow: name it by --argo`)
  const wrong = parameters.find((parameter) => !/^[^=]+=/.test(parameter))
  if (wrong !== undefined) throw new UsageError(`-p ${wrong} is no parameter: write NAME=VALUE`)
  const file = flags.get('--junit')
  if (file !== undefined) writeJunit(file, '')
  return {
    stores: storesOf(verb.stores, parsed, environment),
    limitMilliseconds: parseDuration('--limit', flags.get('--limit') ?? '60s'),
    argo: from === undefined ? undefined : { from, parameters },
    environment,
  }
}

/** Before anything was run, and after: a report that cannot be kept is worth no run. */
function writeJunit(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new UsageError(`--junit ${file} cannot be written: ${(error as Error).message}`)
  }
}

class Interrupted extends Error {
  constructor(readonly signal: 'SIGINT' | 'SIGTERM') {
    super(`ended by ${signal}`)
  }
}

function untilSignal(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Interrupted(signal)))
  })
}

type See = (findings: readonly Finding[]) => void

async function examine(request: Request, programs: Programs, see: See): Promise<void> {
  const { stores, limitMilliseconds } = request
  const reached = Promise.all(stores.map((store) => reach(PART[store.kind], store)))
  const { wanted, failed } = await (request.argo
    ? submitted(request, request.argo, programs, see)
    : ran(request, programs, see))
  const limit = limitFromNow(limitMilliseconds)
  const elsewhere = new Elsewhere()
  const answers = await reached
  const looked = stores.map((store, at) => {
    const answer = answers[at]!
    if (answer.status === 'fail') return unseen(store, [answer], elsewhere)
    if (!wanted || failed.has(SIGNAL[store.kind]))
      return unseen(store, [answer, notLooked(`${PART[store.kind]}`, NOTHING)], elsewhere)
    return look(store, wanted, limit, elsewhere).then((findings) => [answer, ...findings])
  })
  for (const kind of ['traces', 'prometheus', 'page'] as const)
    if (!stores.some((store) => store.kind === kind)) unasked(kind, elsewhere)
  for (const findings of looked) see(await findings)
}

const NOTHING = 'there is nothing to look for'

interface Ready {
  readonly wanted: Wanted | undefined
  readonly failed: ReadonlySet<Signal>
}

async function ran({ environment }: Request, programs: Programs, see: See): Promise<Ready> {
  const { wanted, warnings, problem } = await runSteps(environment, programs)
  if (problem) {
    see([missing('steps run', problem, 'see what exec needs: stepwell doctor')])
    return { wanted: undefined, failed: new Set() }
  }
  see([found('steps run', `one succeeded, one failed, in the trace ${wanted.traceId}`)])
  const { findings, failed } = await checkSent(warnings, environment)
  see(findings)
  return { wanted, failed }
}

async function submitted(
  { environment, limitMilliseconds }: Request,
  { from, parameters }: NonNullable<Request['argo']>,
  programs: Programs,
  see: See,
): Promise<Ready> {
  const run = await submitWorkflow(from, parameters, limitMilliseconds, environment, programs)
  see(run.findings)
  return { wanted: run.wanted, failed: new Set() }
}

/** As the names of its findings begin. */
const PART = { traces: 'traces', prometheus: 'metrics', page: 'page', loki: 'logs' } as const

/** Without which there is nothing to look for. */
const SIGNAL = { traces: 'traces', prometheus: 'traces', page: 'traces', loki: 'logs' } as const

function look(
  store: Store,
  wanted: Wanted,
  limit: Limit,
  elsewhere: Elsewhere,
): Promise<Finding[]> {
  switch (store.kind) {
    case 'traces':
      return checkTraces(store, wanted, limit, elsewhere)
    case 'prometheus':
      return checkPrometheus(store, wanted, limit, elsewhere)
    case 'page':
      return checkPage(store, wanted, limit, elsewhere)
    case 'loki':
      return checkLoki(store, wanted, limit, elsewhere)
  }
}

async function unseen(store: Store, findings: Finding[], elsewhere: Elsewhere) {
  unasked(store.kind, elsewhere)
  return findings
}

function unasked(kind: StoreKind, elsewhere: Elsewhere): void {
  if (kind === 'traces') elsewhere.sawSpans(undefined)
  if (kind === 'prometheus') elsewhere.sawSeries(undefined)
  if (kind === 'page') elsewhere.sawPage(undefined)
}
