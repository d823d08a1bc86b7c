// The flags of every verb that runs a command with its output copied.

import { ATTRIBUTE_FLAG, attributesOf } from '../attribute-flag.ts'
import { type Flag, type Parsed, parseDuration } from '../flags.ts'
import type { OnExportFailure } from '../report/undelivered.ts'
import type { AnnounceTo, Work } from './work.ts'

const ANNOUNCE = ['stderr', 'stdout', 'off'] as const satisfies readonly AnnounceTo[]

const ON_EXPORT_FAILURE = ['spool', 'log'] as const satisfies readonly OnExportFailure[]

export const RUN_FLAGS: readonly Flag[] = [
  {
    name: '--announce',
    value: 'WHERE',
    choices: ANNOUNCE,
    help: 'the two JSON lines: stderr (off on a terminal), stdout or off',
  },
  { name: '--output-dir', value: 'DIR', help: 'gets trace_id, span_id, traceparent, exit_code' },
  {
    name: '--on-export-failure',
    value: 'WHAT',
    choices: ON_EXPORT_FAILURE,
    help: 'spool or log (stderr) what nobody took ($STEPWELL_ON_EXPORT_FAILURE)',
  },
  { name: '--timeout', value: 'TIME', help: 'after this the command gets TERM: 90s, 30m, 2h' },
  { name: '--kill-after', value: 'TIME', help: 'and after this KILL (10s)' },
  ATTRIBUTE_FLAG,
  { name: '--record-args', help: 'tells the arguments of COMMAND too, without their secrets' },
  {
    name: '--error-rules',
    value: 'FILE',
    help: 'own error classes and secrets ($STEPWELL_ERROR_RULES)',
  },
  {
    name: '--log-format',
    value: 'FORMAT',
    choices: ['text', 'json'],
    help: 'json: output as JSON lines with trace_id; text: as it is',
  },
]

/** Throws a `UsageError` where a value cannot be what its flag says. */
export function runOptions({
  flags,
  lists,
}: Parsed): Pick<
  Work,
  | 'announce'
  | 'onExportFailure'
  | 'timeout'
  | 'killAfter'
  | 'outputFolder'
  | 'recordArguments'
  | 'attributes'
  | 'rules'
  | 'jsonLines'
> {
  const announce = flags.get('--announce') as AnnounceTo | undefined
  const timeout = flags.get('--timeout')
  const rules = flags.get('--error-rules')
  const killAfter = flags.get('--kill-after')
  return {
    announce,
    onExportFailure: flags.get('--on-export-failure') as OnExportFailure | undefined,
    timeout: timeout === undefined ? undefined : parseDuration('--timeout', timeout),
    killAfter: killAfter === undefined ? undefined : parseDuration('--kill-after', killAfter),
    outputFolder: flags.get('--output-dir'),
    recordArguments: flags.has('--record-args'),
    attributes: attributesOf(lists.get(ATTRIBUTE_FLAG.name)),
    rules: rules === undefined ? undefined : rulesIn(rules),
    jsonLines: flags.get('--log-format') === 'json',
  }
}

/** Loaded where a file is named: nothing of it is on the way to a start without one. */
function rulesIn(path: string) {
  const { givenRules } = require('../report/rules.ts') as typeof import('../report/rules.ts')
  return givenRules(path)
}
