// A real Alertmanager with the config of the pack, and the service that its webhook calls.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { json } from '../support/ask.ts'
import { root, temporaryFolder } from '../support/engine.ts'
import { freePort, startPeer } from '../support/peers.ts'
import { replaced } from './replaced.ts'

/** As `/api/v2/alerts` shows it. */
export interface Alert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
  readonly generatorURL: string
  readonly fingerprint: string
  readonly receivers: readonly { name: string }[]
  readonly status: { readonly state: string }
}

/** What the webhook was sent. */
export interface Message {
  readonly status: 'firing' | 'resolved'
  readonly groupLabels: Readonly<Record<string, string>>
  readonly alerts: readonly (Pick<Alert, 'labels' | 'annotations'> & { readonly status: string })[]
}

export class Alertmanager {
  /** Host and port. */
  readonly address = `127.0.0.1:${freePort()}`
  readonly messages: Message[] = []
  #command: readonly string[] = []
  #process: Bun.Subprocess | undefined

  private constructor() {}

  /** Nothing but the webhook's address and how long a group waits is changed in its config. */
  static async start(path: string): Promise<Alertmanager> {
    const alertmanager = new Alertmanager()
    const { address, messages } = alertmanager
    const webhook = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      async fetch(request) {
        messages.push((await request.json()) as Message)
        return new Response()
      },
    })
    webhook.unref()
    const folder = temporaryFolder('alertmanager')
    const config = join(folder, 'alertmanager.yaml')
    const shipped = readFileSync(join(root, 'deploy/alertmanager/alertmanager.yaml'), 'utf8')
    writeFileSync(
      config,
      replaced(shipped, [
        [/(?<=^ +group_(wait|interval): ).+$/gm, '1s'],
        [/(?<=url: ).+$/gm, webhook.url.href],
      ]),
    )
    alertmanager.#command = [
      path,
      `--config.file=${config}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      // Alone: else it would listen for others on port 9094.
      '--cluster.listen-address=',
    ]
    await alertmanager.start()
    return alertmanager
  }

  /** Where it was, with what it knew. */
  async start(): Promise<void> {
    this.#process = await startPeer(this.#command, `http://${this.address}/-/ready`)
  }

  async end(): Promise<void> {
    this.#process?.kill()
    await this.#process?.exited
  }

  alerts(): Promise<Alert[]> {
    return json(`http://${this.address}/api/v2/alerts`)
  }
}
