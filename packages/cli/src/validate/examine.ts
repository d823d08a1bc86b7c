// The steps, then every store at once: whether it can be asked, and what is there.

import type { Environment } from '@stepwell/model/environment'
import type { Signal } from '@stepwell/otlp/types'
import { type Submission, submitWorkflow } from './argo.ts'
import { type Finding, found, missing, notLooked, type See } from './finding.ts'
import { checkLoki } from './loki.ts'
import { checkPage } from './page.ts'
import type { Programs } from './programs.ts'
import { checkPrometheus } from './prometheus.ts'
import { reach } from './reach.ts'
import { type Limit, limitFromNow } from './search.ts'
import { Elsewhere } from './seen.ts'
import { checkSent } from './sent.ts'
import { runSteps } from './steps.ts'
import { STORE_KINDS, type Store, type StoreKind } from './stores.ts'
import { checkTraces } from './traces.ts'
import type { Wanted } from './wanted.ts'

export interface Request {
  readonly stores: readonly Store[]
  /** For what the steps left, from their end. */
  readonly limitMilliseconds: number
  /** In place of steps of our own. */
  readonly submission: Submission | undefined
  readonly environment: Environment
}

type Look = (store: Store, wanted: Wanted, limit: Limit, elsewhere: Elsewhere) => Promise<Finding[]>

interface Part {
  /** As the names of its findings begin. */
  readonly name: string
  /** Without which nothing is there. */
  readonly signal: Signal
  readonly look: Look
}

const PARTS: Readonly<Record<StoreKind, Part>> = {
  traces: { name: 'traces', signal: 'traces', look: checkTraces },
  prometheus: { name: 'metrics', signal: 'traces', look: checkPrometheus },
  page: { name: 'page', signal: 'traces', look: checkPage },
  loki: { name: 'logs', signal: 'logs', look: checkLoki },
}

export async function examine(request: Request, programs: Programs, see: See): Promise<void> {
  const { stores, limitMilliseconds } = request
  // While the steps run.
  const reaching = stores.map((store) => reach(PARTS[store.kind].name, store))
  const ran = await runWhatIsWanted(request, programs, see)
  const limit = limitFromNow(limitMilliseconds)
  const reached = await Promise.all(reaching)
  const elsewhere = new Elsewhere()
  const looked = stores.map((store, at): Promise<Finding[]> | undefined => {
    const { signal, look } = PARTS[store.kind]
    if (reached[at]!.status === 'fail' || !ran || ran.unsent.has(signal)) return undefined
    return look(store, ran.wanted, limit, elsewhere)
  })
  for (const kind of STORE_KINDS) {
    const at = stores.findIndex((store) => store.kind === kind)
    if (!looked[at]) elsewhere.saw(kind, undefined)
  }
  for (const [at, { kind }] of stores.entries()) {
    see([reached[at]!])
    const findings = await looked[at]
    if (findings) see(findings)
    else if (reached[at]!.status !== 'fail')
      see([notLooked(PARTS[kind].name, ran ? 'nothing of it was sent' : 'nothing of it ran')])
  }
}

interface Ran {
  readonly wanted: Wanted
  /** Signals that nobody took. */
  readonly unsent: ReadonlySet<Signal>
}

/** Undefined where there is nothing to look for, and why was seen. */
async function runWhatIsWanted(
  { submission, stores, environment }: Request,
  programs: Programs,
  see: See,
): Promise<Ran | undefined> {
  if (submission) {
    const wanted = await submitWorkflow(submission, environment, programs, see)
    return wanted && { wanted, unsent: new Set() }
  }
  const { wanted, warnings, problem } = await runSteps(environment, programs)
  if (problem) {
    see([missing('steps run', problem, 'see what exec needs: stepwell doctor')])
    return undefined
  }
  see([found('steps run', `one succeeded, one was cancelled, in the trace ${wanted.traceId}`)])
  const signals = new Set(stores.map(({ kind }) => PARTS[kind].signal))
  const { findings, failed } = await checkSent(warnings, signals, environment)
  see(findings)
  return { wanted, unsent: failed }
}
