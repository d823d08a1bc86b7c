// The files of promtool's unit tests (https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/),
// read strictly.

import {
  type FloatHistogram,
  type Labels,
  parsePoints,
  parseSeries,
  type ScriptSeries,
} from '@stepwell/promql'
import type { Node } from 'yaml'
import { type Place, type Problem, YamlFile } from '../yaml.ts'

export interface TestFile {
  /** Paths and patterns, relative to the file. */
  readonly ruleFiles: readonly string[]
  /** Milliseconds. */
  readonly evaluationInterval: number
  readonly groupOrder: readonly string[]
  /** Floats may be neighbours of those that are expected. */
  readonly isFuzzy: boolean
  readonly tests: readonly RuleTest[]
}

export interface RuleTest {
  readonly name: string
  /** Milliseconds between two points of a series. */
  readonly interval: number
  /** Milliseconds since the Unix epoch: the first point of each series, and time 0 of the test. */
  readonly start: number
  readonly series: readonly ScriptSeries[]
  readonly alertCases: readonly AlertCase[]
  readonly expressionCases: readonly ExpressionCase[]
  readonly externalLabels: Readonly<Record<string, string>>
  readonly externalUrl: string
}

/** `at`: milliseconds since the start of the test. */
export interface AlertCase {
  readonly place: Place
  readonly at: number
  readonly alertname: string
  readonly expected: readonly ExpectedAlert[]
}

export interface ExpectedAlert {
  readonly labels: Labels
  readonly annotations: Labels
}

export interface ExpressionCase {
  readonly place: Place
  readonly at: number
  readonly expr: string
  readonly expected: readonly ExpectedSample[]
}

export interface ExpectedSample {
  readonly labels: Labels
  readonly value: number | FloatHistogram
}

/** Where there are any problems, the tests are not to be run. */
export function parseTestFile(bytes: Uint8Array): { file: TestFile; problems: readonly Problem[] } {
  const reader = new TestFileReader(bytes)
  const file = reader.file()
  const problems = reader.yaml.problems.sort((a, b) => a.line - b.line || a.column - b.column)
  return { file, problems }
}

const FILE = ['rule_files', 'evaluation_interval', 'group_eval_order', 'fuzzy_compare', 'tests']
const TEST = [
  ...['name', 'interval', 'input_series', 'alert_rule_test', 'promql_expr_test'],
  ...['external_labels', 'external_url', 'start_timestamp'],
]
const MINUTE = 60_000

class TestFileReader {
  readonly yaml: YamlFile

  constructor(bytes: Uint8Array) {
    this.yaml = new YamlFile(bytes)
  }

  file(): TestFile {
    const { yaml } = this
    const value = this.#values(yaml.root, 'a file of tests', FILE)
    const evaluationInterval = yaml.duration(value('evaluation_interval')) || MINUTE
    const groupOrder = yaml.list(value('group_eval_order')).map((node) => yaml.text(node) ?? '')
    const repeated = groupOrder.find((name, i) => groupOrder.indexOf(name) < i)
    if (repeated !== undefined)
      yaml.refuse(
        yaml.placeOf(value('group_eval_order')),
        `group name repeated in evaluation order: ${repeated}`,
      )
    return {
      ruleFiles: yaml.list(value('rule_files')).map((node) => yaml.text(node) ?? ''),
      evaluationInterval,
      groupOrder,
      isFuzzy: yaml.boolean(value('fuzzy_compare')) ?? false,
      tests: yaml
        .list(value('tests'))
        .map((node, i) => this.#test(node, `unnamed#${i}`, evaluationInterval)),
    }
  }

  #values(node: Node | undefined, what: string, known: readonly string[]) {
    const fields = this.yaml.fields(node, what, known)
    return (name: string) => fields.get(name)?.value
  }

  #test(node: Node | undefined, unnamed: string, evaluationInterval: number): RuleTest {
    const { yaml } = this
    const value = this.#values(node, 'a test', TEST)
    return {
      name: yaml.text(value('name')) || unnamed,
      interval: yaml.duration(value('interval')) || evaluationInterval,
      start: this.#time(value('start_timestamp')),
      series: yaml.list(value('input_series')).flatMap((one) => this.#series(one)),
      alertCases: yaml.list(value('alert_rule_test')).map((one) => this.#alertCase(one)),
      expressionCases: yaml.list(value('promql_expr_test')).map((one) => this.#expressionCase(one)),
      externalLabels: this.#labels(value('external_labels')),
      externalUrl: yaml.text(value('external_url')) ?? '',
    }
  }

  /** Seconds since the Unix epoch, or RFC 3339. */
  #time(node: Node | undefined): number {
    const text = this.yaml.text(node)
    if (text === undefined) return 0
    const isRfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)
    const time = isRfc3339 ? Date.parse(text) : Math.round(Number(text || 'none') * 1000)
    if (Number.isFinite(time)) return time
    this.yaml.refuse(
      this.yaml.placeOf(node),
      `cannot parse "${text}" to a valid timestamp: write Unix seconds or RFC 3339`,
    )
    return 0
  }

  #series(node: Node | undefined): ScriptSeries[] {
    const { yaml } = this
    const value = this.#values(node, 'a series', ['series', 'values'])
    const text = `${yaml.text(value('series')) ?? ''} ${yaml.text(value('values')) ?? ''}`
    const series = this.#parsed(node, text, () => parseSeries(text))
    return series === undefined ? [] : [series]
  }

  /** What the notation of series makes of a text. */
  #parsed<T>(node: Node | undefined, text: string, parse: () => T): T | undefined {
    try {
      return parse()
    } catch (error) {
      if (!(error instanceof Error)) throw error
      this.yaml.refuse(this.yaml.placeOf(node), `"${text}" is no series: ${error.message}`)
      return undefined
    }
  }

  #labels(node: Node | undefined): Labels {
    return Object.fromEntries(
      [...this.yaml.texts(node)].flatMap(([name, { text }]) => (text === '' ? [] : [[name, text]])),
    )
  }

  #alertCase(node: Node | undefined): AlertCase {
    const { yaml } = this
    const value = this.#values(node, 'an alert test', ['eval_time', 'alertname', 'exp_alerts'])
    const alertname = yaml.text(value('alertname')) ?? ''
    const place = yaml.placeOf(node)
    if (alertname === '')
      yaml.refuse(place, 'an item under alert_rule_test misses required attribute alertname')
    const expected = yaml.list(value('exp_alerts')).map((one) => {
      const of = this.#values(one, 'an expected alert', ['exp_labels', 'exp_annotations'])
      return {
        labels: { ...this.#labels(of('exp_labels')), alertname },
        annotations: this.#labels(of('exp_annotations')),
      }
    })
    return { place, at: yaml.duration(value('eval_time')) ?? 0, alertname, expected }
  }

  #expressionCase(node: Node | undefined): ExpressionCase {
    const { yaml } = this
    const value = this.#values(node, 'an expression test', ['expr', 'eval_time', 'exp_samples'])
    return {
      place: yaml.placeOf(node),
      at: yaml.duration(value('eval_time')) ?? 0,
      expr: yaml.text(value('expr')) ?? '',
      expected: yaml.list(value('exp_samples')).flatMap((one) => this.#sample(one)),
    }
  }

  #sample(node: Node | undefined): ExpectedSample[] {
    const { yaml } = this
    const value = this.#values(node, 'an expected sample', ['labels', 'value', 'histogram'])
    const text = yaml.text(value('labels')) ?? ''
    const series = this.#parsed(node, text, () => parseSeries(text.trim() || '{}'))
    const number = yaml.number(value('value')) ?? 0
    if (series === undefined) return []
    if (series.points.length > 0) yaml.refuse(yaml.placeOf(node), `"${text}" is more than labels`)
    const labels = series.labels.toLabels()
    const histogram = yaml.text(value('histogram')) ?? ''
    if (histogram === '') return [{ labels, value: number }]
    const points = this.#parsed(node, histogram, () => parsePoints(histogram)) ?? []
    const [point] = points
    if (points.length === 1 && typeof point === 'object') return [{ labels, value: point }]
    yaml.refuse(yaml.placeOf(node), `"${histogram}" is not one histogram`)
    return []
  }
}
