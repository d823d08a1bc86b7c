// `stepwell up`: the embedded engine until a signal ends it. The engine is loaded here and by no other verb.

import { resolve } from 'node:path'
import type { Environment } from '@stepwell/model/environment'
import { dataFolder } from '@stepwell/otlp/export/engine'
import type { Engine } from '@stepwell/server'
import { UsageError } from '../flags.ts'
import { printHelp } from '../help.ts'

const EXIT = { clean: 0, failed: 1, interruptedTwice: 130 } as const

/** Runs the engine with the arguments behind the verb; resolves with the exit code. @throws {UsageError} */
export async function up(args: readonly string[], environment: Environment): Promise<number> {
  const stopAsked = firstSignal()
  const server = await import('@stepwell/server')
  try {
    const resolved = server.resolveConfig({ args, environment, workingFolder: process.cwd() })
    if (resolved.help) return printHelp((await import('./describe.ts')).describeUp())
    let engine: Engine | undefined
    // As Prometheus has it; one that comes during the start finds the files as they are.
    process.on('SIGHUP', () => engine?.reload())
    engine = await server.startEngine(resolved.config, say)
    // Whoever asked for a ready file reads all of this there.
    if (resolved.config.readyFile === undefined) say(descriptionText(engine, environment))
    const failure = await Promise.race([engine.failed, stopAsked])
    if (failure !== undefined) say(failure)
    await engine.stop()
    return failure === undefined ? EXIT.clean : EXIT.failed
  } catch (error) {
    if (error instanceof server.ConfigError) throw new UsageError(error.message)
    if (!(error instanceof server.EngineStartError)) throw error
    say(error.message)
    return EXIT.failed
  }
}

/** Resolves with the first SIGTERM or SIGINT, also one that comes during the start. A second SIGINT ends at once. */
function firstSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    let asked = false
    const stop = () => {
      asked = true
      resolve(undefined)
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', () => (asked ? process.exit(EXIT.interruptedTwice) : stop()))
  })
}

function descriptionText({ description, rules }: Engine, environment: Environment): string {
  const { urls, dataDir } = description
  const found = dataFolder(environment)
  const isFound = found !== undefined && resolve(found) === resolve(dataDir)
  const rows = [
    ['page, Jaeger API', urls.ui],
    ['OTLP/HTTP', urls.otlpHttp],
    ['OTLP/gRPC', urls.otlpGrpc],
    ['metrics', urls.metrics && `${urls.metrics}/metrics`],
    ['Prometheus API', urls.prometheus],
    ['Loki API', urls.loki],
    ['rules', rules],
    ['data', isFound ? dataDir : `${dataDir} (exec finds it by STEPWELL_DATA)`],
  ]
  const lines = rows.map(([what, where]) => `  ${what!.padEnd(18)}${where ?? 'off'}`)
  return `ready\n${lines.join('\n')}`
}

function say(sentence: string): void {
  process.stderr.write(`stepwell: ${sentence}\n`)
}
