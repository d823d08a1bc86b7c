// `stepwell task sync`: what changed in Task Master's list of tasks since the last look, reported once.

import { existsSync, realpathSync } from 'node:fs'
import { type Environment, isDisabled } from '@stepwell/model/environment'
import { isExported } from '@stepwell/otlp/export/exported'
import { factsOfFlags, TASK_FACT_FLAGS } from '../fact-flags.ts'
import { type Flag, parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { completeFacts, reportEnded } from '../report-verb.ts'
import { contextOf } from '../run/context.ts'
import { printWarning } from '../run/warnings.ts'
import { syncList } from './look.ts'
import { defaultStateFile } from './state.ts'
import { TaskListError } from './tasks-file.ts'

/** Where Task Master keeps it, and where its first versions did. */
const PLACES = ['.taskmaster/tasks/tasks.json', 'tasks/tasks.json']

const FACT_FLAGS = TASK_FACT_FLAGS.filter(({ fact }) => fact !== 'taskId')

const FLAGS: readonly Flag[] = [
  {
    name: '--since',
    value: 'REF',
    help: 'compare with this git commit, in place of the last sync',
  },
  { name: '--all', help: 'report every finished task, also where nothing changed' },
  { name: '--tag', value: 'NAME', help: 'only this tag of the list' },
  { name: '--state', value: 'FILE', help: 'keeps what the last sync saw (in $XDG_STATE_HOME)' },
  ...FACT_FLAGS,
]

export const TASK_SYNC: Verb = {
  name: 'task sync',
  usage: 'stepwell task sync [FILE] [FLAGS]',
  about:
    'Reports the tasks of Task Master that were done, cancelled or reopened since the last sync. FILE is\n.taskmaster/tasks/tasks.json, or tasks/tasks.json. The first sync only notes what there is.',
  flags: FLAGS,
  operand: 'FILE',
  examples: [
    'stepwell task sync',
    'stepwell task sync --since "$BEFORE"   # in CI: no state needed',
  ],
}

export async function taskSync(args: readonly string[], environment: Environment): Promise<number> {
  const [first = ''] = args
  const hasFile = first !== '' && !first.startsWith('-')
  const { flags, rest } = parseFlags(TASK_SYNC, hasFile ? args.slice(1) : args)
  if (flags.has('--help')) return printHelp(TASK_SYNC)
  const [file, ...more] = hasFile ? [first, ...rest] : rest
  if (more.length > 0) throw new UsageError(`${more[0]} is too much: ${TASK_SYNC.usage}`)
  const [since, state] = [flags.get('--since'), flags.get('--state')]
  const all = flags.has('--all')
  if (since !== undefined && (state !== undefined || all))
    throw new UsageError('--since compares with a commit: leave out --state and --all')
  const given = factsOfFlags(FACT_FLAGS, flags)
  if (isDisabled(environment) || !isExported('traces', environment, () => {})) {
    printWarning('spans are switched off: nothing is compared, reported or noted')
    return 0
  }
  try {
    const path = findList(file)
    const context = contextOf('task', given, environment, printWarning)
    const facts = completeFacts(context, environment)
    const stateFile = state ?? defaultStateFile(environment, path)
    return await syncList(
      { path, since, all, tag: flags.get('--tag'), stateFile, facts },
      (spans) => reportEnded(spans, environment),
    )
  } catch (error) {
    if (!(error instanceof TaskListError)) throw error
    printWarning(error.message)
    return 1
  }
}

/** Its real path: the same list has the same state, from wherever it is named. */
function findList(file: string | undefined): string {
  for (const place of file === undefined ? PLACES : [file])
    if (existsSync(place)) return realpathSync(place)
  throw new TaskListError(
    file === undefined
      ? `no list of tasks here: neither ${PLACES.join(' nor ')}; name it: ${TASK_SYNC.usage}`
      : `${file} is not there`,
  )
}
