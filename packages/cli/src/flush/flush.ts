// `stepwell flush`: sends what the spool holds.

import type { Environment } from '@stepwell/model/environment'
import { exportSettings, otlpVariables } from '@stepwell/otlp/export/settings'
import { type Resent, resend } from '@stepwell/otlp/spool/resend'
import { Spool } from '@stepwell/otlp/spool/spool'
import { spoolFolder } from '@stepwell/otlp/spool/where'
import { parseDuration, parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { runningEngine } from '../run/engine.ts'
import { printWarning } from '../run/warnings.ts'

export const FLUSH: Verb = {
  name: 'flush',
  usage: 'stepwell flush [--timeout TIME]',
  about:
    'Sends the telemetry that could not be delivered when it was made, all of it, to where the OTLP\nsettings point now. Exit code 1 where something is left.',
  flags: [{ name: '--timeout', value: 'TIME', help: 'gives up after this (60s)' }],
  examples: ['OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318 stepwell flush'],
}

export async function flush(args: readonly string[], environment: Environment): Promise<number> {
  const { flags, rest } = parseFlags(FLUSH, args)
  if (flags.has('--help')) return printHelp(FLUSH)
  if (rest.length > 0) throw new UsageError(`${rest[0]} is too much: ${FLUSH.usage}`)
  const milliseconds = parseDuration('--timeout', flags.get('--timeout') ?? '60s')
  const folder = spoolFolder(environment)
  const spool = new Spool(folder)
  const engine = runningEngine(environment)
  const settings = exportSettings(otlpVariables(environment), engine, printWarning)
  const options = { milliseconds, everywhere: true }
  let resent: Resent
  try {
    resent = await resend(spool, settings, environment, options)
  } catch (error) {
    printWarning(`${folder} cannot be read: ${(error as Error).message}`)
    return 1
  }
  const { sent, left, reason, refused, damaged } = resent
  for (const name of damaged) printWarning(`${folder}/${name} is torn: skipped`)
  for (const name of spool.foreign()) printWarning(`${folder}/${name} is none of ours: skipped`)
  if (refused > 0) printWarning(`${refused} requests were refused for good, and are gone`)
  if (left > 0) printWarning(`${left} requests are left: ${reason ?? 'the time was over'}`)
  console.log(sent === 0 && left === 0 ? 'nothing to send' : `${sent} requests sent`)
  return left > 0 ? 1 : 0
}
