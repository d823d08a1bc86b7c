// The query ports over fakes: for tests.

import { join } from 'node:path'
import type { EngineConfig } from '../../config/config.ts'
import type { IngestCounters } from '../../messages.ts'
import { Notifier } from '../../notify/notifier.ts'
import { OperatorNotifications } from '../../notify/operator.ts'
import { Submissions } from '../../submissions.ts'
import type { Engine } from '../engine.ts'
import { serveApis } from '../serve.ts'
import { FakeDerived } from './derived.ts'
import { FakeStore } from './store.ts'

/** Nothing is read from or written to the folders that it names. */
export const testConfig = (config: Partial<EngineConfig> = {}): EngineConfig => ({
  host: '127.0.0.1',
  dataDir: '/nonexistent',
  ports: { otlpGrpc: 'off', otlpHttp: 'off', metrics: 0, prometheus: 0, ui: 0, loki: 0 },
  readyFile: undefined,
  rules: [],
  alertmanagers: [],
  webhook: undefined,
  slack: undefined,
  externalLabels: {},
  externalUrl: undefined,
  retentionMilliseconds: 30 * 86_400_000,
  maxSizeBytes: 20e9,
  seriesIdleMilliseconds: 86_400_000,
  queryTimeoutMilliseconds: 120_000,
  queryMaxSamples: 50_000_000,
  queryMaxConcurrency: 20,
  token: undefined,
  tls: undefined,
  allowOrigins: [],
  webRoot: join('/nonexistent', 'web'),
  ...config,
})

export interface TestEngine {
  readonly store: FakeStore
  readonly derived: FakeDerived
  readonly operator: OperatorNotifications
  readonly url: {
    readonly ui: string
    readonly prometheus: string
    readonly loki: string
    readonly metrics: string
  }
  stop(): Promise<void>
}

const NO_RULES: Engine['rules'] = {
  groups: [],
  lastReload: { isSuccessful: true, succeededAt: 0 },
  reload: async () => {},
}

/** All four query ports on any free ports. The time is 2026-11-20T10:30:00Z. */
export async function startTestEngine(
  partial: Partial<EngineConfig> = {},
  counters: IngestCounters = {},
  rules = NO_RULES,
): Promise<TestEngine> {
  const config = testConfig(partial)
  const now = () => Date.UTC(2026, 10, 20, 10, 30)
  const operator = new OperatorNotifications(now)
  const [store, derived] = [new FakeStore(), new FakeDerived()]
  const { urls, stop } = await serveApis({
    config,
    store,
    derived,
    notifier: new Notifier({ config, operator, warn: () => {}, externalUrl: () => '' }),
    operator,
    rules,
    ingestCounters: () => counters,
    // Nobody settles what is submitted.
    intake: new Submissions(() => {}),
    now,
  })
  const { ui = '', prometheus = '', loki = '', metrics = '' } = urls
  return { store, derived, operator, url: { ui, prometheus, loki, metrics }, stop }
}
