// What `run` loads once the command runs: one door, so that nothing behind it is on the way to the start.

import { formatTraceParent } from '@stepwell/model/context'
import { type Environment, STEPWELL_CONTEXT } from '@stepwell/model/environment'
import type { End } from '@stepwell/model/span'
import type { EngineUrls } from '../run/engine.ts'
import type { Start, Work } from '../run/work.ts'
import { endedLine, startedLine } from './announce.ts'
import { Delivery } from './delivery.ts'
import { Report } from './report.ts'
import { ResourceMeter } from './resources/meter.ts'

export function startReporting(
  work: Work,
  start: Start,
  environment: Environment,
  engine: EngineUrls | undefined,
  warn: (sentence: string) => void,
) {
  // First: it connects, which takes as long as all the rest.
  const delivery = new Delivery(environment, engine, warn, work.onExportFailure)
  const report = new Report(work, start, environment, delivery, warn)
  return {
    delivery,
    report,
    explain: (end: End) => explained(report, end, warn),
    meter(pid: number) {
      const meter = new ResourceMeter({
        pid,
        context: formatTraceParent(work.context.identity),
        isNested: environment[STEPWELL_CONTEXT] !== undefined,
        startedAt: Number(start.unixNano / 1_000_000n),
        temporaryFolder: environment.TMPDIR,
      })
      report.watch(meter)
      return meter
    },
    startedLine,
    endedLine,
  }
}

/** A class that cannot be found is not worth an exit code. */
function explained(report: Report, end: End, warn: (sentence: string) => void): End {
  try {
    return report.cause.explain(end)
  } catch (error) {
    warn(`the error class is not known: ${(error as Error).message}`)
    return end
  }
}
