// Queries of everything that PromQL has, right in their types; what they ask need make no sense.

import type { Random } from './random.ts'
import { LABELS, listed, type Metrics, Selectors } from './selectors.ts'

const NUMBERS = [
  '0',
  '1',
  '2',
  '-1',
  '0.5',
  '0.9',
  '1e3',
  '5m',
  '0x1F',
  'NaN',
  'Inf',
  '-Inf',
  '3.7',
]
const QUANTILES = ['0', '0.1', '0.5', '0.9', '0.99', '1', '-0.5', '1.5', 'NaN']
const STRATEGIES = ['0', '1', '2', '3', 'scalar(up)']
const FACTORS = ['0.1', '0.5', '0.9', '0', '1', '2']
const MATH =
  'abs acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad sgn sin sinh sqrt tan tanh'.split(
    ' ',
  )
const DATES = 'day_of_month day_of_week day_of_year days_in_month hour minute month year'.split(' ')
const OVER_TIME =
  'absent avg count first last mad max min present stddev stdvar sum ts_of_first ts_of_last ts_of_max ts_of_min'.split(
    ' ',
  )
const RATES = 'rate rate rate increase delta irate idelta deriv changes resets'.split(' ')
const HISTOGRAM =
  'histogram_avg histogram_count histogram_stddev histogram_stdvar histogram_sum'.split(' ')
const INFOS = [
  ...['', ', {region=~".+"}', ', {__name__="build_info"}', ', {__name__=~".+_info"}'],
  ...[', {region="eu"}', ', {version!=""}', ', {nothing=""}', ', {__name__!="target_info"}'],
]
const AGGREGATIONS = 'sum sum avg min max count group stddev stdvar'.split(' ')
const ARITHMETIC = ['+', '-', '*', '/', '%', '^', 'atan2']
const COMPARISONS = ['==', '!=', '<', '>', '<=', '>=']

export class Grammar {
  readonly #random: Random
  readonly #selectors: Selectors

  constructor(random: Random) {
    this.#random = random
    this.#selectors = new Selectors(random)
  }

  /** Any query. */
  query(): string {
    const { next, pick } = bound(this.#random)
    const chosen = next()
    const depth = pick([0, 1, 1, 2, 2, 3])
    if (chosen < 0.005) return this.#selectors.extended('any')
    if (chosen < 0.03) return this.#range(depth, 'any')
    if (chosen < 0.1) return this.#scalar(depth)
    if (chosen < 0.105) return this.#text()
    if (chosen < 0.15) return this.#sorted(depth)
    return this.#vector(depth)
  }

  #vector(depth: number, metrics: Metrics = 'any'): string {
    const { pick } = bound(this.#random)
    if (depth <= 0) return this.#selectors.instant(metrics)
    return pick([
      () => this.#overRange(depth, metrics),
      () => this.#overRange(depth, metrics),
      () => this.#overRange(depth, metrics),
      () => this.#aggregation(depth, metrics),
      () => this.#aggregation(depth, metrics),
      () => this.#binary(depth, metrics),
      () => this.#binary(depth, metrics),
      () => this.#ofHistograms(depth),
      () => this.#ofHistograms(depth),
      () => this.#ofFloats(depth, metrics),
      () => this.#relabelled(depth, metrics),
      () => `${pick(['-', '+'])}${this.#operand(depth - 1, metrics)}`,
      () => `(${this.#vector(depth - 1, metrics)})`,
    ])()
  }

  /** What may stand beside an operator. */
  #operand(depth: number, metrics: Metrics): string {
    return depth <= 0 ? this.#vector(0, metrics) : `(${this.#vector(depth, metrics)})`
  }

  #scalar(depth: number): string {
    const { pick, chance } = bound(this.#random)
    if (depth <= 0 || chance(0.3)) return pick(NUMBERS)
    return pick([
      () => `scalar(${this.#vector(depth - 1)})`,
      () => pick(['time()', 'pi()', 'start()', 'end()', 'step()', 'range()']),
      () => `(${this.#scalar(depth - 1)} ${pick(ARITHMETIC)} ${this.#scalar(depth - 1)})`,
      () => `(${this.#scalar(depth - 1)} ${pick(COMPARISONS)} bool ${this.#scalar(depth - 1)})`,
      () => `${pick(['min_of', 'max_of'])}(${this.#scalar(depth - 1)}, ${this.#scalar(depth - 1)})`,
      () => `-${this.#scalar(depth - 1)}`,
    ])()
  }

  #text(): string {
    return this.#random.pick(['"text"', "'it\\'s'", '`a\\nb`', '"\\u00e9\\x41\\n"'])
  }

  #range(depth: number, metrics: Metrics): string {
    const { chance } = bound(this.#random)
    if (depth <= 0 || chance(0.75)) return this.#selectors.range(metrics)
    const step = chance(0.7) ? this.#selectors.duration() : ''
    const inner = chance(0.05) ? this.#scalar(1) : this.#vector(depth - 1, metrics)
    return `(${inner})[${this.#selectors.duration()}:${step}]${this.#selectors.shift()}`
  }

  #overRange(depth: number, metrics: Metrics): string {
    const { pick, chance } = bound(this.#random)
    const range = this.#range(depth - 1, chance(0.3) ? 'counters' : metrics)
    return pick([
      () => `${pick(RATES)}(${range})`,
      () => `${pick(RATES)}(${range})`,
      () => `${pick(RATES)}(${range})`,
      () => `${pick(OVER_TIME)}_over_time(${range})`,
      () => `${pick(OVER_TIME)}_over_time(${range})`,
      () => `quantile_over_time(${pick(QUANTILES)}, ${range})`,
      () => `${pick(RATES)}(${this.#selectors.extended(metrics)})`,
      () => `integral(${range}${pick(['', `, ${pick(STRATEGIES)}`])})`,
      () => `predict_linear(${range}, ${this.#scalar(1)})`,
      () => `double_exponential_smoothing(${range}, ${pick(FACTORS)}, ${pick(FACTORS)})`,
    ])()
  }

  #aggregation(depth: number, metrics: Metrics): string {
    const { pick } = bound(this.#random)
    const grouping = this.#grouping()
    const over = this.#vector(depth - 1, metrics)
    return pick([
      () => `${pick(AGGREGATIONS)}${grouping}(${over})`,
      () => `${pick(AGGREGATIONS)}${grouping}(${over})`,
      () =>
        `${pick(['topk', 'bottomk', 'limitk'])}${grouping}(${pick(['1', '2', '3', '0', '5'])}, ${over})`,
      () => `limit_ratio${grouping}(${pick(['0.3', '-0.5', '1', '0', '1.5'])}, ${over})`,
      () => `quantile${grouping}(${pick(QUANTILES)}, ${over})`,
      () => `count_values${grouping}("${pick(['value', 'job', 'new'])}", ${over})`,
    ])()
  }

  #grouping(): string {
    const { pick, some } = bound(this.#random)
    return pick(['', ` by ${listed(some(LABELS, 0.4))}`, ` without ${listed(some(LABELS, 0.4))}`])
  }

  #binary(depth: number, metrics: Metrics): string {
    const { pick, chance } = bound(this.#random)
    const operator = chance(0.6) ? pick(ARITHMETIC) : `${pick(COMPARISONS)}${pick(['', ' bool'])}`
    const left = this.#operand(depth - 1, metrics)
    if (chance(0.3)) {
      const sides = [left, this.#scalar(depth - 1)]
      return (chance(0.7) ? sides : sides.reverse()).join(` ${operator} `)
    }
    const right = chance(0.4) ? left : this.#operand(depth - 1, metrics)
    const on = `${pick(['on', 'ignoring'])} ${listed(this.#random.some(LABELS, 0.5))}`
    if (chance(0.3))
      return `${left} ${pick(['and', 'or', 'unless'])}${pick(['', ` ${on}`])} ${right}`
    const include = listed(this.#random.some(LABELS, 0.15))
    const matching = pick([
      '',
      '',
      ` ${on}`,
      ` ${on} ${pick(['group_left', 'group_right'])} ${include}`,
    ])
    // With group_right, Prometheus 3.16 fills the other side than its own scripts say.
    const canFill = !matching.includes('group_right')
    const fill =
      canFill && chance(0.05)
        ? ` ${pick(['fill', 'fill_left', 'fill_right'])} (${pick(NUMBERS)})`
        : ''
    return `${left} ${operator}${matching}${fill} ${right}`
  }

  #ofHistograms(depth: number): string {
    const { pick, chance } = bound(this.#random)
    const kind = chance(0.3) ? 'classic' : 'histograms'
    const inner = this.#vector(depth - 1, kind)
    return pick([
      () => `${pick(HISTOGRAM)}(${inner})`,
      () => `histogram_quantile(${pick(QUANTILES)}, ${inner})`,
      () =>
        `histogram_quantile(${pick(QUANTILES)}, sum by (le${pick(['', ', job'])}) (rate(${this.#range(depth - 2, kind)})))`,
      () => `histogram_fraction(${pick(NUMBERS)}, ${pick(NUMBERS)}, ${inner})`,
      () => `histogram_quantiles(${inner}, "q", ${pick(QUANTILES)}, ${pick(QUANTILES)})`,
      () => `${inner} ${pick(['</', '>/'])} ${pick(NUMBERS)}`,
    ])()
  }

  #ofFloats(depth: number, metrics: Metrics): string {
    const { pick } = bound(this.#random)
    const inner = this.#vector(depth - 1, metrics)
    return pick([
      () => `${pick(MATH)}(${inner})`,
      () => `${pick(MATH)}(${inner})`,
      () => `${pick(DATES)}(${pick([inner, '', `vector(${this.#scalar(1)})`])})`,
      () => `clamp(${inner}, ${this.#scalar(1)}, ${this.#scalar(1)})`,
      () => `${pick(['clamp_min', 'clamp_max'])}(${inner}, ${this.#scalar(1)})`,
      () => `round(${inner}${pick(['', `, ${this.#scalar(0)}`])})`,
      () => `${pick(['timestamp', 'absent', 'start_timestamp'])}(${inner})`,
      () => `vector(${this.#scalar(depth - 1)})`,
    ])()
  }

  #relabelled(depth: number, metrics: Metrics): string {
    const { pick } = bound(this.#random)
    const inner = this.#vector(depth - 1, metrics)
    const target = pick([...LABELS, 'new', 'new', '__name__'])
    const replacement = pick(['$1', 'x-$1-y', '', '$first', 'same', '$0$$'])
    const pattern = pick(['(.*)', '(?P<first>.)(.*)', '(a|w).*', 'api', ''])
    return pick([
      () =>
        `label_replace(${inner}, "${target}", "${replacement}", "${pick(LABELS)}", "${pattern}")`,
      () =>
        `label_join(${inner}, "${target}", "${pick(['', '-', ', '])}", "job", "${pick(LABELS)}")`,
      () => `info(${inner}${pick(INFOS)})`,
    ])()
  }

  #sorted(depth: number): string {
    const { pick } = bound(this.#random)
    const inner = this.#vector(depth - 1)
    return pick([
      () => `${pick(['sort', 'sort_desc'])}(${inner})`,
      () =>
        `${pick(['sort_by_label', 'sort_by_label_desc'])}(${inner}, "${pick(LABELS)}", "${pick(LABELS)}")`,
      () => `${pick(['topk', 'bottomk'])}(3, ${inner})`,
    ])()
  }
}

/** The generator's methods as words. */
function bound(random: Random) {
  return {
    next: () => random.next(),
    pick: <Choice>(choices: readonly Choice[]) => random.pick(choices),
    chance: (probability: number) => random.chance(probability),
    some: <Choice>(choices: readonly Choice[], probability: number) =>
      random.some(choices, probability),
  }
}
