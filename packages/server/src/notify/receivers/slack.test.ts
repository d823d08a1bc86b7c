import { expect, test } from 'bun:test'
import { alertOf } from '../alert.ts'
import { firing, NOW, resolved } from '../testing/notification.ts'
import type { GroupMessage } from './group.ts'
import { slackFormat } from './slack.ts'

type Labels = Readonly<Record<string, string>>

interface SlackMessage {
  readonly text: string
  readonly attachments: readonly {
    readonly color: string
    readonly fallback: string
    readonly title: string
    readonly title_link: string
    readonly text: string
    readonly mrkdwn_in: readonly string[]
    readonly footer: string
    readonly ts: number
  }[]
}

const URL = 'http://127.0.0.1:16686'
const { body } = slackFormat(() => URL)
const format = (message: GroupMessage) => body(message) as SlackMessage

const fires = (labels: Labels, annotations: Labels = {}, isNew = true) => ({
  ...alertOf(firing(labels, NOW, annotations), {}, NOW),
  isNew,
})
const ends = (labels: Labels, annotations: Labels = {}) => ({
  ...alertOf(resolved(labels, NOW, annotations), {}, NOW),
  isNew: true,
})
const messageOf = (...alerts: GroupMessage['alerts'][number][]): SlackMessage =>
  format({ name: 'StepFails', alerts, truncated: 0 })

test('one alert that fires', () => {
  const labels = { agent: 'coder', severity: 'warning' }
  const annotations = { summary: 'coder fails', description: 'Half of its steps fail' }
  expect(messageOf(fires(labels, annotations))).toEqual({
    text: [
      ':red_circle: *StepFails*: 1 firing',
      '`agent=coder` `severity=warning`',
      `<${URL}|Stepwell>`,
    ].join('\n'),
    attachments: [
      {
        color: '#c9302c',
        fallback: 'Firing: coder fails',
        title: 'coder fails',
        title_link: 'http://127.0.0.1:9090/graph?g0.expr=up&g0.tab=1',
        text: 'Half of its steps fail',
        mrkdwn_in: ['text'],
        footer: 'since',
        ts: NOW / 1000 - 60,
      },
    ],
  } as SlackMessage)
})

test('several: what they have alike stands above, what fires on is counted', () => {
  const message = messageOf(
    fires({ agent: 'a', severity: 'page' }),
    ends({ agent: 'b', severity: 'page' }, { summary: 'b is slow' }),
    fires({ agent: 'c', severity: 'page' }, {}, false),
  )
  expect(message.text.split('\n').slice(0, 2)).toEqual([
    ':red_circle: *StepFails*: 1 firing, 1 resolved, 1 still firing',
    '`severity=page`',
  ])
  expect(message.text).toContain(`1 more is not shown here: <${URL}|Stepwell>`)
  expect(message.attachments.map(({ title, text, color }) => [title, text, color])).toEqual([
    ['StepFails', '`agent=a`', '#c9302c'],
    ['Resolved: b is slow', '`agent=b`', '#2e9e5b'],
  ])
  expect(message.attachments[1]!.ts).toBe(NOW / 1000)
})

test('all resolved is a good sign; what is told again shows what fires', () => {
  expect(messageOf(ends({})).text).toStartWith(':white_check_mark: *StepFails*: 1 resolved')
  const again = messageOf(fires({ agent: 'a' }, {}, false))
  expect(again.text).toStartWith(':red_circle: *StepFails*: 1 still firing')
  expect(again.attachments).toHaveLength(1)
})

test('what people write cannot format, mention or link', () => {
  const text = '<!channel> & <http://evil|x> *b* `c`'
  const label = { who: '`<@U1>` *x*', two: 'a\nb' }
  const { text: head, attachments } = messageOf(fires(label, { summary: text, description: text }))
  const escapedText = '&lt;!channel&gt; &amp; &lt;http://evil|x&gt; *b* `c`'
  expect(attachments[0]).toMatchObject({
    title: escapedText,
    fallback: `Firing: ${escapedText}`,
    text: escapedText,
  })
  expect(head.split('\n')[1]).toBe("`who='&lt;@U1&gt;' *x*` `two=a b`")
})

test('lengths and counts are within what Slack takes, and no character is cut in two', () => {
  const long = '😀'.repeat(5000)
  const labels = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`l${index}`, long]))
  const alerts = Array.from({ length: 300 }, (_, index) =>
    fires({ ...labels, n: String(index) }, { summary: long, description: long }),
  )
  const message = format({ name: long, alerts, truncated: 0 })
  expect(message.attachments).toHaveLength(10)
  expect(message.text).toContain('290 more are not shown here')
  expect(message.text.length).toBeLessThan(8000)
  for (const { title, text } of message.attachments) {
    expect([...title].length).toBeLessThanOrEqual(200)
    expect(text.length).toBeLessThan(3000)
  }
  expect(JSON.stringify(message).isWellFormed()).toBe(true)
  expect(JSON.stringify(message)).not.toMatch(/\\ud[89a-f]/)
})

test('a runbook is linked where its address is one', () => {
  const textOf = (runbook_url: string) => messageOf(fires({}, { runbook_url })).attachments[0]!.text
  expect(textOf('https://example.org/a?b&c|d>e')).toBe(
    '<https://example.org/a?b&amp;c%7Cd&gt;e|Runbook>',
  )
  expect(textOf('docs/alerts.md#stepfails')).toBe('')
})

test('without a page there is no link', () => {
  const alerts = [{ ...fires({}), generatorUrl: '' }]
  const message = slackFormat(() => '').body({ name: 'StepFails', alerts, truncated: 0 })
  expect(JSON.stringify(message)).not.toMatch(/<|title_link/)
})
