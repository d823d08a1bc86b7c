// Opens the query ports of the engine. The UI's port has all of the APIs, so that the page needs one origin; the usual
// ports of Prometheus and Loki answer with the same code.

import type { EngineConfig } from '../config/config.ts'
import type { Derived } from '../derive/types.ts'
import type { HttpIntake } from '../ingest/endpoint.ts'
import type { IngestCounters, QueryUrls } from '../messages.ts'
import type { Notifier } from '../notify/notifier.ts'
import type { OperatorNotifications } from '../notify/operator.ts'
import type { Store } from '../store/types.ts'
import type { Engine } from './engine.ts'
import { createGate } from './http/access.ts'
import { type Listening, listen, type PortOptions } from './http/listen.ts'
import { type Api, createRouter } from './http/router.ts'
import { jaegerApi } from './jaeger/api.ts'
import { jaegerV3Api } from './jaeger/v3/api.ts'
import { liveApi } from './live/api.ts'
import { LiveFeed } from './live/feed.ts'
import { lokiApi } from './loki/api.ts'
import { metricsApi } from './metrics/api.ts'
import { pageAnswer } from './page/files.ts'
import { SECURITY_HEADERS } from './page/headers.ts'
import { healthAnswer } from './page/health.ts'
import { loginAnswer } from './page/login.ts'
import { prometheusApi } from './prometheus/api.ts'
import { sqlApi } from './sql/api.ts'
import { writeApi } from './write/api.ts'

export interface ServeOptions {
  readonly config: EngineConfig
  readonly store: Store
  readonly derived: Derived
  readonly notifier: Notifier
  readonly operator: OperatorNotifications
  readonly rules: Engine['rules']
  ingestCounters(): IngestCounters
  readonly intake: HttpIntake
  /** Unix time in milliseconds; Date.now unless a test says otherwise. */
  readonly now?: () => number
}

export interface Serving {
  readonly urls: QueryUrls
  stop(): Promise<void>
}

/** @throws ListenError with a sentence for the user where a port cannot be opened; then none stays open. */
export async function serveApis(options: ServeOptions): Promise<Serving> {
  const { config, store } = options
  const engine: Engine = { now: Date.now, ...options, ingestCounters: options.ingestCounters }
  const feed = new LiveFeed(store)
  const open: Listening[] = []
  const stop = async () => {
    feed.close()
    await Promise.all(open.map((listening) => listening.stop()))
  }
  try {
    const urls: Record<string, string | undefined> = {}
    for (const { name, port, ...rest } of ports(engine, feed)) {
      if (port === 'off') continue
      const listening = listen({ config, port, ...rest })
      open.push(listening)
      urls[name] = listening.url
    }
    const { metrics, prometheus, ui, loki } = urls
    return { urls: { metrics, prometheus, ui, loki }, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

type Opening = Omit<PortOptions, 'config' | 'port'> & {
  readonly name: keyof QueryUrls
  readonly port: EngineConfig['ports']['ui']
}

function ports(engine: Engine, feed: LiveFeed): Opening[] {
  const { config } = engine
  const gate = createGate({ ...config, tls: config.tls !== undefined })
  const routerOf = (apis: readonly Api[]) => createRouter(apis, () => engine.store.caughtUp())
  const prometheus = prometheusApi(engine)
  const loki = lokiApi(engine)
  const writes = createRouter([writeApi(engine)])
  return [
    {
      name: 'metrics',
      port: config.ports.metrics,
      what: 'metrics page',
      flag: 'metrics',
      gate,
      router: routerOf([metricsApi(engine)]),
    },
    {
      name: 'prometheus',
      port: config.ports.prometheus,
      what: 'Prometheus API',
      flag: 'prometheus',
      gate,
      // Its own page of metrics, as every Prometheus has one.
      router: routerOf([prometheus, metricsApi(engine)]),
      writes,
    },
    {
      name: 'ui',
      port: config.ports.ui,
      what: 'page and Jaeger API',
      flag: 'ui',
      gate,
      router: routerOf([
        liveApi(feed),
        jaegerApi(engine),
        jaegerV3Api(engine),
        prometheus,
        loki,
        sqlApi(engine),
      ]),
      writes,
      open: (request, url) => healthAnswer(request, url) ?? loginAnswer(gate, request, url),
      otherwise: (request, url) => pageAnswer(config.webRoot, request, url),
      headers: SECURITY_HEADERS,
    },
    {
      name: 'loki',
      port: config.ports.loki,
      what: 'Loki API',
      flag: 'loki',
      gate,
      router: routerOf([loki]),
    },
  ]
}
