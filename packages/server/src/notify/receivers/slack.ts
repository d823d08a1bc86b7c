// A message of Slack's incoming webhooks, to be read by a person: one line that says what is the matter, and an
// attachment for each alert.

import type { Labels } from '@stepwell/promql'
import type { GroupMessage } from './group.ts'
import type { Format } from './receiver.ts'
import { common } from './webhook.ts'

/** More attachments than this nobody reads, and Slack asks for 20 at the most. */
const MOST_ATTACHMENTS = 10
const MOST_LABELS = 12
/** Of characters: Slack folds what is longer away, and refuses what is much longer. */
const LONGEST = { title: 200, text: 700, label: 150, head: 300, url: 1000 }

const COLOR = { firing: '#c9302c', resolved: '#2e9e5b' }

type SlackAlert = GroupMessage['alerts'][number]

/** @param externalUrl where the engine is looked at */
export const slackFormat = (externalUrl: () => string): Format => ({
  // The message says how many there are beside those that it shows.
  most: Number.POSITIVE_INFINITY,
  body: ({ name, alerts }: GroupMessage) => {
    const shared = common(alerts.map(({ labels }) => labels))
    const shown = shownOf(alerts).slice(0, MOST_ATTACHMENTS)
    return {
      text: [
        head(name, alerts),
        labelLine(shared),
        more(alerts.length - shown.length, externalUrl()),
      ]
        .filter((line) => line !== '')
        .join('\n'),
      attachments: shown.map((alert) => attachment(alert, shared)),
    }
  },
})

/** What goes on firing is counted beside what is new, and shown where nothing is. */
function shownOf(alerts: readonly SlackAlert[]): readonly SlackAlert[] {
  const news = alerts.filter(({ isNew }) => isNew)
  return news.length > 0 ? news : alerts
}

function head(name: string, alerts: readonly SlackAlert[]): string {
  const news = alerts.filter(({ isNew }) => isNew)
  const firing = news.filter(({ resolved }) => !resolved).length
  const resolved = news.length - firing
  const still = alerts.length - news.length
  const counts = [
    firing > 0 && `${firing} firing`,
    resolved > 0 && `${resolved} resolved`,
    still > 0 && `${still} still firing`,
  ].filter((count) => count !== false)
  const sign = firing + still > 0 ? ':red_circle:' : ':white_check_mark:'
  return `${sign} *${escaped(cut(name, LONGEST.head))}*: ${counts.join(', ')}`
}

/** Why some are not shown, and where they are. */
function more(count: number, url: string): string {
  if (count === 0) return url && link(url, 'Stepwell')
  const text = `${count} more ${count === 1 ? 'is' : 'are'} not shown here`
  return url ? `${text}: ${link(url, 'Stepwell')}` : text
}

function attachment(alert: SlackAlert, shared: Labels) {
  const { labels, annotations, resolved, startsAt, endsAt, generatorUrl } = alert
  const { summary, description, message, runbook_url } = annotations
  const title = cut(summary || message || labels.alertname || 'alert', LONGEST.title)
  const own = Object.fromEntries(Object.entries(labels).filter(([name]) => !(name in shared)))
  const text = [
    escaped(cut(description ?? '', LONGEST.text)),
    labelLine(own),
    runbook_url && /^https?:/.test(runbook_url) ? link(runbook_url, 'Runbook') : '',
  ]
  return {
    color: resolved ? COLOR.resolved : COLOR.firing,
    fallback: escaped(`${resolved ? 'Resolved' : 'Firing'}: ${title}`),
    title: escaped(`${resolved ? 'Resolved: ' : ''}${title}`),
    ...(generatorUrl && { title_link: generatorUrl }),
    text: text.filter((line) => line !== '').join('\n'),
    mrkdwn_in: ['text'],
    footer: resolved ? 'resolved' : 'since',
    ts: Math.floor((resolved ? endsAt : startsAt) / 1000),
  }
}

/** Without the alert's name, which stands in bold above. */
function labelLine(labels: Labels): string {
  const pairs = Object.entries(labels).filter(([name]) => name !== 'alertname')
  const shown = pairs.slice(0, MOST_LABELS).map(([name, value]) => {
    // Within code nothing else is taken for formatting.
    const text = cut(`${name}=${value}`, LONGEST.label).replaceAll('`', "'").replace(/\s+/g, ' ')
    return `\`${escaped(text)}\``
  })
  return [...shown, ...(pairs.length > MOST_LABELS ? ['…'] : [])].join(' ')
}

const link = (url: string, text: string): string =>
  `<${escaped(cut(url, LONGEST.url)).replaceAll('|', '%7C')}|${text}>`

/** Slack's three control characters. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Whole characters, of which none has more than two units. */
function cut(text: string, most: number): string {
  const characters = [...text.slice(0, 2 * (most + 1))]
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`
}
