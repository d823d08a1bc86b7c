// What is on this side: the spool, the program itself, the place where it runs.

import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { detectSystem } from '@stepwell/model/detect-system'
import type { Environment } from '@stepwell/model/environment'
import { Spool } from '@stepwell/otlp/spool/spool'
import { spoolFolder } from '@stepwell/otlp/spool/where'
import { isTerminal, readSmallFile } from '../libc.ts'
import { gitFacts } from '../report/git.ts'
import { VERSION } from '../version.ts'
import { type Check, fail, ok, warn } from './check.ts'

export function checkSpool(environment: Environment): Check[] {
  const folder = spoolFolder(environment)
  const checks = [writable(folder)]
  let waiting: number
  try {
    waiting = new Spool(folder).names().length
  } catch (error) {
    const { message } = error as Error
    return [
      fail('spool', `${folder} cannot be read: ${message}`, 'name a folder in STEPWELL_SPOOL'),
    ]
  }
  if (waiting > 0)
    checks.push(warn('spool', `${waiting} requests wait in ${folder}`, 'send them: stepwell flush'))
  const torn = existsSync(folder)
    ? readdirSync(folder).filter((name) => name.endsWith('.damaged'))
    : []
  if (torn.length > 0)
    checks.push(
      warn(
        'spool',
        `${torn.length} files in ${folder} are torn and were set aside`,
        'they hold nothing that can be sent: delete *.damaged',
      ),
    )
  return checks
}

/** The folder, or the one in which it would be made. */
function writable(folder: string): Check {
  let existing = folder
  while (!existsSync(existing) && existing !== dirname(existing)) existing = dirname(existing)
  try {
    accessSync(existing, constants.W_OK | constants.X_OK)
    return ok('spool', `${folder} can be written`)
  } catch (error) {
    return fail(
      'spool',
      `${folder} cannot be written (${(error as { code?: string }).code}): what is not delivered is lost`,
      'name a folder in STEPWELL_SPOOL, or use exec --on-export-failure log',
    )
  }
}

export function checkPlace(environment: Environment, folder: string): Check[] {
  const system = detectSystem(environment, readSmallFile)
  const { workflowUid } = { ...system?.facts }
  const { repo, commitSha } = gitFacts(folder)
  const where = isTerminal(1)
    ? 'a terminal: its output is not copied, and so not sent as log lines'
    : 'no terminal: output is copied, and sent as log lines'
  return [
    ok('wrapper', `stepwell ${VERSION}, Bun ${Bun.version}, ${process.platform}-${process.arch}`),
    ok('terminal', where),
    commitSha || repo
      ? ok('git', [repo, commitSha?.slice(0, 12)].filter(Boolean).join(' at '))
      : ok('git', 'no repository here: --repo and --commit say what the work is on'),
    !system
      ? ok('ci', 'no CI system here')
      : workflowUid || environment.WORKFLOW_UID
        ? ok('ci', `${system.system}, run ${environment.WORKFLOW_UID || workflowUid}`)
        : warn(
            'ci',
            `${system.system}, but not which run this is`,
            'name it in WORKFLOW_UID, or its steps meet in no trace',
          ),
  ]
}
