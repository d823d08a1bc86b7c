// `stepwell rebuild`: builds the index anew from the journal, while no engine runs.

import type { Environment } from '@stepwell/model/environment'
import { parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'

export const REBUILD: Verb = {
  name: 'rebuild',
  usage: 'stepwell rebuild [--data DIR]',
  about:
    'Builds the index of a data folder anew from its journal, which has it all, while no engine runs\nthere. The new index takes the place of the old one when it is whole. An engine does so by itself\nwhere it finds its index damaged, missing or of another version.',
  flags: [
    { name: '--data', value: 'DIR', help: 'the data folder ($XDG_DATA_HOME/stepwell)' },
    { name: '--config', value: 'FILE', help: 'settings file (stepwell.toml, if there is one)' },
  ],
  examples: ['stepwell rebuild --data /var/lib/stepwell'],
}

const EXIT = { failed: 1, SIGINT: 130, SIGTERM: 143 } as const

/** @throws {UsageError} */
export async function rebuild(args: readonly string[], environment: Environment): Promise<number> {
  const { flags, rest } = parseFlags(REBUILD, args)
  if (flags.has('--help')) return printHelp(REBUILD)
  if (rest.length > 0) throw new UsageError(`${rest[0]} is too much: ${REBUILD.usage}`)
  const server = await import('@stepwell/server')
  const { rebuildIndex } = await import('@stepwell/server/rebuild')
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => interrupted.abort(signal))
  }
  const startedAt = performance.now()
  try {
    const resolved = server.resolveConfig({ args, environment, workingFolder: process.cwd() })
    if (resolved.help) return printHelp(REBUILD)
    const { config } = resolved
    let told = 0
    const rebuilt = await rebuildIndex({
      config,
      warn: say,
      progress: (share) => {
        const tenths = Math.floor(share * 10)
        if (tenths > told) say(`${tenths * 10} %`)
        told = Math.max(told, tenths)
      },
      signal: interrupted.signal,
    })
    if (!rebuilt) {
      say('interrupted; the index that was there is kept')
      return EXIT[interrupted.signal.reason as 'SIGINT' | 'SIGTERM']
    }
    const { records, spans, logs } = rebuilt
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.log(
      `built the index of ${config.dataDir} anew: ${records} requests, ${spans} spans, ${logs} log records, in ${seconds} s`,
    )
    return 0
  } catch (error) {
    if (error instanceof server.ConfigError) throw new UsageError(error.message)
    if (!(error instanceof server.EngineStartError)) throw error
    say(error.message)
    return EXIT.failed
  }
}

function say(sentence: string): void {
  process.stderr.write(`stepwell: ${sentence}\n`)
}
