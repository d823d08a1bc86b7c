// Alerts on series that the embedded engine alone has, and a Prometheus that scrapes one.

import { LOST_GAUGE, SERVICE_NAME } from '@stepwell/model'
import { type AlertRule, alertFile, BY_AGENT, runbook } from './alert.ts'

const LOST = LOST_GAUGE.prometheusName

export const STEPS_LOST: AlertRule = {
  alert: 'AgentStepsLost',
  expr: `sum by (${BY_AGENT.join(', ')}) (
clamp_min(${LOST} - (${LOST} offset 1h or 0 * ${LOST}), 0)
) > 0`,
  for: '2m',
  labels: { severity: 'warning', component: SERVICE_NAME },
  annotations: {
    summary: 'Steps of agent {{ $labels.agent }} were lost',
    description:
      '{{ $value }} steps of agent {{ $labels.agent }} fell silent in the last hour, and nobody has said how they ended',
    runbook_url: runbook('AgentStepsLost'),
  },
}

/** An alert on the engine itself. */
function engineAlert(
  alert: string,
  severity: AlertRule['labels']['severity'],
  held: string,
  expr: string,
  annotations: Omit<AlertRule['annotations'], 'runbook_url'>,
): AlertRule {
  const labels = { severity, component: 'stepwell' }
  return {
    alert,
    expr,
    for: held,
    labels,
    annotations: { ...annotations, runbook_url: runbook(alert) },
  }
}

const rejected = (reasons: string) =>
  `sum by (job, reason) (increase(stepwell_rejected_requests_total{reason=~"${reasons}"}[5m])) > 0`

export const NOT_INGESTING = engineAlert(
  'StepwellNotIngesting',
  'critical',
  '1m',
  rejected('overloaded|disk_full|not_durable|internal'),
  {
    summary: 'Stepwell refuses what it is sent: {{ $labels.reason }}',
    description:
      'The engine refused {{ printf "%.0f" $value }} requests in five minutes: {{ $labels.reason }}. Senders try again, wrappers spool; what does not fit there is lost',
  },
)

export const JOURNAL_FAILING = engineAlert(
  'StepwellJournalFailing',
  'critical',
  '1m',
  'increase(stepwell_journal_failed_commits_total[5m]) > 0',
  {
    summary: "Stepwell's journal cannot be written",
    description:
      '{{ printf "%.0f" $value }} appends to the journal failed in five minutes: the disk is full, or fails',
  },
)

export const INDEX_BEHIND = engineAlert(
  'StepwellIndexBehind',
  'warning',
  '5m',
  `stepwell_journal_newest_record_timestamp_seconds
- stepwell_index_newest_record_timestamp_seconds
> 60`,
  {
    summary: "Stepwell's index is behind",
    description:
      'The newest request in the index came {{ $value | humanizeDuration }} before the newest that was accepted: queries do not see the rest',
  },
)

export const BACKLOG = engineAlert(
  'StepwellBacklogGrowing',
  'warning',
  '5m',
  'stepwell_index_backlog_bytes > 64 * 1024 * 1024',
  {
    summary: 'More comes in than Stepwell can index',
    description:
      '{{ $value | humanize1024 }}B wait to be indexed; at 256 MiB senders are told to come again',
  },
)

export const RETENTION_FAILING = engineAlert(
  'StepwellRetentionFailing',
  'warning',
  '15m',
  'increase(stepwell_retention_failed_passes_total[5m]) > 0',
  {
    summary: 'Stepwell cannot delete what is too old or too much',
    description: 'Retention has failed for a quarter of an hour; the log says why',
  },
)

export const TOO_LARGE = engineAlert(
  'StepwellTooLarge',
  'warning',
  '15m',
  `(stepwell_journal_bytes + stepwell_index_bytes)
/
stepwell_retention_limit_bytes
> 1.1`,
  {
    summary: 'Stepwell takes more than --max-size',
    description: 'Journal and index take {{ $value | humanizePercentage }} of --max-size',
  },
)

export const DISK_FILLING = engineAlert(
  'StepwellDiskFilling',
  'warning',
  '15m',
  `stepwell_disk_available_bytes / stepwell_disk_size_bytes < 0.1
and
predict_linear(stepwell_disk_available_bytes[1h], 4 * 3600) < 0`,
  {
    summary: "Stepwell's disk will be full within four hours",
    description: '{{ $value | humanizePercentage }} of the disk are free, and it becomes less',
  },
)

export const REFUSES_SENDERS = engineAlert(
  'StepwellRefusesSenders',
  'warning',
  '10m',
  rejected('malformed|unauthenticated|too_large|too_slow|unsupported_type'),
  {
    summary: 'A sender is refused by Stepwell: {{ $labels.reason }}',
    description:
      '{{ printf "%.0f" $value }} requests of five minutes were refused for good: {{ $labels.reason }}',
  },
)

export const RULES_FAILING = engineAlert(
  'StepwellRulesFailing',
  'warning',
  '15m',
  'increase(stepwell_rule_evaluation_failures_total[15m]) > 0',
  {
    summary: 'Rules of Stepwell fail',
    description:
      '{{ printf "%.0f" $value }} evaluations failed in a quarter of an hour in {{ $labels.rule_group }}; /api/v1/rules says of each rule why',
  },
)

export const RULES_OLD = engineAlert(
  'StepwellRulesNotReloaded',
  'warning',
  '5m',
  'stepwell_rules_last_reload_successful == 0',
  {
    summary: 'The rule files of Stepwell are not sound',
    description: 'The rules before the last change still run; the log says file, line and reason',
  },
)

export const NOT_NOTIFYING = engineAlert(
  'StepwellNotNotifying',
  'critical',
  '10m',
  'increase(stepwell_notifications_errors_total[10m]) > 0',
  {
    summary: 'Stepwell cannot tell of alerts',
    description:
      'Alerts could not be handed over, {{ printf "%.0f" $value }} times in ten minutes; the page shows them',
  },
)

export const DOWN = engineAlert('StepwellDown', 'critical', '5m', 'up{job="stepwell"} == 0', {
  summary: 'Stepwell is down',
  description: 'Nobody has answered at {{ $labels.instance }} for five minutes',
})

export const ENGINE_RULES: readonly AlertRule[] = [
  NOT_INGESTING,
  JOURNAL_FAILING,
  INDEX_BEHIND,
  BACKLOG,
  RETENTION_FAILING,
  TOO_LARGE,
  DISK_FILLING,
  REFUSES_SENDERS,
  RULES_FAILING,
  RULES_OLD,
  NOT_NOTIFYING,
  DOWN,
]

export const ENGINE_ALERTING = alertFile(
  'prometheus/engine-alerting.yaml',
  `Alerts on what the embedded engine alone knows: steps that fell silent, and itself. A Prometheus needs this file where
it scrapes an engine (engine-targets.yaml); elsewhere it is idle.`,
  [
    { name: 'agent-steps-lost', rules: [STEPS_LOST] },
    { name: 'stepwell-engine', rules: ENGINE_RULES },
  ],
  {
    AgentStepsLost:
      'The gauge shows a lost step for 24 hours, or until its span comes; the alert is for what is new.',
    StepwellIndexBehind:
      'Both are of the time of acceptance, so an engine that is sent nothing is not behind.',
    StepwellRulesFailing: 'A group of the pack is evaluated every ten minutes.',
    StepwellNotNotifying:
      'Webhook and Slack are tried again every five minutes at last: of 5m, that would be nothing now and then.',
    StepwellDown: 'For a Prometheus: an engine that is down evaluates nothing.',
  },
)
