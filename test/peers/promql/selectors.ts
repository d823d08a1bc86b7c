// Selectors as PromQL's grammar has them, of the generated series.

import { DATA_END, DATA_START } from './data.ts'
import type { Random } from './random.ts'

const COUNTERS = ['requests_total', 'requests_total', 'bytes_total', 'latency_seconds_bucket']
const GAUGES = ['temperature', 'up', 'odd', 'build_info', '{"queue.length"}', '{"queue.length"}']
const HISTOGRAMS = ['native', 'native', 'native_gauge', 'custom', 'mixed']
const SEVERAL = ['{__name__=~"up|temperature"}', '{__name__=~"native.*"}', '{job="api",code!=""}']
/** What series may be selected for: all of their kind. */
export const METRICS = {
  any: [...COUNTERS, ...COUNTERS, ...GAUGES, ...HISTOGRAMS, ...SEVERAL, 'nothing'],
  counters: COUNTERS,
  plain: [...COUNTERS, ...GAUGES],
  histograms: HISTOGRAMS,
  classic: ['latency_seconds_bucket'],
}
export type Metrics = keyof typeof METRICS

export const LABELS = ['job', 'instance', 'code', 'le', 'version']
const VALUES = ['api', 'web.1', '0', '1', '200', '404', '+Inf', '1.0', '', 'other']
const PATTERNS = ['api|web.+', '.*', '.+', '[0-1]', '4..|5..', '', 'a.*|', '(?i:API)', 'web\\\\.1']
const RANGES = [
  '15s',
  '1m',
  '90s',
  '2m',
  '5m',
  '5m',
  '10m',
  '1h',
  '1m30s500ms',
  '300',
  '2m+30s',
  '5m*2',
]

export class Selectors {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  instant(metrics: Metrics): string {
    return `${this.#series(metrics)}${this.shift()}`
  }

  range(metrics: Metrics): string {
    return `${this.#series(metrics)}[${this.duration()}]${this.shift()}`
  }

  /** `anchored` or `smoothed`, which of native histograms would be as new in Prometheus as to be in flux. */
  extended(): string {
    const extension = this.#random.pick(['anchored', 'smoothed'])
    return `${this.#series('plain')}[${this.duration()}] ${extension}${this.shift()}`
  }

  duration(): string {
    return this.#random.pick(RANGES)
  }

  /** `@` and `offset`, or nothing. */
  shift(): string {
    const random = this.#random
    const at = () => {
      const time = random.between(DATA_START, DATA_END) / 1000
      return ` @ ${random.pick(['start()', 'end()', time.toFixed(3), time.toFixed(0)])}`
    }
    const offset = () => ` offset ${random.pick(['', '', '-'])}${this.duration()}`
    const parts = [random.chance(0.08) ? at() : '', random.chance(0.1) ? offset() : '']
    return (random.chance(0.5) ? parts : parts.reverse()).join('')
  }

  #series(metrics: Metrics): string {
    const random = this.#random
    const metric = random.pick(METRICS[metrics])
    if (random.chance(0.5)) return metric
    const matchers = Array.from({ length: random.between(0, 2) }, () => this.#matcher()).join(',')
    if (!metric.endsWith('}')) return `${metric}{${matchers}}`
    return metric.replace('}', `,${matchers}}`)
  }

  #matcher(): string {
    const random = this.#random
    const label = random.pick(LABELS)
    return random.chance(0.5)
      ? `${label}${random.pick(['=', '!='])}"${random.pick(VALUES)}"`
      : `${label}${random.pick(['=~', '!~'])}"${random.pick(PATTERNS)}"`
  }
}
