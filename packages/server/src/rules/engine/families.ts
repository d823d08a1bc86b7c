// What the rules say of themselves on /metrics: Prometheus' figures, under names of ours.

import type { MetricFamily, NumberMetric } from '../../derive/types.ts'
import type { Rules } from './rules.ts'
import type { RunningGroup } from './running-group.ts'

type Read = (group: RunningGroup) => number | undefined

/** @param startedAt since when is counted: milliseconds since the Unix epoch */
export function ruleFamilies(
  { groups, lastReload }: Pick<Rules, 'groups' | 'lastReload'>,
  startedAt: number,
): MetricFamily[] {
  const family = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    metrics: readonly Pick<NumberMetric, 'labels' | 'value'>[],
  ): MetricFamily => ({
    name,
    type,
    help,
    unit: name.endsWith('_seconds') ? 'seconds' : '',
    metrics: metrics.map(({ labels, value }) => ({
      labels,
      value,
      created: type === 'counter' ? startedAt : undefined,
      exemplar: undefined,
    })),
  })
  const ofGroups = (name: string, type: 'counter' | 'gauge', help: string, read: Read) =>
    family(
      `stepwell_rule_${name}`,
      type,
      help,
      groups.flatMap((group) => {
        const value = read(group)
        const labels = { rule_group: `${group.file};${group.group.name}` }
        return value === undefined ? [] : [{ labels, value }]
      }),
    )
  return [
    family(
      'stepwell_rules_last_reload_successful',
      'gauge',
      'Whether the rule files were sound when they were last read',
      [{ labels: {}, value: lastReload.isSuccessful ? 1 : 0 }],
    ),
    family(
      'stepwell_rules_last_reload_success_timestamp_seconds',
      'gauge',
      'Unix time at which the rule files were last read and sound',
      [{ labels: {}, value: lastReload.succeededAt / 1000 }],
    ),
    ofGroups(
      'evaluations_total',
      'counter',
      'Rules that were evaluated',
      (group) => group.figures.evaluations,
    ),
    ofGroups(
      'evaluation_failures_total',
      'counter',
      'Rules whose evaluation failed, or whose samples could not be stored',
      (group) => group.figures.failures,
    ),
    ofGroups(
      'group_iterations_total',
      'counter',
      'Evaluations of a group that were due, also those that were left out',
      ({ figures }) => figures.iterations + figures.missed,
    ),
    ofGroups(
      'group_iterations_missed_total',
      'counter',
      'Evaluations of a group that were left out',
      (group) => group.figures.missed,
    ),
    ofGroups(
      'group_interval_seconds',
      'gauge',
      'Time between two evaluations of a group',
      (group) => group.interval / 1000,
    ),
    ofGroups(
      'group_last_evaluation_timestamp_seconds',
      'gauge',
      'Unix time of the last evaluation of a group',
      ({ figures }) => (figures.evaluatedAt === undefined ? undefined : figures.evaluatedAt / 1000),
    ),
    ofGroups(
      'group_last_duration_seconds',
      'gauge',
      'How long the last evaluation of a group took',
      (group) => group.figures.milliseconds / 1000,
    ),
    ofGroups(
      'group_last_evaluation_samples',
      'gauge',
      'Samples that the last evaluation of a group gave',
      (group) => group.figures.samples,
    ),
    ofGroups('group_rules', 'gauge', 'Rules of a group', (group) => group.group.rules.length),
  ]
}
