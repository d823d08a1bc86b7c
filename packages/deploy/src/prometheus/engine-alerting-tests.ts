// When the alerts fire that the embedded engine alone can give.

import { LOST_GAUGE } from '@stepwell/model'
import {
  BACKLOG,
  DISK_FILLING,
  DOWN,
  ENGINE_RULES,
  INDEX_BEHIND,
  JOURNAL_FAILING,
  NOT_INGESTING,
  NOT_NOTIFYING,
  REFUSES_SENDERS,
  RETENTION_FAILING,
  RULES_FAILING,
  RULES_OLD,
  STEPS_LOST,
  TOO_LARGE,
} from './engine-alerting.ts'
import { type AlertCase, alertTests, type ExpectedAlert, type Moment } from './expected.ts'
import { type InputSeries, named, PLACE } from './steps.ts'

const lost = (labels: Readonly<Record<string, string>>, values: string): InputSeries => ({
  series: named(LOST_GAUGE.prometheusName, {
    job: 'agent-steps',
    repo: 'shop',
    ...labels,
    ...PLACE,
  }),
  values,
})

const ofAgent = (agent: string, value: string): ExpectedAlert => ({
  labels: { agent, ...PLACE },
  value,
})

const LOST: readonly AlertCase[] = [
  {
    name: 'two steps that fall silent, of which one is heard of again; a third one after the first has left the gauge',
    series: [
      lost({ agent: 'coder', step_name: 'implement' }, '_x4 0 1x39 2x39 1x600'),
      lost({ agent: 'coder', step_name: 'review' }, '_x480 0 1x200'),
      lost({ agent: 'planner', step_name: 'plan' }, '0x680'),
    ],
    moments: [
      ['2m', STEPS_LOST, []],
      ['5m', STEPS_LOST, [ofAgent('coder', '1')]],
      ['15m', STEPS_LOST, [ofAgent('coder', '2')]],
      ['30m', STEPS_LOST, [ofAgent('coder', '1')]],
      ['1h30m', STEPS_LOST, []],
      ['2h5m', STEPS_LOST, [ofAgent('coder', '1')]],
      ['2h45m', STEPS_LOST, [ofAgent('coder', '1')]],
    ],
  },
  {
    name: 'one that leaves the gauge while another joins it hides it in no other step',
    series: [
      lost({ agent: 'coder', step_name: 'implement' }, '1x300 0x300'),
      lost({ agent: 'coder', step_name: 'review' }, '0x300 1x300'),
    ],
    moments: [
      ['1h14m', STEPS_LOST, []],
      ['1h20m', STEPS_LOST, [ofAgent('coder', '1')]],
    ],
  },
]

const own = (
  name: string,
  values: string,
  labels: Readonly<Record<string, string>> = {},
): InputSeries => ({ series: named(name, { job: 'stepwell', ...labels }), values })

const engine = (value: string, labels: Readonly<Record<string, string>> = {}): ExpectedAlert => ({
  labels: { job: 'stepwell', ...labels },
  value,
})

const rejected = (reason: string, values: string) =>
  ['grpc', 'http'].map((transport) =>
    own(
      'stepwell_rejected_requests_total',
      transport === 'http' ? values : values.replaceAll(/\d+(\+\d+)?x/g, '0x'),
      { reason, transport },
    ),
  )

const AWAY = { alertmanager: 'http://alertmanager:9093/api/v2/alerts' }
const WEBHOOK = { integration: 'webhook' }
const REASON = { reason: 'disk_full' }

const ENGINE: readonly AlertCase[] = [
  {
    name: 'an engine at rest, and one that works as it should',
    series: [
      ...['overloaded', 'disk_full', 'not_durable', 'internal', 'malformed', 'path'].flatMap(
        (reason) => rejected(reason, '0x400'),
      ),
      ...rejected('shutting_down', '0+1x400'),
      own('stepwell_journal_failed_commits_total', '0x400'),
      own('stepwell_retention_failed_passes_total', '0x400'),
      own('stepwell_journal_newest_record_timestamp_seconds', '0x40 1700000000+15x359'),
      own('stepwell_index_newest_record_timestamp_seconds', '0x40 1699999999+15x359'),
      own('stepwell_index_backlog_bytes', '0x40 1000000x359'),
      own('stepwell_journal_bytes', '0+1000x400'),
      own('stepwell_index_bytes', '0+100x400'),
      own('stepwell_retention_limit_bytes', '20000000000x400'),
      own('stepwell_disk_available_bytes', '5000000000-100x400'),
      own('stepwell_disk_size_bytes', '100000000000x400'),
      own('stepwell_rule_evaluation_failures_total', '0x400', { rule_group: 'a;b' }),
      own('stepwell_rules_last_reload_successful', '1x400'),
      own('stepwell_notifications_errors_total', '0x400', AWAY),
      own('up', '1x400'),
    ],
    moments: ENGINE_RULES.flatMap((rule): Moment[] => [
      ['20m', rule, []],
      ['100m', rule, []],
    ]),
  },
  {
    name: 'a disk that fills up, and is full for ten minutes',
    series: [
      ...rejected('disk_full', '0x100 0+3x40 120x100'),
      own('stepwell_journal_failed_commits_total', '0x100 0+1x40 40x100'),
      own('stepwell_disk_available_bytes', '9000000000-90000000x100 0x40 50000000000x100'),
      own('stepwell_disk_size_bytes', '100000000000x240'),
    ],
    moments: [
      ['10m', DISK_FILLING, []],
      ['20m', DISK_FILLING, [engine('1.8%')]],
      ['25m', NOT_INGESTING, []],
      ['32m', NOT_INGESTING, [engine('60', REASON)]],
      ['32m', JOURNAL_FAILING, [engine('20')]],
      ['45m', NOT_INGESTING, []],
      ['45m', JOURNAL_FAILING, []],
      ['45m', DISK_FILLING, []],
      ['32m', REFUSES_SENDERS, []],
    ],
  },
  {
    name: 'a request that is refused once in a while: how many is said, and not how many a second',
    series: rejected('not_durable', '0x20 1x10 2x60'),
    moments: [
      ['7m', NOT_INGESTING, [engine('1', { reason: 'not_durable' })]],
      ['9m', NOT_INGESTING, [engine('2', { reason: 'not_durable' })]],
      ['15m', NOT_INGESTING, []],
    ],
  },
  {
    name: 'an index that stands still for twenty minutes, and catches up',
    series: [
      own('stepwell_journal_newest_record_timestamp_seconds', '1700000000+15x200'),
      own('stepwell_index_newest_record_timestamp_seconds', '1700000000x80 1700001215+15x119'),
      own('stepwell_index_backlog_bytes', '0+4194304x80 0x119'),
    ],
    moments: [
      ['5m', INDEX_BEHIND, []],
      ['10m', INDEX_BEHIND, [engine('10m 0s')]],
      ['25m', INDEX_BEHIND, []],
      ['8m', BACKLOG, []],
      ['10m', BACKLOG, [engine('160Mi')]],
      ['25m', BACKLOG, []],
    ],
  },
  {
    name: 'retention that fails, and then makes room',
    series: [
      own('stepwell_retention_failed_passes_total', '0+15x120 1800x120'),
      own('stepwell_journal_bytes', '900000000x120 500000000x120'),
      own('stepwell_index_bytes', '300000000x120 100000000x120'),
      own('stepwell_retention_limit_bytes', '1000000000x240'),
    ],
    moments: [
      ['14m', RETENTION_FAILING, []],
      ['20m', RETENTION_FAILING, [engine('')]],
      ['40m', RETENTION_FAILING, []],
      ['14m', TOO_LARGE, []],
      ['20m', TOO_LARGE, [engine('120%')]],
      ['40m', TOO_LARGE, []],
    ],
  },
  {
    name: 'a sender with the wrong token, for a quarter of an hour; one mistake is none',
    series: [
      ...rejected('unauthenticated', '0+3x60 180x100'),
      ...rejected('malformed', '0x20 1x140'),
    ],
    moments: [
      ['9m', REFUSES_SENDERS, []],
      ['14m', REFUSES_SENDERS, [engine('60', { reason: 'unauthenticated' })]],
      ['30m', REFUSES_SENDERS, []],
      ['14m', NOT_INGESTING, []],
    ],
  },
  {
    name: 'rules that fail for ten minutes, files that are not sound for as long, an Alertmanager that is away for twenty',
    series: [
      own('stepwell_rule_evaluation_failures_total', '0x20 0+1x40 40x100', { rule_group: 'a;b' }),
      own('stepwell_rules_last_reload_successful', '1x20 0x40 1x100'),
      own('stepwell_notifications_errors_total', '0x20 0+1x80 80x100', AWAY),
    ],
    moments: [
      ['19m', RULES_FAILING, []],
      ['25m', RULES_FAILING, [engine('20', { rule_group: 'a;b' })]],
      ['31m', RULES_FAILING, []],
      ['9m', RULES_OLD, []],
      ['14m', RULES_OLD, [engine('')]],
      ['22m', RULES_OLD, []],
      ['14m', NOT_NOTIFYING, []],
      ['20m', NOT_NOTIFYING, [engine('40', AWAY)]],
      ['35m', NOT_NOTIFYING, []],
    ],
  },
  {
    name: 'what is tried every five or ten minutes, and fails each time; what fails once',
    series: [
      own('stepwell_notifications_errors_total', '0x20 1x20 2x20 3x20 4x20 5x100', WEBHOOK),
      own('stepwell_notifications_errors_total', '0x20 1x180', AWAY),
      own('stepwell_rule_evaluation_failures_total', '0x20 1x40 2x40 3x100', {
        rule_group: 'usual',
      }),
      own('stepwell_rule_evaluation_failures_total', '0x20 1x180', { rule_group: 'a;b' }),
    ],
    moments: [
      ['15m', NOT_NOTIFYING, []],
      ['17m', NOT_NOTIFYING, [engine('2', WEBHOOK)]],
      ['24m', NOT_NOTIFYING, [engine('2', WEBHOOK)]],
      ['45m', NOT_NOTIFYING, []],
      ['20m', RULES_FAILING, []],
      ['24m', RULES_FAILING, [engine('1', { rule_group: 'usual' })]],
      ['45m', RULES_FAILING, []],
    ],
  },
  {
    name: 'one that is down, where a Prometheus scrapes it',
    series: [own('up', '1x20 0x40 1x40', { instance: 'stepwell:8889' })],
    moments: [
      ['9m', DOWN, []],
      ['12m', DOWN, [engine('', { instance: 'stepwell:8889' })]],
      ['20m', DOWN, []],
    ],
  },
]

export const ENGINE_ALERTING_TESTS = alertTests(
  'prometheus/tests/engine-alerting.yaml',
  'When the alerts fire that the embedded engine alone can give: promtool test rules engine-alerting.yaml',
  'engine-alerting.yaml',
  '15s',
  [...LOST, ...ENGINE],
)
