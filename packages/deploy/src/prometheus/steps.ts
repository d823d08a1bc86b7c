// Steps as the Collector counts them, in the notation of promtool's unit tests, with ticks of 15 s.

import { PLACE_LABELS, SERVICE_NAME } from '@stepwell/model'
import { COLLECTOR_LABEL } from '../collector/derivation.ts'

export interface Steps {
  readonly agent: string
  /** How they ended: `success`, or the class of their error. */
  readonly ended: string
  /** How long each of them took, in seconds; 30 unless given. */
  readonly took?: number
  readonly environment?: string
  readonly pr?: string
  /** Which of several Collectors counted them. */
  readonly collector?: string
  /** How many had ended at each tick: `_x4 0 1x40`. A new series begins with its zero. */
  readonly counts: string
}

export interface InputSeries {
  readonly series: string
  readonly values: string
}

type Labels = Readonly<Record<string, string>>

export const CLUSTER = 'default'
export const PRODUCTION = 'production'

/** Where they ran, unless it is said. */
export const PLACE: Labels = {
  [PLACE_LABELS.environment]: PRODUCTION,
  [PLACE_LABELS.cluster]: CLUSTER,
}

/** Those of the duration buckets around steps of 30 s, of five minutes and of fifteen. */
const BOUNDS = ['25.6', '51.2', '204.8', '409.6', '819.2', '1638.4', '+Inf']

export const seriesOf = (steps: readonly Steps[]): InputSeries[] => steps.flatMap(countsOf)

function countsOf({
  agent,
  ended,
  took = 30,
  environment = PRODUCTION,
  pr = '7',
  collector,
  counts,
}: Steps): InputSeries[] {
  const labels = {
    job: SERVICE_NAME,
    [PLACE_LABELS.environment]: environment,
    [PLACE_LABELS.cluster]: CLUSTER,
    agent,
    repo: 'shop',
    pr_number: pr,
    step_name: 'implement',
    ...(collector && { [COLLECTOR_LABEL]: collector }),
  }
  const outcome = ended === 'success' ? 'success' : 'failure'
  const ofDuration = { ...labels, task_id: `task-${pr}`, workflow_name: `run-${pr}`, outcome }
  const none = counts.replaceAll(/\d+(\+\d+)?x/g, '0x')
  const isWithin = (le: string) => took <= Number(le.replace('+Inf', 'Infinity'))
  return [
    { series: named('agent_step_duration_seconds_count', ofDuration), values: counts },
    { series: named('agent_step_duration_seconds_sum', ofDuration), values: times(counts, took) },
    ...BOUNDS.map((le) => ({
      series: named('agent_step_duration_seconds_bucket', { ...ofDuration, le }),
      values: isWithin(le) ? counts : none,
    })),
    outcome === 'success'
      ? { series: named('agent_step_success_total', labels), values: counts }
      : {
          series: named('agent_step_fail_total', { ...labels, error_type: ended }),
          values: counts,
        },
  ]
}

/** Each value of a notation, so many times: `0+2x3` is `0+60x3`. */
const times = (counts: string, factor: number): string =>
  counts.replaceAll(/([\d.]+)(?:\+([\d.]+))?x/g, (_, first, step) => {
    const rise = step === undefined ? '' : `+${Number(step) * factor}`
    return `${Number(first) * factor}${rise}x`
  })

/** `name{a="b",c="d"}` */
export const named = (name: string, labels: Labels): string =>
  `${name}{${Object.entries(labels).map(([label, value]) => `${label}="${value}"`)}}`
