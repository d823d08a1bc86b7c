// The engine of this checkout, and a Prometheus as the pack starts it, bound to this machine.

import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Contender, Ports } from '../engine/contenders.ts'

const root = resolve(import.meta.dir, '../..')

export interface PromqlContender extends Contender {
  /** Where the paths of Prometheus' API begin, e.g. with `/api/v1/query`. */
  readonly prometheus: (ports: Ports) => string
}

const url = (port: number): string => `http://127.0.0.1:${port}`

export const STEPWELL: PromqlContender = {
  name: 'Stepwell',
  answer: 'on the disk',
  most: Number.POSITIVE_INFINITY,
  command: (folder, { http, grpc, query }) => [
    join(root, 'stepwell'),
    'up',
    ...['--data', folder, '--otlp-http', `${http}`, '--otlp-grpc', `${grpc}`],
    ...['--prometheus', `${query}`, '--metrics', '0', '--ui', '0', '--loki', '0'],
  ],
  otlpHttp: ({ http }) => `${url(http)}/v1/metrics`,
  prometheus: ({ query }) => url(query),
}

export const PROMETHEUS: PromqlContender = {
  name: 'Prometheus',
  answer: 'in memory',
  program: 'prometheus',
  most: Number.POSITIVE_INFINITY,
  command: (folder, { query }) => {
    // It scrapes nothing, itself included: all that it has was sent.
    const config = join(folder, 'prometheus.json')
    writeFileSync(config, '{}')
    return [
      'prometheus',
      `@${join(root, 'deploy/prometheus/flags.txt')}`,
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${query}`,
      '--web.enable-remote-write-receiver',
    ]
  },
  otlpHttp: ({ query }) => `${url(query)}/api/v1/otlp/v1/metrics`,
  prometheus: ({ query }) => url(query),
}
