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
  histograms: HISTOGRAMS,
  classic: ['latency_seconds_bucket'],
}
export type Metrics = keyof typeof METRICS

export const LABELS = ['job', 'instance', 'code', 'le', 'version', 'service.name']
/** A name as it stands in a query. */
const written = (label: string) => (/^\w+$/.test(label) ? label : `"${label}"`)
const VALUES = ['api', 'web.1', '0', '1', '200', '404', '+Inf', '1.0', '', 'other']
const PATTERNS = [
  ...['api|web.+', '.*', '.+', '[0-1]', '4..|5..', '', 'a.*|', '(?i:API)', 'web\\\\.1'],
  ...['(?i)WEB.*', '(?s).+', '[[:digit:]]+', '\\\\d+|a(p|q)i', '(?U)a.*', '^api$', '0|', 'x{0}'],
]
const RANGES = [
  ...['15s', '1m', '90s', '2m', '5m', '5m', '10m', '1h', '1m30s500ms', '300', '2m+30s', '5m*2'],
]
/** Of selectors alone: a subquery would take that many steps. */
const FAR = ['2h30m', '3d', '1y', '0.5', '1ms']
/** How a duration may be reckoned: also nothing, or less. */
const RECKONED = [
  ...['step()', 'range()', 'step()*3', 'step()+30', 'range()/2+1m', 'max_of(step(),1m)'],
  ...[
    'min_of(range(),5m)',
    '(1m+step())*2',
    '2^3*30',
    '10m%7m',
    '-(1m-3m)',
    'max_of(1m, 5m-step())',
  ],
]

/** Labels in parentheses. */
export const listed = (labels: readonly string[]) => `(${labels.map(written).join(', ')})`

export class Selectors {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  instant(metrics: Metrics): string {
    const smoothed = this.#random.chance(0.05) ? ' smoothed' : ''
    return `${this.#series(metrics)}${smoothed}${this.shift()}`
  }

  range(metrics: Metrics): string {
    return `${this.#series(metrics)}[${this.#length()}]${this.shift()}`
  }

  /** An `anchored` or `smoothed` range. */
  extended(metrics: Metrics): string {
    const extension = this.#random.pick(['anchored', 'smoothed'])
    return `${this.#series(metrics)}[${this.#length()}] ${extension}${this.shift()}`
  }

  duration(): string {
    return this.#random.pick(this.#random.chance(0.1) ? RECKONED : RANGES)
  }

  #length(): string {
    return this.#random.chance(0.05) ? this.#random.pick(FAR) : this.duration()
  }

  /** With a sign before parentheses: without one, Prometheus takes an operator behind them for the duration's. */
  #distance(): string {
    const sign = this.#random.pick(['', '', '-'])
    if (this.#random.chance(0.8)) return `${sign}${this.#random.pick(RANGES).replace(/\W.*/, '')}`
    const duration = this.#random.pick(RECKONED)
    return /^\w+\(\)$/.test(duration) ? `${sign}${duration}` : `${sign || '+'}(${duration})`
  }

  /** `@` and `offset`, or nothing. */
  shift(): string {
    const random = this.#random
    const at = () => {
      const time = random.between(DATA_START, DATA_END) / 1000
      return ` @ ${random.pick(['start()', 'end()', time.toFixed(3), time.toFixed(0)])}`
    }
    const offset = () => ` offset ${this.#distance()}`
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
    const label = written(random.pick(LABELS))
    return random.chance(0.5)
      ? `${label}${random.pick(['=', '!='])}"${random.pick(VALUES)}"`
      : `${label}${random.pick(['=~', '!~'])}"${random.pick(PATTERNS)}"`
  }
}
