// The rules of the engine: loads their files, runs their groups, and takes up what has changed in the files.

import type { Labels, Source } from '@stepwell/promql'
import type { AlertSink } from '../../notify/notification.ts'
import type { RuleSample, SampleSink } from '../evaluate.ts'
import type { RuleGroup } from '../file.ts'
import { type EarlierRule, GroupEvaluation } from '../group.ts'
import type { RuleClock } from './clock.ts'
import { goOn, stateOf } from './go-on.ts'
import { type LoadedGroup, type LoadedRules, loadRules } from './load.ts'
import { noticesOf } from './notices.ts'
import { RunningGroup } from './running-group.ts'
import { Slots } from './slots.ts'
import type { GroupState, StateFile } from './state-file.ts'
import { StoredSamples } from './stored-samples.ts'

/** Between two evaluations where a group does not say it: as in deploy/prometheus/prometheus.yaml. */
export const DEFAULT_INTERVAL = 15_000

export interface RulesOptions {
  /** Files, or patterns in the last part of a path. */
  readonly paths: readonly string[]
  readonly source: Source
  readonly sink: SampleSink
  readonly alerts: AlertSink
  readonly externalLabels: Labels
  readonly states: StateFile
  /** Of each query, as for those of users; but none waits for theirs, nor shares their memory. */
  readonly limits: { readonly timeoutMilliseconds: number; readonly maxSamples: number }
  readonly clock: RuleClock
  /** Resolves when all that has been acknowledged can be read. */
  readonly caughtUp: () => Promise<void>
  /** Told of each reload. */
  readonly reloaded: (isSuccessful: boolean) => void
  readonly warn: (message: string) => void
}

export interface LastReload {
  readonly isSuccessful: boolean
  /** Of the last one that succeeded: milliseconds since the Unix epoch. */
  readonly succeededAt: number
}

export class Rules {
  readonly #options: RulesOptions
  #loaded: LoadedRules
  #groups = new Map<string, RunningGroup>()
  #externalUrl = ''
  #lastReload: LastReload
  readonly #started = Promise.withResolvers<void>()
  /** One reload after the other, and none before the start: the ports are open earlier. */
  #reloading: Promise<void> = this.#started.promise
  #isClosed = false

  constructor(options: RulesOptions, loaded: LoadedRules) {
    this.#options = options
    this.#loaded = loaded
    this.#lastReload = { isSuccessful: true, succeededAt: options.clock.now() }
  }

  /** Ordered by file and name. */
  get groups(): readonly RunningGroup[] {
    return [...this.#groups.values()].sort((a, b) =>
      a.file === b.file ? compare(a.group.name, b.group.name) : compare(a.file, b.file),
    )
  }

  get lastReload(): LastReload {
    return this.#lastReload
  }

  /** How much there is: `7 rules in 2 files`. */
  get summary(): string {
    const { files, groups } = this.#loaded
    const rules = groups.reduce((sum, { group }) => sum + group.rules.length, 0)
    const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
    return `${counted(rules, 'rule')} in ${counted(files.length, 'file')}`
  }

  /** Evaluates from now on, and first what was missed since an earlier process ended. */
  start(externalUrl: string): void {
    const { states, source, clock, warn } = this.#options
    this.#externalUrl = externalUrl
    const known = new Map(states.read().map((state) => [keyOf(state.file, state.name), state]))
    for (const loaded of this.#loaded.groups) {
      const key = keyOf(loaded.file, loaded.group.name)
      const running = this.#create(loaded, known.get(key))
      this.#groups.set(key, running)
      running.run(
        goOn(running, known.get(key), source, clock.now()).catch(({ message }) =>
          warn(
            `rules: ${loaded.file}: group "${loaded.group.name}": what was before the start cannot be read: ${message}`,
          ),
        ),
      )
    }
    this.#started.resolve()
  }

  /**
   * Reads the files again. Groups that did not change go on undisturbed; rules that stayed keep their state.
   * @throws {RuleFilesError} where a file is not sound; then all stays as it was
   */
  reload(): Promise<void> {
    const reloaded = this.#reloading.then(() => this.#reload())
    this.#reloading = reloaded.catch(() => {})
    return reloaded
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#started.resolve()
    await this.#reloading
    await Promise.all(this.groups.map((group) => group.stop()))
    await this.#options.states.close()
  }

  async #reload(): Promise<void> {
    if (this.#isClosed) return
    const { paths, clock, reloaded } = this.#options
    let loaded: LoadedRules
    try {
      loaded = loadRules(paths)
    } catch (error) {
      this.#lastReload = { ...this.#lastReload, isSuccessful: false }
      reloaded(false)
      throw error
    }
    this.#loaded = loaded
    await this.#replace(loaded.groups)
    this.#lastReload = { isSuccessful: true, succeededAt: clock.now() }
    reloaded(true)
  }

  async #replace(loaded: readonly LoadedGroup[]): Promise<void> {
    const before = this.#groups
    const after = new Map<string, RunningGroup | undefined>()
    const changed: LoadedGroup[] = []
    for (const one of loaded) {
      const running = before.get(keyOf(one.file, one.group.name))
      const stays = running && isSame(running, one)
      if (!stays) changed.push(one)
      after.set(keyOf(one.file, one.group.name), stays ? running : undefined)
    }
    const leaving = [...before].filter(([key, running]) => after.get(key) !== running)
    await Promise.all(leaving.map(([, running]) => running.stop()))
    const left = new Map(leaving.map(([key, { evaluation }]) => [key, evaluation.earlier]))
    const created = changed.map((one) => {
      const key = keyOf(one.file, one.group.name)
      const running = this.#create(one, before.get(key))
      left.set(key, running.evaluation.takeOver(left.get(key) ?? []))
      after.set(key, running)
      return running
    })
    // Rules that moved to another group are the same rules.
    for (const { evaluation } of created)
      for (const [key, rules] of left) left.set(key, evaluation.takeOver(rules))
    this.#groups = after as Map<string, RunningGroup>
    for (const [key, running] of leaving) await this.#end(key, running, left.get(key) ?? [])
    for (const running of created) running.run()
  }

  /** Series of rules that are gone: their group ends them, or where that is gone too, they end now. */
  async #end(key: string, gone: RunningGroup, rules: readonly EarlierRule[]): Promise<void> {
    const series = rules.flatMap((rule) => [...(rule.series ?? [])])
    const successor = this.#groups.get(key)
    if (successor) return successor.evaluation.end(series)
    const time = this.#options.clock.now() - (gone.group.queryOffset ?? 0)
    const ended = series.map(([, labels]): RuleSample => ({ labels, time, value: 'stale' }))
    // Where there is no room they end by themselves, five minutes later.
    await gone.stored.append(ended).catch(() => {})
  }

  #create({ file, group }: LoadedGroup, from?: RunningGroup | GroupState): RunningGroup {
    const { source, sink, externalLabels, alerts, limits, clock, caughtUp, warn, states } =
      this.#options
    const stored = from instanceof RunningGroup ? from.stored : new StoredSamples(sink)
    const externalUrl = this.#externalUrl
    const { timeoutMilliseconds, maxSamples } = limits
    const options = { maxSamples }
    const setting = {
      source,
      sink: stored,
      options,
      timeoutMilliseconds,
      externalLabels,
      externalUrl,
    }
    const running = new RunningGroup({
      file,
      evaluation: new GroupEvaluation(group, setting),
      slots: new Slots(file, group.name, group.interval ?? DEFAULT_INTERVAL),
      stored,
      last: from?.last ?? clock.now(),
      clock,
      caughtUp,
      onAlerts: ({ interval }, evaluation, time) =>
        alerts.send(noticesOf(evaluation, time, interval, externalUrl)),
      evaluated: () => states.changed(() => this.groups.map(stateOf)),
      warn,
    })
    if (from instanceof RunningGroup) running.figures.continue(from.figures)
    return running
  }
}

const keyOf = (file: string, name: string): string => `${file};${name}`

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Whether nothing in a group has changed but where it stands. */
function isSame(running: RunningGroup, { group }: LoadedGroup): boolean {
  return textOf(running.group) === textOf(group)
}

const textOf = (group: RuleGroup): string =>
  JSON.stringify(group, (key, value) =>
    key === 'place' ? undefined : value instanceof Map ? [...value] : value,
  )
