// From a step that fails to who is told of it: the wrapper, the engine with a rule, a real Alertmanager, a webhook and
// Slack; the engine is killed while the alert fires.

import { afterAll, expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TestReceiver } from '../../packages/server/src/notify/testing/receiver.ts'
import { json } from '../support/ask.ts'
import {
  type Engine,
  plainEnvironment,
  startEngine,
  stepwell,
  temporaryFolder,
} from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { waitFor } from '../support/wait.ts'
import { Alertmanager } from './alertmanager.ts'

const receivers: TestReceiver[] = []
afterAll(() => Promise.all(receivers.map((each) => each.stop())))

function receiver(): TestReceiver {
  const started = new TestReceiver()
  receivers.push(started)
  return started
}

/** More steps of an agent have failed than succeeded. */
const RULES = {
  groups: [
    {
      name: 'g',
      interval: '1s',
      rules: [
        {
          alert: 'MostStepsFail',
          expr: 'sum by (agent) (agent_step_fail_total) > (sum by (agent) (agent_step_success_total) or 0 * sum by (agent) (agent_step_fail_total))',
          for: '1s',
          labels: { severity: 'warning' },
          annotations: { summary: 'Most steps of {{ $labels.agent }} fail & <more>' },
        },
      ],
    },
  ],
}

testWith(
  ['prometheus-alertmanager'],
  'a step that fails is told to all, once over a restart, and that it is over',
  async (path) => {
    const alertmanager = await Alertmanager.start(path)
    const [webhook, slack] = [receiver(), receiver()]
    const rules = join(temporaryFolder('rules'), 'rules.json')
    writeFileSync(rules, JSON.stringify(RULES))
    const dataDir = temporaryFolder('data')
    const flags = [
      ...['--rules', rules, '--external-label', 'cluster=golden'],
      ...['--alertmanager', `http://user:secret@${alertmanager.address}`],
      ...['--webhook', `${webhook.url}/secret`, '--slack', `${slack.url}/services/secret`],
    ]
    const first = await startEngine({ dataDir, flags })
    await step(first, 'false', 1)
    const found = await waitFor('the alert to arrive', async () => (await alertmanager.alerts())[0])
    expect(found).toMatchObject({
      labels: {
        alertname: 'MostStepsFail',
        agent: 'coder',
        severity: 'warning',
        cluster: 'golden',
      },
      annotations: { summary: 'Most steps of coder fail & <more>' },
      status: { state: 'active' },
    })
    expect(found.generatorURL).toStartWith(`${first.urls.ui}/graph?g0.expr=`)
    const [told] = await waitFor(
      'the webhook to be told',
      () => webhook.posted[0] && webhook.posted,
    )
    expect(told!.body).toMatchObject({
      status: 'firing',
      groupLabels: { alertname: 'MostStepsFail' },
      alerts: [{ labels: found.labels, fingerprint: found.fingerprint }],
      externalURL: first.urls.ui,
    })
    const [message] = await waitFor('Slack to be told', () => slack.posted[0] && slack.posted)
    expect(message!.body.attachments[0].title).toBe('Most steps of coder fail &amp; &lt;more&gt;')
    await waitFor('it to be counted', async () => {
      const text = await (await fetch(`${first.urls.metrics}/metrics`)).text()
      expect(text).not.toContain('secret')
      return ['webhook', 'slack'].every((name) =>
        text.includes(`stepwell_notifications_sent_total{integration="${name}"} 1\n`),
      )
    })

    await first.stop('SIGKILL')
    const second = await startEngine({ dataDir, flags })
    await waitFor('the alert to fire again', async () => (await alerts(second)).includes('firing'))
    await step(second, 'true', 0)
    await step(second, 'true', 0)
    await waitFor('it to be resolved', async () => (await alertmanager.alerts()).length === 0)
    await waitFor('Alertmanager to tell so', () =>
      alertmanager.messages.some(({ status }) => status === 'resolved'),
    )
    // What is still to be told is told at the end.
    expect(await second.stop()).toBe(0)
    for (const { posted } of [webhook, slack]) expect(posted).toHaveLength(2)
    expect(webhook.posted[1]!.body).toMatchObject({
      status: 'resolved',
      alerts: [{ fingerprint: found.fingerprint }],
    })
    expect(slack.posted[1]!.body.text).toStartWith(':white_check_mark:')
    expect(first.log() + second.log()).not.toContain('secret')
  },
)

async function alerts({ urls }: Engine): Promise<string[]> {
  const { data } = await json<{ data: { alerts: { state: string }[] } }>(
    `${urls.prometheus}/api/v1/alerts`,
  )
  return data.alerts.map(({ state }) => state)
}

async function step({ urls }: Engine, command: string, code: number): Promise<void> {
  const env = {
    ...plainEnvironment(temporaryFolder('home')),
    OTEL_EXPORTER_OTLP_ENDPOINT: urls.otlpHttp,
  }
  const ran = await stepwell(['exec', '--agent', 'coder', '--step', 's', '--', command], env)
  expect(ran.code).toBe(code)
}
