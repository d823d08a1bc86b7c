// A disk on which nothing can be written: the alert that says so fires, and is told.

import { afterAll, expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SmallDisk } from '@stepwell/server/journal/testing'
import { json } from '../support/ask.ts'
import { root, startEngine, temporaryFolder } from '../support/engine.ts'
import { waitFor } from '../support/wait.ts'

const disk = SmallDisk.mount('32m')
afterAll(() => disk?.unmount())

test.skipIf(!disk)(
  'a full disk (needs the right to mount) is an alert, also to the webhook',
  async () => {
    const told: string[] = []
    const webhook = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      async fetch(request) {
        const { alerts } = (await request.json()) as { alerts: { labels: { alertname: string } }[] }
        told.push(...alerts.map(({ labels }) => labels.alertname))
        return new Response()
      },
    })
    const rules = hurried('engine-alerting.yaml')
    const { urls } = await startEngine({
      dataDir: join(disk!.folder, 'data'),
      flags: ['--rules', rules, '--webhook', webhook.url.href],
    })
    const send = async () => {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ resourceSpans: [] })
      return (await fetch(`${urls.otlpHttp}/v1/traces`, { method: 'POST', headers, body })).status
    }
    expect(await send()).toBe(200)
    await waitFor('the disk to be full', async () => {
      disk!.fill(0)
      return (await send()) === 503
    })
    const firing = await waitFor(
      'the alerts',
      async () => {
        await send()
        const { data } = await json<{ data: { alerts: Alert[] } }>(
          `${urls.prometheus}/api/v1/alerts`,
        )
        const names = data.alerts.filter(({ state }) => state === 'firing').map(nameOf)
        return (
          names.includes('StepwellNotIngesting') && names.includes('StepwellJournalFailing') && data
        )
      },
      90_000,
    )
    const refused = firing.alerts.find((alert) => nameOf(alert) === 'StepwellNotIngesting')!
    expect(refused.labels).toMatchObject({ job: 'stepwell', reason: 'disk_full' })
    await waitFor('the webhook to be told', () => told.includes('StepwellNotIngesting'), 90_000)
    expect(await send()).toBe(503)
    await webhook.stop(true)
  },
  200_000,
)

interface Alert {
  readonly labels: Readonly<Record<string, string>>
  readonly state: string
}

const nameOf = ({ labels }: Alert) => labels.alertname!

/** The rules of the pack, evaluated each second, and alerts that fire after two. */
function hurried(name: string): string {
  const file = join(temporaryFolder('rules'), name)
  const text = readFileSync(join(root, 'deploy/prometheus', name), 'utf8')
    .replaceAll(/(?<=^ +for: ).+$/gm, '2s')
    .replaceAll(/^ +- name: .+$/gm, '$&\n    interval: 1s')
  writeFileSync(file, text)
  return file
}
