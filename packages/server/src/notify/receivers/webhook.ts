// The body of Alertmanager's webhook, version 4, so that whatever reads that reads this.

import type { Labels } from '@stepwell/promql'
import { type Alert, timeText } from '../alert.ts'
import { fingerprint } from './fingerprint.ts'
import type { GroupMessage } from './group.ts'
import type { Format } from './receiver.ts'

const RECEIVER = 'webhook'
const MOST_ALERTS = 256
/** The time of Go's zero: an alert that fires has no end. */
const NO_END = '0001-01-01T00:00:00Z'

/** @param externalUrl where the engine is looked at */
export const webhookFormat = (externalUrl: () => string): Format => ({
  most: MOST_ALERTS,
  body: ({ name, alerts, truncated }: GroupMessage) => ({
    receiver: RECEIVER,
    status: alerts.some(({ resolved }) => !resolved) ? 'firing' : 'resolved',
    alerts: alerts.map(webhookAlert),
    groupLabels: { alertname: name },
    commonLabels: common(alerts.map(({ labels }) => labels)),
    commonAnnotations: common(alerts.map(({ annotations }) => annotations)),
    externalURL: externalUrl(),
    version: '4',
    groupKey: `{}:{alertname=${JSON.stringify(name)}}`,
    truncatedAlerts: truncated,
  }),
})

const webhookAlert = ({
  labels,
  annotations,
  startsAt,
  endsAt,
  generatorUrl,
  resolved,
}: Alert) => ({
  status: resolved ? 'resolved' : 'firing',
  labels,
  annotations,
  startsAt: timeText(startsAt),
  endsAt: resolved ? timeText(endsAt) : NO_END,
  generatorURL: generatorUrl,
  fingerprint: fingerprint(labels),
})

/** What all of them have alike. */
export const common = ([first = {}, ...others]: readonly Labels[]): Labels =>
  Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((each) => each[name] === value)),
  )
