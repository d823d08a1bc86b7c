// What an earlier process stored behind the last evaluation that it noted: those times are evaluated again, and what is
// there already is not stored a second time.

import type { Matcher, Source } from '@stepwell/promql'
import { keyOf, type RuleSample, type SampleSink } from '../evaluate.ts'
import type { Rule, RuleGroup } from '../file.ts'

export class StoredSamples implements SampleSink {
  readonly #sink: SampleSink
  /** Of each series the newest time that is stored: milliseconds since the Unix epoch. */
  #newest = new Map<string, number>()
  /** The newest of all. */
  #until = Number.NEGATIVE_INFINITY
  /** Nothing up to here is stored again. */
  #floor = Number.NEGATIVE_INFINITY

  constructor(sink: SampleSink) {
    this.#sink = sink
  }

  /** @param after milliseconds since the Unix epoch: what is stored up to then does not matter */
  async read(source: Source, { rules }: RuleGroup, after: number, until: number): Promise<void> {
    const selections = new Map(rules.map((rule) => [JSON.stringify(matchersOf(rule)), rule]))
    for (const rule of selections.values()) {
      const matchers = matchersOf(rule)
      for (const { labels, samples, histograms } of await source.select({
        matchers,
        start: after + 1,
        end: until,
      })) {
        const times = [samples.timestamps.at(-1), histograms?.timestamps.at(-1)]
        const last = Math.max(...times.map((time) => time ?? Number.NEGATIVE_INFINITY))
        if (last < after) continue
        this.#newest.set(keyOf(labels), last)
        this.#until = Math.max(this.#until, last)
      }
    }
  }

  /** After the clock has been set back: series do not go back with it. */
  raise(floor: number): void {
    this.#floor = Math.max(this.#floor, floor)
  }

  async append(samples: readonly RuleSample[]): Promise<void> {
    const [first] = samples
    // From here on all is behind what was stored.
    if (first && first.time > this.#until) this.#newest = new Map()
    const fresh = samples.filter(({ labels, time }) => time > this.#newestOf(labels))
    if (fresh.length > 0) await this.#sink.append(fresh)
  }

  #newestOf(labels: RuleSample['labels']): number {
    return this.#newest.size === 0
      ? this.#floor
      : Math.max(this.#floor, this.#newest.get(keyOf(labels)) ?? this.#floor)
  }
}

/** Selects no less than the series of a rule. */
function matchersOf(rule: Rule): Matcher[] {
  if (rule.kind === 'recording') return [{ name: '__name__', type: '=', value: rule.name }]
  return [
    { name: '__name__', type: '=~', value: 'ALERTS|ALERTS_FOR_STATE' },
    { name: 'alertname', type: '=', value: rule.name },
  ]
}
