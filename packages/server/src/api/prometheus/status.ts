// What clients ask before they trust a Prometheus: build information, health, and lists of what we have none of.

import { hostname } from 'node:os'
import { formatDuration } from '@stepwell/promql'
import type { Engine } from '../engine.ts'
import { buildInformation } from '../http/build-information.ts'
import { type Answer, plainText, type Route } from '../http/router.ts'
import { success } from './answers.ts'
import { configurationOf, flagsOf } from './configuration.ts'
import { FEATURES } from './features.ts'

/** The Prometheus whose API this is: clients switch features on by it. No `features`: they would mean Mimir. */
const VERSION = '3.16.0'

const startTime = new Date(performance.timeOrigin).toISOString()

export function statusRoutes(engine: Engine): Route[] {
  const { config } = engine
  const get = (path: string, answer: Answer): Route => ({ methods: ['GET'], path, answer })
  return [
    get('/-/healthy', () => plainText('Prometheus Server is Healthy.\n')),
    get('/-/ready', () => plainText('Prometheus Server is Ready.\n')),
    get('/api/v1/status/buildinfo', () => success(buildInformation(VERSION))),
    get('/api/v1/status/runtimeinfo', () =>
      success({
        startTime,
        CWD: process.cwd(),
        hostname: hostname(),
        serverTime: new Date(engine.now()).toISOString(),
        reloadConfigSuccess: engine.rules.lastReload.isSuccessful,
        lastConfigTime: new Date(engine.rules.lastReload.succeededAt).toISOString(),
        corruptionCount: 0,
        goroutineCount: 0,
        GOMAXPROCS: navigator.hardwareConcurrency,
        GOMEMLIMIT: 0,
        GOGC: '',
        GODEBUG: '',
        storageRetention: formatDuration(config.retentionMilliseconds),
      }),
    ),
    get('/api/v1/status/config', () => success({ yaml: configurationOf(config) })),
    get('/api/v1/status/flags', () => success(flagsOf(config))),
    get('/api/v1/status/walreplay', () => success({ min: 0, max: 0, current: 0 })),
    get('/api/v1/features', () => success(FEATURES)),
  ]
}
