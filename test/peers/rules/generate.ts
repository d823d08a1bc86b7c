// Rule files of chance, over a gauge `load` and a counter `work_total` of a few hosts.

import type { Random } from '../promql/random.ts'

export const HOSTS = ['a', 'b', 'c', 'd']

const EXPRESSIONS = [
  'load',
  'load > 1',
  'sum by (job) (load)',
  'max(load) without (host)',
  'rate(work_total[5s])',
  'increase(work_total{host=~"a|b"}[7s]) * 2',
  'avg_over_time(load[4s])',
  'load{host="a"} > bool 2',
  'count(load == 0)',
  // Not before there are metrics: both are not started at the same time.
  'absent(load{host="b"}) and on() sum(load)',
  'topk(2, load)',
  'vector(1) + on() group_left() sum(load)',
  'label_replace(load, "zone", "z-$1", "host", "(.)")',
  '-load',
  'load / 0',
  // They fail where there is something.
  'label_replace(load, "host", "same", "", "")',
  'load * on(job) load',
]

const ANNOTATIONS = [
  '{{ $labels.host }} is at {{ $value }}',
  '{{ $value | humanize }} of {{ $externalLabels.cluster }} {{ $externalURL }}',
  '{{ with query "sum(load)" }}{{ . | first | value | printf "%.2f" }}{{ end }}',
  '{{ printf "%q" .Value }}',
  'plain',
]

/** Groups with intervals of a second or more, whose rules read what those before gave. */
export function generateRules(random: Random): string {
  return JSON.stringify({
    groups: Array.from({ length: 6 }, (_, group) => ({
      name: `group ${group}`,
      interval: `${random.between(1, 3)}s`,
      ...(random.chance(0.3) && { query_offset: `${random.between(0, 2)}s` }),
      ...(random.chance(0.3) && { limit: random.between(1, 4) }),
      ...(random.chance(0.4) && { labels: { team: 'x', ...(random.chance(0.5) && { job: '' }) } }),
      rules: Array.from({ length: random.between(2, 6) }, (_, rule) =>
        random.chance(0.5) ? recording(random, group, rule) : alerting(random, group, rule),
      ),
    })),
  })
}

function recording(random: Random, group: number, rule: number) {
  const before = `rec:${group}:${Math.max(0, rule - 1)}`
  return {
    record: `rec:${group}:${rule}`,
    expr: random.chance(0.3) ? `${before} + 1 or load` : random.pick(EXPRESSIONS),
    ...(random.chance(0.4) && {
      labels: { rule: String(rule), ...(random.chance(0.3) && { host: '' }) },
    }),
  }
}

function alerting(random: Random, group: number, rule: number) {
  return {
    alert: `Alert${group}_${rule}`,
    expr: random.pick(EXPRESSIONS),
    ...(random.chance(0.6) && { for: `${random.between(0, 6)}s` }),
    ...(random.chance(0.4) && { keep_firing_for: `${random.between(1, 6)}s` }),
    labels: {
      ...(random.chance(0.5) && { severity: random.pick(['page', 'ticket']) }),
      ...(random.chance(0.3) && { level: 'l{{ $value }}' }),
      ...(random.chance(0.2) && { none: '{{ $labels.none }}' }),
    },
    annotations: { ...(random.chance(0.7) && { summary: random.pick(ANNOTATIONS) }) },
  }
}
