// Unit tests of alerts, in the notation of promtool.

import { yamlFile } from '../pack-file.ts'
import type { AlertRule } from './alert.ts'
import type { InputSeries } from './steps.ts'

export interface ExpectedAlert {
  /** Beside the rule's own. */
  readonly labels: Readonly<Record<string, string>>
  /** As the description says it. */
  readonly value: string
}

/** What an alert has at a time; nothing where it must be silent. */
export type Moment = readonly [at: string, rule: AlertRule, alerts: readonly ExpectedAlert[]]

export interface AlertCase {
  readonly name: string
  readonly series: readonly InputSeries[]
  readonly moments: readonly Moment[]
}

const LABEL = /\{\{ \$labels\.(\w+) \}\}/g
const VALUE = /\{\{ [^}]*\$value[^}]*\}\}s?/

/** As the rule would render it for a user. */
export const expected = (rule: AlertRule, { labels, value }: ExpectedAlert) => ({
  exp_labels: { ...rule.labels, ...labels },
  exp_annotations: Object.fromEntries(
    Object.entries(rule.annotations).map(([name, text]) => [
      name,
      text.replace(LABEL, (_, label: string) => labels[label] ?? '').replace(VALUE, value),
    ]),
  ),
})

/** @param interval of the samples and of the evaluation */
export const alertTests = (
  path: string,
  about: string,
  rules: string,
  interval: string,
  cases: readonly AlertCase[],
) =>
  yamlFile(path, about, {
    rule_files: [`../${rules}`],
    evaluation_interval: interval,
    tests: cases.map(({ name, series, moments }) => ({
      name,
      interval,
      input_series: series,
      alert_rule_test: moments.map(([at, rule, alerts]) => ({
        eval_time: at,
        alertname: rule.alert,
        exp_alerts: alerts.map((alert) => expected(rule, alert)),
      })),
    })),
  })
